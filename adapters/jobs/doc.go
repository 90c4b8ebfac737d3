// Package jobs runs work in the background on River, in the service's own database: in PostgreSQL for all copies
// together, in SQLite for the one process that serves. What to know to add a job stands in core/jobs.
//
// River's tables stand in our schema. Each kind has a queue of its own, so that a copy may leave out a kind. A job that a
// dead copy left running is freed here: at the start for SQLite, whose file only one process serves; for PostgreSQL once
// the copy has not been seen for a while. River itself would know only by the job's timeout.
package jobs
