UPDATE bank_version SET version = version + 1
