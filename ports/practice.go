package ports

import "github.com/journey-os/journey-api/core/practice"

// The ports below are core/practice's: practice.Service calls them. sqlitedb.Store and postgresdb.Store implement them.

// PracticeRecorder changes a student's practice.
type PracticeRecorder = practice.Recorder

// PracticeReader reads sessions.
type PracticeReader = practice.Reader

// BankReader reads the whole bank, for picks.
type BankReader = practice.BankReader

// Prerequisites is core/practice's: it reads them from outside the bank. neo4jdb.Prerequisites implements it.
type Prerequisites = practice.Prerequisites
