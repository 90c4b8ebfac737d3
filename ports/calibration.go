package ports

import "github.com/journey-os/journey-api/core/calibration"

// The ports below are core/calibration's: its Service and InForce call them. sqlitedb.Store and postgresdb.Store
// implement them.

// RunStore keeps calibration runs.
type RunStore = calibration.RunStore

// ResultStore keeps what calibrations found for each item.
type ResultStore = calibration.ResultStore

// RunQueue hands calibration runs to the copies that compute.
type RunQueue = calibration.RunQueue

// RunFinisher ends calibration runs.
type RunFinisher = calibration.RunFinisher

// ScaleStore keeps which calibration runs are in force.
type ScaleStore = calibration.ScaleStore

// ResponseReader reads answers for calibrations and abilities.
type ResponseReader = calibration.ResponseReader
