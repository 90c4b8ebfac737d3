SELECT version FROM journey.bank_version
