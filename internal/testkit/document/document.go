// Package document checks a service's replies against its own OpenAPI document.
package document

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// Document is an OpenAPI document.
type Document struct {
	*openapi3.T
	router routers.Router
	bodies *bodies
}

// documents caches the documents that were read, by their text: many tests serve the same one, and reading it takes
// longer than most of them.
var documents sync.Map

// Load reads a document, JSON or YAML. Its result is shared and must not be changed.
func Load(text []byte) (Document, error) {
	known, _ := documents.LoadOrStore(string(text), sync.OnceValues(func() (Document, error) { return read(text) }))
	load, _ := known.(func() (Document, error)) // nothing else is stored
	return load()
}

func read(text []byte) (Document, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return Document{}, err
	}
	loaded.Servers = nil // the tests' servers listen on ports of their own
	// It validates the document each time; the examples, which take longest, have a test of their own.
	router, err := legacy.NewRouter(loaded, openapi3.DisableExamplesValidation())
	if err != nil {
		return Document{}, err
	}
	bodies, err := newBodies(loaded.Components)
	return Document{loaded, router, bodies}, err
}

// anywhere are the statuses of requests that match no route.
var anywhere = []int{
	http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest, http.StatusRequestTimeout,
	http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge,
}

// Check returns what of a reply is not in the document. HEAD, OPTIONS, unknown routes and methods are in no document;
// the last two must be answered as such.
func (d Document) Check(asked *http.Request, status int, header http.Header, body []byte) error {
	if asked.Method == http.MethodHead || asked.Method == http.MethodOptions {
		return nil
	}
	target := *asked.URL
	target.Path, target.RawPath = asked.URL.EscapedPath(), "" // %2F is a letter of a value, and no part of a path
	asked = asked.Clone(context.Background())
	asked.URL = &target
	route, parameters, err := d.router.FindRoute(asked)
	if err != nil {
		if slices.Contains(anywhere, status) {
			return nil
		}
		return fmt.Errorf("%s %s answered %d and is in no document: %w", asked.Method, asked.URL.Path, status, err)
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: isJSON(header)}
	options.WithCustomSchemaErrorFunc(func(err *openapi3.SchemaError) string { return err.Reason })
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: parameters, Route: route},
		Status:                 status,
		Header:                 header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                options,
	})
	if err == nil && isJSON(header) {
		err = d.bodies.check(replyOf(route.Operation, status), header, body)
	}
	if err != nil && !strings.Contains(err.Error(), "unsupported content type") {
		return fmt.Errorf("%s %s answered %d, which its document does not say: %w", asked.Method, asked.URL.Path, status, err)
	}
	return nil
}

// replyOf returns the document's description of a reply; never nil.
func replyOf(operation *openapi3.Operation, status int) *openapi3.Response {
	for _, reply := range []*openapi3.ResponseRef{operation.Responses.Status(status), operation.Responses.Default()} {
		if reply != nil && reply.Value != nil {
			return reply.Value
		}
	}
	return &openapi3.Response{}
}
