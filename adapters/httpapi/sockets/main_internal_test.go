package sockets

import (
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestMain(m *testing.M) { goroutines.Main(m) }
