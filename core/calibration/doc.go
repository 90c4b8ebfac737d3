// Package calibration is the use case around package irt. It calibrates the items of the platform from the answers of
// all institutions, and keeps all runs on one scale. One run at a time is computed, by any of the service's copies.
//
// Service starts, computes and reads runs. InForce is the parameters in force, for packages that pick items or estimate
// abilities.
package calibration
