package sockets

import (
	"os"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Run(m)) }
