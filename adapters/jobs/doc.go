// Package jobs runs background work with River, in the service's own database: in PostgreSQL for all copies together,
// in SQLite for the one process that serves. core/jobs documents how to add a job.
//
// River's tables are in our schema. Each kind has a queue of its own, so that a copy may leave out a kind. This package
// frees jobs that a dead copy left running: for SQLite at the start, since only one process serves from a file; for
// PostgreSQL once the copy has missed its heartbeats. River itself would wait for the job's timeout.
package jobs
