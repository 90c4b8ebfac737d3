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

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// Routes registers the routes of an engine.
type Routes func(*Registry)

// Registry has every route of a server. Routes are added only by Handle and Page.
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

// output is a Reply for Huma.
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
			if err == nil && reply.later != nil {
				reply.encoded, err = encodeAccepted(&route, reply.later)
			}
			if err != nil {
				return nil, errorOf(err)
			}
			return &output[O]{Status: status, Body: success[O]{Data: reply.Data, Meta: reply.Meta, encoded: reply.encoded}}, nil
		})
	}, func(operation *huma.Operation) {
		documentSuccess(r.api.OpenAPI(), operation, &route)
	})
}

// register adds a route to Huma: add registers its operation, and describe completes the documentation of its
// successful reply.
func register(r *Registry, route *Route, input reflect.Type, add func(huma.Operation), describe func(*huma.Operation)) {
	if !r.accept(route) {
		return
	}
	operation := operationOf(route)
	if input.NumField() > 0 {
		operation.Middlewares = huma.Middlewares{useDecoded}
	}
	r.adding = route
	add(operation)
	r.adding = nil
	documented := documentedOperation(r.api.OpenAPI(), route)
	describe(documented)
	documentInput(documented, route)
	r.documentFailuresOf(documented, route)
	route.learn(documented)
	namesStudent := names(documented, "path", studentField) || route.namesStudentInQuery() || bodyStudentOf(input) != nil
	r.refuse(*route, errors.Join(institutionNamed(documented, route), recordsChecked(route, namesStudent)))
}

// page registers a GET route of the service itself, whose successful reply is no JSON envelope.
func (r *Registry) page(route Route, replies map[string]*huma.Response, handler fiber.Handler) {
	route.Method = http.MethodGet
	if !r.accept(&route) {
		return
	}
	operation := operationOf(&route)
	for _, name := range route.parameters {
		operation.Parameters = append(operation.Parameters, &huma.Param{
			Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Pattern: textPattern},
			Example: sampleOf(&route, name),
		})
	}
	r.documentFailuresOf(&operation, &route)
	maps.Copy(operation.Responses, replies)
	r.api.OpenAPI().AddOperation(&operation)
	r.mount(&route, handler)
}

// undocumented registers a public route that is no part of the API.
func (r *Registry) undocumented(method, path string, handler fiber.Handler) {
	route := Route{Method: method, Path: path, Access: core.Public()}
	if r.accept(&route) {
		r.mount(&route, handler)
	}
}

func (r *Registry) mount(route *Route, handler fiber.Handler) {
	r.adding = route
	router{Router: r.server.app, registry: r}.Add(route.Method, fiberPath(route.Path), handler)
	r.adding = nil
}

// sampleOf returns the route's sample of a parameter; nil if there is none.
func sampleOf(route *Route, name string) any {
	if sample, ok := route.Sample.Parameters[name]; ok {
		return sample
	}
	return nil
}

// documentedMethods are the methods that a route can be registered for; HEAD comes with GET, OPTIONS with CORS.
var documentedMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// successStatuses are the statuses that the success envelope can come with; only /health has 503.
var successStatuses = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusServiceUnavailable}

// accept refuses a route without a rule, a duplicate, and a contradictory one.
func (r *Registry) accept(route *Route) bool {
	if len(route.Statuses) == 0 {
		route.Statuses = []int{http.StatusOK}
	}
	if route.MaxBody == 0 {
		route.MaxBody = defaultBody
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
	if route.Tag != "" && !slices.ContainsFunc(document.Tags, func(known *huma.Tag) bool { return known.Name == route.Tag }) {
		document.Tags = append(document.Tags, &huma.Tag{Name: route.Tag})
	}
	return true
}

// contradiction returns what is wrong with the route besides its rule.
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
	isNamed := names(operation, "path", institutionParam) || names(operation, "query", institutionParam)
	if route.Access.NeedsInstitution() && !isNamed {
		return errors.New("the access rule compares institutions, and neither path nor query names one")
	}
	return nil
}

// router adds a route's chain in front of its handler, and HEAD beside GET (RFC 9110, section 9.3.2).
type router struct {
	fiber.Router
	registry *Registry
}

// Add is called only by Huma and by page.
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
