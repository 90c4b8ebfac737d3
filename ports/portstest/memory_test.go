package portstest_test

import (
	"testing"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestTheMemoryKeepsTheContracts(t *testing.T) {
	portstest.MasterySuite(t, func(*testing.T) portstest.MasteryStore { return portstest.NewMemory() })
}

func TestEdgesInMemoryKeepTheContract(t *testing.T) {
	portstest.PrerequisitesSuite(t, func(_ *testing.T, edges []adaptive.Edge) ports.Prerequisites { return portstest.Edges(edges) })
}
