package tracing

import (
	"context"
	"math/rand/v2"
	"strconv"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const defaultSampler = "parentbased_always_on"

// sampler reads which traces are recorded, and returns its name too.
func (v *variables) sampler() (chosen sdktrace.Sampler, name string) {
	name = v.get("OTEL_TRACES_SAMPLER")
	switch name {
	case "":
		name = defaultSampler
	case "always_on", "always_off", "traceidratio", defaultSampler, "parentbased_always_off", "parentbased_traceidratio":
	default:
		v.warn("OTEL_TRACES_SAMPLER", "is not known: "+defaultSampler+" is taken")
		name = defaultSampler
	}
	switch name {
	case "always_on":
		return v.withoutParent(sdktrace.AlwaysSample()), name
	case "always_off":
		return v.withoutParent(sdktrace.NeverSample()), name
	case "traceidratio":
		return v.withoutParent(sdktrace.TraceIDRatioBased(v.ratio())), name
	case "parentbased_always_off":
		return v.withParent(sdktrace.NeverSample()), name
	case "parentbased_traceidratio":
		return v.withParent(sdktrace.TraceIDRatioBased(v.ratio())), name
	default:
		return v.withParent(sdktrace.AlwaysSample()), name
	}
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

// trustingSampler decides by itself for a request whose trace was named by somebody who is no trusted proxy.
type trustingSampler struct {
	sdktrace.Sampler                  // for all other spans
	root             sdktrace.Sampler // as if the request began the trace
	isTrusted        func(context.Context) bool
}

// withParent lets root decide if nobody did before.
func (v *variables) withParent(root sdktrace.Sampler) sdktrace.Sampler {
	return trustingSampler{Sampler: sdktrace.ParentBased(root), root: root, isTrusted: v.isTrusted}
}

// withoutParent lets root decide for every request, whatever a proxy says; what happens within a request follows it.
func (v *variables) withoutParent(root sdktrace.Sampler) sdktrace.Sampler {
	alone := sdktrace.ParentBased(root, sdktrace.WithRemoteParentSampled(root), sdktrace.WithRemoteParentNotSampled(root))
	return trustingSampler{Sampler: alone, root: root, isTrusted: v.isTrusted}
}

// ShouldSample takes an id of its own where it trusts nobody: a ratio is taken of the id, and the caller chose theirs.
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
