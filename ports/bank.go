package ports

import "github.com/journey-os/journey-api/core/bank"

// Catalogue and BankWriter are core/bank's: its use cases call them, and httpapi lists the bank by Catalogue.
// sqlitedb.Store and postgresdb.Store implement them.
type (
	Catalogue  = bank.Catalogue
	BankWriter = bank.Writer
)
