package ports

import "github.com/journey-os/journey-api/core/jobs"

// Jobs is core/jobs's: use cases call it to have work done in the background. adapters/jobs.Queue implements it.
type Jobs = jobs.Queue
