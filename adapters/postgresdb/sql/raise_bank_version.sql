UPDATE journey.bank_version SET version = version + 1
