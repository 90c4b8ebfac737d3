// Package calibration is the use case around package irt: it calibrates the items of the platform from the answers of
// all institutions, one run at a time on any number of copies, and keeps all runs on one scale.
//
// Service answers what callers ask. Worker, one in each copy, computes the runs. InForce is the parameters in force, for
// whoever picks items or estimates abilities.
package calibration
