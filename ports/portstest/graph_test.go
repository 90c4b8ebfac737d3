package portstest_test

import (
	"testing"

	"github.com/journey-os/journey-api/ports/portstest"
)

func TestTheGraphInMemoryKeepsTheContract(t *testing.T) {
	portstest.GraphSuite(t, func(_ *testing.T, concepts ...string) (portstest.ReadableGraph, string, string) {
		return portstest.NewMemoryGraph(concepts...), "ana", "bea"
	})
}
