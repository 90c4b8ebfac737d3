// Package spans shows the spans that a test has recorded in a form that compares as a whole.
package spans

import (
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// Seen is what a span says.
type Seen struct {
	Name       string
	Attributes map[string]any
	Failed     bool
}

// Of leaves out what differs from run to run: ids and times.
func Of(span tracetest.SpanStub) Seen {
	s := Seen{Name: span.Name, Attributes: map[string]any{}, Failed: span.Status.Code == codes.Error}
	for _, attribute := range span.Attributes {
		s.Attributes[string(attribute.Key)] = attribute.Value.AsInterface()
	}
	return s
}
