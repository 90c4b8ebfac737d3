package ports

import "github.com/journey-os/journey-api/core/mastery"

// Recorder and RecordReader are core/mastery's: mastery.Service calls them. sqlitedb.Store and postgresdb.Store implement
// them.
type (
	Recorder     = mastery.Recorder
	RecordReader = mastery.Reader
)
