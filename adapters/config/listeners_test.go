package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTwoListenersOnOnePortAreAFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		host, port     string
		metrics, debug string
		want           []string
	}{
		{"every interface", "0.0.0.0", "9090", ":9090", "", []string{"has the port of API_PORT (9090)"}},
		{"every interface of IPv4 and one address", "0.0.0.0", "9090", "10.0.0.7:9090", "", []string{"has the port of API_PORT (9090)"}},
		{"one address and every interface", "10.0.0.7", "9090", "[::]:9090", "", []string{"has the port of API_PORT (9090)"}},
		{"a name and every interface", "api.internal", "9090", "0.0.0.0:9090", "", []string{"has the port of API_PORT (9090)"}},
		{"one address twice", "10.0.0.7", "9090", "10.0.0.7:9090", "", []string{"has the port of API_PORT (9090)"}},
		{"one name twice", "api.internal", "9090", "API.internal:9090", "", []string{"has the port of API_PORT (9090)"}},
		{"the port written in another way", "127.0.0.1", "9090", "127.0.0.1:09090", "", []string{"has the port of API_PORT (9090)"}},
		{"the debugging page", "0.0.0.0", "6060", "", "localhost:6060", []string{"has the port of API_PORT (6060)"}},
		{"the two pages", "0.0.0.0", "8000", ":6060", "127.0.0.1:6060", []string{"has the port of METRICS_ADDR (6060)"}},
		{"all three", "0.0.0.0", "8000", ":8000", "[::ffff:127.0.0.1]:8000", []string{"has the port of API_PORT (8000)", "has the port of API_PORT (8000)"}},

		{"three ports", "0.0.0.0", "8000", ":9090", "127.0.0.1:6060", nil},
		{"any free port", "0.0.0.0", "0", ":0", "127.0.0.1:0", nil},
		{"two addresses", "10.0.0.7", "9090", "10.0.0.8:9090", "", nil},
		{"IPv4 and an address of IPv6", "0.0.0.0", "9090", "[::1]:9090", "", nil},
		{"two names", "api.internal", "9090", "metrics.internal:9090", "", nil},
		{"a port that has a fault itself", "0.0.0.0", "70000", ":9090", "", []string{`"70000" is not a whole number from 0 to 65535`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, map[string]string{
				"API_HOST": tt.host, "API_PORT": tt.port, "METRICS_ADDR": tt.metrics, "DEBUG_ADDR": tt.debug,
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
