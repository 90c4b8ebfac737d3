package httpapi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryTimeoutReachesTheWire(t *testing.T) {
	config := Config{MaxBodyBytes: 1, MaxHeaderBytes: 4096, ReadTimeout: time.Second, WriteTimeout: 2 * time.Second, IdleTimeout: 3 * time.Second}
	server := newApp(config, nil).Server()
	got := []time.Duration{server.ReadTimeout, server.WriteTimeout, server.IdleTimeout}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
