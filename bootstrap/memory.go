package main

import "runtime/debug"

// gcPercent lets the heap grow to five times what lives before it is collected. Little lives between two requests, about
// 2 MB, so that the usual 100 collects every few hundred requests and costs a fifth of the speed (make bench); this costs
// some 10 MB.
const gcPercent = 400

// tuneMemory sets the collector's pace where the operator has not. GOMEMLIMIT bounds the memory all the same.
func tuneMemory(environment map[string]string) {
	if environment["GOGC"] == "" {
		debug.SetGCPercent(gcPercent)
	}
}
