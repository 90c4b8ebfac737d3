package httpapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// Route is what a route says of itself. Its access rule is enforced on each request, and shown in the OpenAPI document,
// from this one value.
type Route struct {
	Method string
	// Path is a pattern: /api/example/{institution_id}.
	Path string
	// Access is required: its zero value is refused when the route is registered. core.AllowRoles always lets superadmins
	// in. If the rule asks for the caller's own institution, the path or a declared query parameter names the institution
	// as institution_id. If it is core.OnRecord, the path, the query or the body names the student as student_id, or the
	// route says LoadsRecord; and the handler asks RecordAccessOf(ctx) about each record that it loads: a reply about a
	// record that was not checked becomes an internal error.
	Access core.Access
	// LoadsRecord says that the request names no student, so that the handler alone finds out whose record it is.
	LoadsRecord bool
	// Tag groups routes in the documentation.
	Tag, Summary, Description string
	// Errors are the codes that the route's handler causes itself, beyond those that its rule and its input cause.
	Errors []core.Code
	// Timeout ends what the handler does; 0 is Config.RequestTimeout.
	Timeout time.Duration
	// MaxBody bounds the body, in bytes; 0 is 64 KiB. Config.MaxBodyBytes bounds it too. A route whose input has no Body
	// ignores up to 4 KiB of one.
	MaxBody int
	// Sample is a request that this route takes.
	Sample Sample

	// Statuses are those that the success envelope comes with: 200, 201, 202; 200 alone if none is named. The first is the
	// usual one.
	Statuses []int
	// Headers describe the reply's headers that Reply.Header may set, by their names. Location needs no mention.
	Headers map[string]string
	// Meta is a value of the type that the success envelope's meta has; nil if it never comes with one.
	Meta any

	// parameters are the names of those in the path.
	parameters []string
	query      []queryParameter
	headers    []headerParameter
	// hasBody reports whether the input has a body.
	hasBody bool
	// probe marks what a load balancer asks: it is answered whatever the load, and logged at DEBUG.
	probe bool
}

// Sample is an example of a request: the documentation shows it, and the role matrix sends it, so that whoever may call
// gets a success.
type Sample struct {
	// Body is the value that is sent as the JSON body; nil for none.
	Body any
	// Parameters are those of path and query, by their names.
	Parameters map[string]string
}

// Routes registers routes that belong together: an engine's, say.
type Routes func(*Registry)

// Registry holds every route of a server. A route gets there by Handle or Page, and in no other way.
type Registry struct {
	server *Server
	api    huma.API
	routes []*Route
	codes  failureTable
	faults []error
	// adding is the route whose handlers Huma is about to add.
	adding *Route
}

func newRegistry(server *Server) *Registry {
	registry := &Registry{server: server, codes: newFailureTable()}
	registry.api = humafiber.NewWithGroup(server.app, router{Router: server.app, registry: registry}, humaConfig(server.config.Version))
	return registry
}

// Routes lists every route of the server, in the order of registration.
func (s *Server) Routes() []Route {
	routes := make([]Route, len(s.registry.routes))
	for i, route := range s.registry.routes {
		routes[i] = *route
	}
	return routes
}

// output is a Reply as Huma takes it.
type output[T any] struct {
	Status int
	Body   success[T]
}

// Handle registers a JSON route. I declares its parameters, in path, query and headers, its body and the rules they must
// fit (Huma's struct tags); O is the data of its success envelope. The handler's errors are answered by the table in
// failure_codes.go; its ctx ends with the route's Timeout and carries the correlation id and the caller.
func Handle[I, O any](r *Registry, route Route, handle func(context.Context, *I) (Reply[O], error)) {
	student := bodyStudentOf(reflect.TypeFor[I]())
	register(r, &route, reflect.TypeFor[I](), func(operation huma.Operation) {
		huma.Register(r.api, operation, func(ctx context.Context, input *I) (*output[O], error) {
			if err := student.check(ctx, input); err != nil {
				return nil, err
			}
			reply, err := handle(ctx, input)
			if err != nil {
				return nil, errorOf(err) // never a type that Huma would write by itself
			}
			status, err := replyHead{reply.Status, reply.Location, reply.Header, reply.Meta}.send(ctx)
			if err != nil {
				return nil, errorOf(err)
			}
			return &output[O]{Status: status, Body: success[O]{Data: reply.Data, Meta: reply.Meta, encoded: reply.encoded}}, nil
		})
	}, func(operation *huma.Operation) {
		documentSuccess(r.api.OpenAPI(), operation, &route)
	})
}

// register adds a route by what Huma makes of it: add registers its operation, and describe finishes what the document
// says of its success.
func register(r *Registry, route *Route, input reflect.Type, add func(huma.Operation), describe func(*huma.Operation)) {
	if !r.accept(route) {
		return
	}
	operation := r.operationOf(route)
	if input.NumField() > 0 {
		operation.Middlewares = huma.Middlewares{useDecoded}
	}
	r.adding = route
	add(operation)
	r.adding = nil
	documented := documentedOperation(r.api.OpenAPI(), route)
	describe(documented)
	documentInput(documented, route)
	route.learn(documented)
	_, inPath := find(documented.Parameters, "path", studentField)
	namesStudent := inPath || route.namesStudentInQuery() || bodyStudentOf(input) != nil
	r.refuse(*route, errors.Join(institutionNamed(documented, route), recordsChecked(route, namesStudent)))
}

// takes reports whether every path that fits another pattern fits the route's own: its parameters take any one segment.
func (route *Route) takes(pattern string) bool {
	own, other := strings.Split(route.Path, "/"), strings.Split(pattern, "/")
	return slices.EqualFunc(own, other, func(own, other string) bool {
		return own == other || pathParameters.MatchString(own)
	})
}

// learn takes from the documented operation what the chain has to know of a request's input.
func (route *Route) learn(operation *huma.Operation) {
	route.hasBody = operation.RequestBody != nil
	for _, parameter := range operation.Parameters {
		switch parameter.In {
		case "query":
			route.query = append(route.query, queryParameter{parameter.Name, parameter.Schema.Type})
		case "header":
			route.headers = append(route.headers, headerParameterOf(parameter))
		}
	}
}

func (route *Route) namesStudentInQuery() bool {
	return slices.ContainsFunc(route.query, func(parameter queryParameter) bool { return parameter.name == studentField })
}

func find(parameters []*huma.Param, in, name string) (*huma.Param, bool) {
	for _, parameter := range parameters {
		if parameter.In == in && parameter.Name == name {
			return parameter, true
		}
	}
	return nil, false
}

// page registers a GET route of the service's own, which answers no JSON envelope when it succeeds.
func (r *Registry) page(route Route, replies map[string]*huma.Response, handler fiber.Handler) {
	route.Method = http.MethodGet
	if !r.accept(&route) {
		return
	}
	operation := r.operationOf(&route)
	maps.Copy(operation.Responses, replies)
	for _, name := range route.parameters {
		operation.Parameters = append(operation.Parameters, &huma.Param{
			Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Pattern: textPattern},
			Example: sampleOf(&route, name),
		})
	}
	r.api.OpenAPI().AddOperation(&operation)
	r.adding = &route
	router{Router: r.server.app, registry: r}.Add(route.Method, fiberPath(route.Path), handler)
	r.adding = nil
}

// sampleOf is the route's sample of a parameter; nil if it brings none.
func sampleOf(route *Route, name string) any {
	if sample, ok := route.Sample.Parameters[name]; ok {
		return sample
	}
	return nil
}

// documentedMethods are those that a route can be registered for; HEAD comes with GET, OPTIONS with CORS.
var documentedMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// successStatuses are those that the success envelope can come with; /health alone comes with 503.
var successStatuses = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusServiceUnavailable}

// accept refuses a route without a rule, one that is there already, and one that says what can't be.
func (r *Registry) accept(route *Route) bool {
	if len(route.Statuses) == 0 {
		route.Statuses = []int{http.StatusOK}
	}
	if route.MaxBody == 0 {
		route.MaxBody = usualBody
	}
	for _, name := range pathParameters.FindAllStringSubmatch(route.Path, -1) {
		route.parameters = append(route.parameters, name[1])
	}
	err := errors.Join(route.Access.Validate(), r.contradiction(route))
	r.refuse(*route, err)
	if err != nil {
		return false
	}
	r.routes = append(r.routes, route)
	document := r.api.OpenAPI() // groups come in the order of registration
	if !slices.ContainsFunc(document.Tags, func(known *huma.Tag) bool { return known.Name == route.Tag }) {
		document.Tags = append(document.Tags, &huma.Tag{Name: route.Tag})
	}
	return true
}

// contradiction says what is wrong with the route besides its rule.
func (r *Registry) contradiction(route *Route) error {
	var wrong []error
	if !slices.Contains(documentedMethods, route.Method) {
		wrong = append(wrong, errors.New("the method is none that routes are registered for"))
	}
	for _, known := range r.routes {
		switch {
		case known.Method != route.Method:
		case known.Path == route.Path:
			wrong = append(wrong, errors.New("the route is registered already"))
		case known.takes(route.Path):
			wrong = append(wrong, fmt.Errorf("it never gets a request: %s, registered before it, takes them", known.Path))
		}
	}
	for _, status := range route.Statuses {
		if !slices.Contains(successStatuses, status) {
			wrong = append(wrong, fmt.Errorf("%d is no status of a success", status))
		}
	}
	for _, code := range route.Errors {
		if r.codes[code] == nil {
			wrong = append(wrong, fmt.Errorf("its code %q is not in the table: add it by Failures first", code))
		}
	}
	if route.Timeout < 0 || route.MaxBody < 0 {
		wrong = append(wrong, errors.New("its Timeout and MaxBody can't be negative"))
	}
	return errors.Join(wrong...)
}

func (r *Registry) refuse(route Route, err error) {
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s %s: %w", route.Method, route.Path, err))
	}
}

// institutionNamed refuses a rule about the caller's own institution on a route that names none.
func institutionNamed(operation *huma.Operation, route *Route) error {
	_, inPath := find(operation.Parameters, "path", institutionParam)
	_, inQuery := find(operation.Parameters, "query", institutionParam)
	if route.Access.NeedsInstitution() && !inPath && !inQuery {
		return errors.New("the access rule compares institutions, and neither path nor query names one")
	}
	return nil
}

// router adds what every route has: its chain in front, and HEAD beside GET (RFC 9110, section 9.3.2).
type router struct {
	fiber.Router
	registry *Registry
}

// Add is called by Huma and by page, and by nothing else.
func (r router) Add(method, path string, handlers ...fiber.Handler) fiber.Router {
	route := r.registry.adding
	chain := append(r.registry.server.routeChain(route), handlers...)
	if method == http.MethodGet {
		r.Router.Add(http.MethodHead, path, chain...)
	}
	return r.Router.Add(method, path, chain...)
}

var pathParameters = regexp.MustCompile(`{([^}]+)}`)

// fiberPath turns {name} into Fiber's :name.
func fiberPath(path string) string {
	return pathParameters.ReplaceAllString(path, ":$1")
}
