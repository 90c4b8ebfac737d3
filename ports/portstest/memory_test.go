package portstest_test

import (
	"testing"

	"github.com/journey-os/journey-api/ports/portstest"
)

func TestTheMemoryKeepsTheContracts(t *testing.T) {
	portstest.MasterySuite(t, func(*testing.T) portstest.MasteryStore { return portstest.NewMemory() })
}
