package cli

import (
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestTheServiceIsAskedOnItsOwnMachine(t *testing.T) {
	for host, want := range map[string]string{"0.0.0.0": "127.0.0.1:8000", "::": "127.0.0.1:8000", "10.0.0.7": "10.0.0.7:8000", "::1": "[::1]:8000"} {
		if got := localAddress(config.HTTP{Host: host, Port: 8000}); got != want {
			t.Errorf("%s is asked at %s, want %s", host, got, want)
		}
	}
}
