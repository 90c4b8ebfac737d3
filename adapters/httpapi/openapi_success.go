package httpapi

import (
	"maps"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/journey-os/journey-api/ports/correlation"
)

// documentSuccess describes the success envelope for every status of the route. Huma has described the first one.
func documentSuccess(document *huma.OpenAPI, operation *huma.Operation, route *Route) {
	schemas := document.Components.Schemas
	usual := operation.Responses[strconv.Itoa(route.Statuses[0])].Content[jsonType].Schema
	envelope := schemas.SchemaFromRef(usual.Ref)
	delete(envelope.Properties, "meta")
	for _, status := range route.Statuses {
		schema := usual
		if route.Meta != nil {
			schema = withProperty(schemas, envelope, "meta", route.Meta)
		}
		if route.Accepted != nil && status == http.StatusAccepted {
			schema = withProperty(schemas, envelope, "data", route.Accepted)
		}
		operation.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Headers:     successHeaders(route, status),
			Content:     map[string]*huma.MediaType{jsonType: {Schema: schema}},
		}
	}
}

// successHeaders returns the headers of a success, including those of this route.
func successHeaders(route *Route, status int) map[string]*huma.Param {
	names := []string{correlation.Header}
	if !route.Access.IsPublic() {
		names = append(names, headerRateLimit, headerRateLimitPolicy)
	}
	if status == http.StatusCreated || status == http.StatusAccepted {
		names = append(names, "Location")
	}
	headers := headerReferences(names)
	for name, description := range route.Headers {
		headers[name] = &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return headers
}

// withProperty returns an envelope in which one property has the given value's type.
func withProperty(schemas huma.Registry, envelope *huma.Schema, name string, value any) *huma.Schema {
	changed := *envelope
	changed.Properties = maps.Clone(envelope.Properties)
	changed.Properties[name] = schemas.Schema(reflect.TypeOf(value), true, name)
	return &changed
}

func headerReferences(names []string) map[string]*huma.Param {
	references := map[string]*huma.Param{}
	for _, name := range names {
		references[name] = &huma.Param{Ref: componentsPath + "headers/" + name}
	}
	return references
}

func replyHeaders() map[string]*huma.Param {
	text := func(description string) *huma.Param {
		return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Param{
		correlation.Header:    text("The request's id: the caller's own if it is well formed, else a fresh one"),
		"WWW-Authenticate":    text("The challenge of RFC 6750"),
		"Retry-After":         text("Whole seconds until the same request can succeed"),
		"Allow":               text("The methods that the route takes"),
		"Location":            text("Where the thing that was made, or is being made, can be found"),
		headerRateLimit:       text("If requests are limited: the policy, how many requests are left (r), and the seconds until there are more (t)"),
		headerRateLimitPolicy: text("If requests are limited: the policy's name, how many requests (q), in how many seconds (w)"),
	}
}
