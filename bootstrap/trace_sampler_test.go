package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/collector"
)

func TestOnlyATrustedProxySaysWhetherATraceIsRecorded(t *testing.T) {
	t.Parallel()
	const trusted = "127.0.0.0/8"
	for _, tt := range []struct {
		sampler, proxies, flag string
		recorded               bool
	}{
		{"parentbased_always_on", "", "00", true},
		{"parentbased_always_on", "", "01", true},
		{"parentbased_always_on", trusted, "00", false},
		{"parentbased_always_on", trusted, "01", true},
		{"parentbased_always_off", "", "01", false},
		{"parentbased_always_off", trusted, "01", true},
		{"parentbased_always_off", "192.0.2.1", "01", false},
		{"parentbased_traceidratio", "", "00", true},
		{"parentbased_traceidratio", trusted, "00", false},
	} {
		t.Run(fmt.Sprintf("%s, trusting %q, told %s", tt.sampler, tt.proxies, tt.flag), func(t *testing.T) {
			t.Parallel()
			c := collector.Start(t, nil)
			r := boot(t, traced(c, "OTEL_TRACES_SAMPLER", tt.sampler, "TRUSTED_PROXIES", tt.proxies))
			asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/me", nil)
			if err != nil {
				t.Fatal(err)
			}
			asked.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"+tt.flag)
			response, err := r.client.Do(asked)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			r.stop()
			if err := r.wait(); err != nil {
				t.Error(err)
			}
			if recorded := len(c.Spans()) == 1; recorded != tt.recorded {
				t.Errorf("recorded %q", c.Names())
			}
		})
	}
}
