package tracing

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A ratio is taken of the trace's id, and a stranger chooses theirs: it must not choose for us.
func TestAStrangersTraceIDDoesNotDecide(t *testing.T) {
	stranger := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	parameters := sdktrace.SamplingParameters{
		ParentContext: trace.ContextWithRemoteSpanContext(t.Context(), stranger), TraceID: stranger.TraceID(),
	}
	v := variables{isTrusted: func(context.Context) bool { return false }, values: map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}}
	sampler, _ := v.sampler()
	recorded := 0
	for range 1000 {
		if sampler.ShouldSample(parameters).Decision == sdktrace.RecordAndSample {
			recorded++
		}
	}
	if recorded < 300 || recorded > 700 {
		t.Errorf("recorded %d of 1000", recorded)
	}
}
