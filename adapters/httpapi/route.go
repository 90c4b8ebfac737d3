package httpapi

import (
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/journey-os/journey-api/core"
)

// Route describes a route. Its access rule is enforced on each request, and shown in the OpenAPI document, from this
// one value.
type Route struct {
	Method string
	// Path is a pattern: /api/example/{institution_id}.
	Path string
	// Access is required: its zero value is refused when the route is registered. core.AllowRoles always lets
	// superadmins in. If the rule asks for the caller's own institution, the path or a declared query parameter names
	// the institution as institution_id. If it is core.OnRecord, the path, the query or the body names the student as
	// student_id, or the route sets LoadsRecord. The handler then checks each record that it loads with
	// RecordAccessOf(ctx): a reply about a record that was not checked becomes an internal error.
	Access core.Access
	// LoadsRecord reports whether the request names no student, so that only the handler finds out whose record it is.
	LoadsRecord bool
	// Tag groups routes in the documentation.
	Tag, Summary, Description string
	// Errors are the codes that the route's handler causes itself, beyond those that its rule and its input cause.
	Errors []core.Code
	// Timeout bounds the handler; 0 is Config.RequestTimeout.
	Timeout time.Duration
	// MaxBody bounds the body, in bytes; 0 is 64 KiB. Config.MaxBodyBytes bounds it too. A route whose input has no Body
	// ignores up to 4 KiB of one.
	MaxBody int
	// Sample is a valid request of this route.
	Sample Sample

	// Statuses are those of a successful reply: 200, 201, 202; only 200 if none is named. The first is the usual one.
	Statuses []int
	// Headers describe the reply's headers that Reply.Header may set, by their names; pages of listed origins may read
	// them. Location needs no mention.
	Headers map[string]string
	// Accepted is a value of the data's type with status 202, if that differs from the other statuses: see the function
	// Accepted.
	Accepted any
	// Meta is a value of the type of the success envelope's meta; nil if it has none.
	Meta any

	// parameters are the names of the path parameters.
	parameters []string
	query      []queryParameter
	headers    []headerParameter
	// hasBody reports whether the input has a body.
	hasBody bool
	// probe reports whether load balancers call the route: it is answered whatever the load, and logged at DEBUG.
	probe bool
}

// Sample is an example of a request. The documentation shows it, and the role matrix of the tests sends it; it must
// succeed for every caller whom the rule allows.
type Sample struct {
	// Body is the value that is sent as the JSON body; nil for none.
	Body any
	// Parameters are those of path and query, by their names.
	Parameters map[string]string
}

// takes reports whether every path that matches another pattern also matches the route's own: a parameter matches any
// one segment.
func (route *Route) takes(pattern string) bool {
	own, other := strings.Split(route.Path, "/"), strings.Split(pattern, "/")
	return slices.EqualFunc(own, other, func(own, other string) bool {
		return own == other || pathParameters.MatchString(own)
	})
}

// learn reads from the documented operation what the chain needs to know of a request's input.
func (route *Route) learn(operation *huma.Operation) {
	route.hasBody = operation.RequestBody != nil
	for _, parameter := range operation.Parameters {
		switch parameter.In {
		case "query":
			route.query = append(route.query, queryParameterOf(parameter))
		case "header":
			route.headers = append(route.headers, headerParameterOf(parameter))
		}
	}
}

func (route *Route) namesStudentInQuery() bool {
	return slices.ContainsFunc(route.query, func(parameter queryParameter) bool { return parameter.name == studentField })
}

// names reports whether an operation has this parameter.
func names(operation *huma.Operation, in, name string) bool {
	return slices.ContainsFunc(operation.Parameters, func(parameter *huma.Param) bool {
		return parameter.In == in && parameter.Name == name
	})
}
