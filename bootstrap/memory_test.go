package main

import (
	"runtime/debug"
	"testing"
)

func TestTheCollectorsPaceIsTheOperatorsWhereSet(t *testing.T) {
	before := debug.SetGCPercent(123)
	defer debug.SetGCPercent(before)
	tuneMemory(map[string]string{"GOGC": "50"}) // the runtime has taken it already
	if got := debug.SetGCPercent(123); got != 123 {
		t.Errorf("with GOGC set it became %d", got)
	}
	tuneMemory(nil)
	if got := debug.SetGCPercent(before); got != gcPercent {
		t.Errorf("without GOGC it became %d", got)
	}
}
