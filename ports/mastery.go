package ports

import "github.com/journey-os/journey-api/core/mastery"

// The ports below are core/mastery's: mastery.Service calls them. sqlitedb.Store and postgresdb.Store implement them.

// Recorder records answers.
type Recorder = mastery.Recorder

// RecordReader reads what is known of a student.
type RecordReader = mastery.Reader

// ParameterStore keeps the versions of a concept's parameters.
type ParameterStore = mastery.ParameterStore

// AnswerReader reads a concept's answers for a fit.
type AnswerReader = mastery.AnswerReader

// Graph is where other programs read states: mastery.Syncer calls it, and neo4jdb.Client implements it.
type Graph = mastery.Graph

// Outbox is what the graph has yet to get: mastery.Syncer calls it.
type Outbox = mastery.Outbox

// Removals are the students whom the graph has yet to lose: mastery.Syncer calls it.
type Removals = mastery.Removals

// LagReader tells how far the graph is behind.
type LagReader = mastery.LagReader
