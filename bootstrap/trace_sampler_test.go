package main

import (
	"fmt"
	"net/http"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
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
		{"always_on", trusted, "00", true},
		{"always_off", trusted, "01", false},
		{"traceidratio", trusted, "00", true},
	} {
		t.Run(fmt.Sprintf("%s, trusting %q, told %s", tt.sampler, tt.proxies, tt.flag), func(t *testing.T) {
			c := startCollector(t, nil)
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
			if recorded := len(c.spans()) == 1; recorded != tt.recorded {
				t.Errorf("recorded %q", c.names())
			}
		})
	}
}

// A ratio is taken of the trace's id, and a stranger chooses theirs: it must not choose for us.
func TestAStrangersTraceIDDoesNotDecide(t *testing.T) {
	stranger := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	parameters := sdktrace.SamplingParameters{
		ParentContext: trace.ContextWithRemoteSpanContext(t.Context(), stranger), TraceID: stranger.TraceID(),
	}
	for _, name := range []string{"traceidratio", "parentbased_traceidratio"} {
		v := traceVariables{values: map[string]string{"OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": "0.5"}}
		sampler, _ := v.sampler()
		recorded := 0
		for range 1000 {
			if sampler.ShouldSample(parameters).Decision == sdktrace.RecordAndSample {
				recorded++
			}
		}
		if recorded < 300 || recorded > 700 {
			t.Errorf("%s recorded %d of 1000", name, recorded)
		}
	}
}
