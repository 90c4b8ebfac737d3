package ports

import "github.com/journey-os/journey-api/core/bank"

// Catalogue is core/bank's; httpapi lists the bank by it. sqlitedb.Store and postgresdb.Store implement it.
type Catalogue = bank.Catalogue

// BankWriter is core/bank's; the bank's import calls it. sqlitedb.Store and postgresdb.Store implement it.
type BankWriter = bank.Writer
