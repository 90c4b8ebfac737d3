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

// Route is what a route says of itself. Its access rule is enforced on each request, and shown in the OpenAPI document,
// from this one value.
type Route struct {
	Method string
	// Path is a pattern: /api/example/{institution_id}.
	Path string
	// Access is required: its zero value is refused when the route is registered. Where it asks for the caller's own
	// institution, the path or a declared query parameter names the institution as institution_id.
	Access core.Access
	// Tag groups routes in the documentation.
	Tag, Summary, Description string
	// Errors are the codes that the route's handler causes itself, beyond those that its rule and its input cause.
	Errors []core.Code

	// Statuses are those that the success envelope comes with; 200 alone where none is named. The first is the usual one.
	Statuses []int

	// parameters and query name the path's and the query's parameters, typed those of the query that are no strings.
	parameters, query, typed []string
	// probe marks what a load balancer asks: it is answered whatever the load, and logged at DEBUG.
	probe bool
}

// Routes registers routes that belong together: an engine's, say.
type Routes func(*Registry)

// Registry holds every route of a server. A route gets there by Handle or page, and in no other way.
type Registry struct {
	server *Server
	api    huma.API
	routes []*Route
	faults []error
	// adding is the route whose handlers Huma is about to add.
	adding *Route
}

func newRegistry(server *Server) *Registry {
	registry := &Registry{server: server}
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

// Reply is what a handler answers: the data of the success envelope, and the status where it is not the usual one.
type Reply[T any] struct {
	Data   T
	Status int
	// encoded is the whole envelope, where the handler keeps it between requests.
	encoded []byte
}

// OK is the usual reply.
func OK[T any](data T) Reply[T] { return Reply[T]{Data: data} }

// output is a Reply as Huma takes it.
type output[T any] struct {
	Status int
	Body   success[T]
}

// Handle registers a JSON route. I declares its parameters and body and the rules they must fit (Huma's struct tags), O
// is the data of its success envelope. The handler's errors are answered by the table in errors.go; its ctx ends with the
// request's deadline and carries the correlation id and, on a route that is not public, the caller.
func Handle[I, O any](r *Registry, route Route, handle func(context.Context, *I) (Reply[O], error)) {
	if !r.accept(&route) {
		return
	}
	operation := operationOf(&route)
	if reflect.TypeFor[I]().NumField() > 0 {
		operation.Middlewares = huma.Middlewares{useDecoded}
	}
	r.adding = &route
	huma.Register(r.api, operation, func(ctx context.Context, input *I) (*output[O], error) {
		reply, err := handle(ctx, input)
		if err != nil {
			return nil, errorOf(err) // never a type that Huma would write by itself
		}
		if reply.Status == 0 {
			reply.Status = route.Statuses[0]
		}
		return &output[O]{Status: reply.Status, Body: success[O]{Data: reply.Data, encoded: reply.encoded}}, nil
	})
	r.adding = nil
	documented := documentedOperation(r.api.OpenAPI(), &route)
	documentStatuses(documented, &route)
	documentInput(documented)
	for _, parameter := range documented.Parameters {
		if parameter.In == "query" {
			route.query = append(route.query, parameter.Name)
		}
		if parameter.In == "query" && parameter.Schema.Type != huma.TypeString {
			route.typed = append(route.typed, parameter.Name)
		}
	}
	r.refuse(route, institutionNamed(documented, &route))
}

// page registers a GET route that answers no JSON envelope when it succeeds.
func (r *Registry) page(route Route, replies map[string]*huma.Response, handler fiber.Handler) {
	route.Method = http.MethodGet
	if !r.accept(&route) {
		return
	}
	operation := operationOf(&route)
	maps.Copy(operation.Responses, replies)
	for _, name := range route.parameters {
		operation.Parameters = append(operation.Parameters, &huma.Param{
			Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Pattern: textPattern},
		})
	}
	r.api.OpenAPI().AddOperation(&operation)
	r.adding = &route
	router{Router: r.server.app, registry: r}.Add(route.Method, fiberPath(route.Path), handler)
	r.adding = nil
}

// documentedMethods are those that a route can be registered for; HEAD comes with GET, OPTIONS with CORS.
var documentedMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// accept refuses a route without a rule and one that is there already.
func (r *Registry) accept(route *Route) bool {
	if len(route.Statuses) == 0 {
		route.Statuses = []int{http.StatusOK}
	}
	for _, name := range pathParameters.FindAllStringSubmatch(route.Path, -1) {
		route.parameters = append(route.parameters, name[1])
	}
	err := route.Access.Validate()
	if !slices.Contains(documentedMethods, route.Method) {
		err = errors.Join(err, errors.New("the method is none that routes are registered for"))
	}
	for _, known := range r.routes {
		if known.Method == route.Method && known.Path == route.Path {
			err = errors.Join(err, errors.New("the route is registered already"))
		}
	}
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

func (r *Registry) refuse(route Route, err error) {
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s %s: %w", route.Method, route.Path, err))
	}
}

// institutionNamed refuses a rule about the caller's own institution on a route that names none.
func institutionNamed(operation *huma.Operation, route *Route) error {
	if !route.Access.NeedsInstitution() {
		return nil
	}
	for _, parameter := range operation.Parameters {
		if parameter.Name == institutionParam && (parameter.In == "path" || parameter.In == "query") {
			return nil
		}
	}
	return errors.New("the access rule compares institutions, and neither path nor query names one")
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
