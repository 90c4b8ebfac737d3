package ports

import "github.com/journey-os/journey-api/core/students"

// Students is core/students's: students.Service calls it to hand out and delete records. sqlitedb.Store and
// postgresdb.Store implement it.
type Students = students.Store
