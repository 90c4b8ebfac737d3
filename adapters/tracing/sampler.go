package tracing

import (
	"cmp"
	"context"
	"math/rand/v2"
	"strconv"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	parentBased    = "parentbased_"
	defaultSampler = parentBased + "always_on"
)

// sampler reads which traces are recorded, and returns the sampler's name too. A sampler without a parent is replaced
// by the parent-based one: the only parent that counts is a trusted proxy's.
func (v *variables) sampler() (chosen sdktrace.Sampler, name string) {
	roots := map[string]func() sdktrace.Sampler{
		defaultSampler:               sdktrace.AlwaysSample,
		parentBased + "always_off":   sdktrace.NeverSample,
		parentBased + "traceidratio": func() sdktrace.Sampler { return sdktrace.TraceIDRatioBased(v.ratio()) },
	}
	name = cmp.Or(v.get("OTEL_TRACES_SAMPLER"), defaultSampler)
	if roots[name] == nil {
		sibling := parentBased + name
		if roots[sibling] == nil {
			sibling = defaultSampler
		}
		v.warn("OTEL_TRACES_SAMPLER", "is none that the service has: "+sibling+" is taken")
		name = sibling
	}
	root := roots[name]()
	return trustingSampler{Sampler: sdktrace.ParentBased(root), root: root, isTrusted: v.isTrusted}, name
}

func (v *variables) ratio() float64 {
	const variable = "OTEL_TRACES_SAMPLER_ARG"
	value := v.get(variable)
	if value == "" {
		return 1
	}
	ratio, err := strconv.ParseFloat(value, 64)
	if err != nil || !(0 <= ratio && ratio <= 1) {
		v.warn(variable, "is no number from 0 to 1: 1 is taken")
		return 1
	}
	return ratio
}

// trustingSampler ignores the parent of a request whose trace does not come from a trusted proxy.
type trustingSampler struct {
	sdktrace.Sampler                  // for all other spans
	root             sdktrace.Sampler // as if the request began the trace
	isTrusted        func(context.Context) bool
}

// ShouldSample uses a random id for an untrusted trace: a ratio is computed from the id, and the caller chose theirs.
func (s trustingSampler) ShouldSample(parameters sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(parameters.ParentContext)
	if !parent.IsRemote() || s.isTrusted(parameters.ParentContext) {
		return s.Sampler.ShouldSample(parameters)
	}
	for i := range parameters.TraceID {
		parameters.TraceID[i] = byte(rand.Uint32()) //nolint:gosec // it picks what is recorded, it hides nothing
	}
	return s.root.ShouldSample(parameters)
}
