package ports

import "github.com/journey-os/journey-api/core/mastery"

// Recorder, RecordReader, ParameterStore and AnswerReader are core/mastery's: mastery.Service calls them. sqlitedb.Store
// and postgresdb.Store implement them.
type (
	Recorder       = mastery.Recorder
	RecordReader   = mastery.Reader
	ParameterStore = mastery.ParameterStore
	AnswerReader   = mastery.AnswerReader
)
