package ports

import "github.com/journey-os/journey-api/core/mastery"

// The ports below are core/mastery's: mastery.Service calls them. sqlitedb.Store and postgresdb.Store implement them.

// Recorder records answers.
type Recorder = mastery.Recorder

// RecordReader reads records of students.
type RecordReader = mastery.Reader

// ParameterStore keeps the versions of a concept's parameters.
type ParameterStore = mastery.ParameterStore

// AnswerReader reads a concept's answers for a fit.
type AnswerReader = mastery.AnswerReader

// Graph is where other programs read states: mastery.Syncer calls it, and neo4jdb.Client implements it.
type Graph = mastery.Graph

// Outbox is the states that the graph does not have yet: mastery.Syncer calls it.
type Outbox = mastery.Outbox

// Removals are the students who are yet to be removed from the graph: mastery.Syncer calls it.
type Removals = mastery.Removals

// LagReader reads how far the graph is behind.
type LagReader = mastery.LagReader
