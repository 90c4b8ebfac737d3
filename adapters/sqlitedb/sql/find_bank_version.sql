SELECT version FROM bank_version
