package httpapi

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

const (
	jsonType       = "application/json"
	bearerScheme   = "bearerAuth"
	componentsPath = "#/components/"
)

func humaConfig(version string) huma.Config {
	schemas := huma.NewMapRegistry(componentsPath+"schemas/", huma.DefaultSchemaNamer)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "Journey API",
				Version:     version,
				Description: apiDescription,
				License:     &huma.License{Name: "MIT", Identifier: "MIT"},
			},
			Components: &huma.Components{
				Schemas:   schemas,
				Responses: failureResponses(schemas),
				Headers:   replyHeaders(),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme: {
						Type: "http", Scheme: "bearer", BearerFormat: "JWT",
						Description: "A Supabase access token: paste it alone, without the word Bearer. In development, `make token ROLE=student` prints one.",
					},
				},
			},
		},
		Formats:       map[string]huma.Format{jsonType: {Marshal: writeJSON, Unmarshal: readJSON}},
		DefaultFormat: jsonType,
	}
}

const apiDescription = "The runtime of Journey OS's learning algorithms." + `

**Try it:** get an access token (in development, ` + "`make token ROLE=student`" + ` prints one), press **Authorize**, paste the
token, then execute **GET /api/me**.

Every JSON reply has one envelope. Where it went well:

` + "```json\n" + `{"data": {"…": "…"}, "error": null}
` + "```" + `

Where it did not:

` + "```json\n" + `{"data": null, "error": {"code": "NOT_FOUND", "message": "There is nothing here"}, "meta": {"correlation_id": "…"}}
` + "```" + `

Switch on ` + "`error.code`" + `, never on the message; quote ` + "`meta.correlation_id`" + ` when you ask for help. 401, 403 and 503 say which
rule it was in ` + "`meta.reason`" + `, 422 all that is wrong in ` + "`meta.violations`" + `.`

// operationOf describes the route: its rule, its security and the failures that they, its input and its handler cause.
func operationOf(route *Route) huma.Operation {
	operation := huma.Operation{
		Method:        route.Method,
		Path:          route.Path,
		DefaultStatus: route.Statuses[0],
		OperationID:   operationID(route),
		Tags:          []string{route.Tag},
		Summary:       route.Summary,
		Description:   strings.TrimSpace(route.Description + "\n\n**Who:** " + route.Access.String() + "."),
		MaxBodyBytes:  -1, // the wire has counted already
		Security:      []map[string][]string{},
		Responses:     map[string]*huma.Response{"default": failureReference("Failure")},
		Extensions:    map[string]any{"x-access": route.Access.String()},
	}
	codes := append([]core.Code{core.CodeInternal, core.CodeUnavailable}, route.Errors...)
	if !route.Access.IsPublic() {
		operation.Security = []map[string][]string{{bearerScheme: {}}}
		codes = append(codes, core.CodeAuthentication, codeRateLimited)
		if len(route.Access.AllowedRoles()) < len(core.Roles()) || route.Access.NeedsInstitution() {
			codes = append(codes, core.CodeForbidden)
		}
	}
	for _, code := range codes {
		if !slices.Contains(route.Statuses, failures[code].status) {
			operation.Responses[strconv.Itoa(failures[code].status)] = failureReference(string(code))
		}
	}
	return operation
}

// documentStatuses describes the success envelope for every status that it comes with. Huma has described the usual one.
func documentStatuses(operation *huma.Operation, route *Route) {
	usual := operation.Responses[strconv.Itoa(route.Statuses[0])]
	headers := []string{ports.CorrelationHeader}
	if !route.Access.IsPublic() {
		headers = append(headers, headerRateLimit, headerRateLimitPolicy)
	}
	for _, status := range route.Statuses {
		operation.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Headers:     headerReferences(headers),
			Content:     usual.Content,
		}
	}
}

func headerReferences(names []string) map[string]*huma.Param {
	references := map[string]*huma.Param{}
	for _, name := range names {
		references[name] = &huma.Param{Ref: componentsPath + "headers/" + name}
	}
	return references
}

// textPattern is what isText takes, as a regular expression (ECMA-262, as JSON Schema has it): no control characters.
const textPattern = `^[^\x00-\x1f\x7f-\x9f]*$`

// documentText says of each parameter that is a string what decodeParameters does to it.
func documentText(operation *huma.Operation) {
	for _, parameter := range operation.Parameters {
		schema := parameter.Schema
		if schema.Type == huma.TypeArray {
			schema = schema.Items
		}
		isText := schema.Type == huma.TypeString && (parameter.In == "path" || parameter.In == "query")
		if isText && schema.Pattern == "" && schema.Enum == nil && schema.Format == "" {
			schema.Pattern = textPattern
		}
		if isText && parameter.In == "query" && parameter.Required && schema.MinLength == nil {
			schema.MinLength = new(1) // Huma takes an empty one for none
		}
	}
}

// documentInput adds the failures of a route that takes parameters or a body.
func documentInput(operation *huma.Operation) {
	if operation.RequestBody == nil && len(operation.Parameters) == 0 {
		return
	}
	documentText(operation)
	operation.Responses[strconv.Itoa(http.StatusUnprocessableEntity)] = failureReference(string(core.CodeValidation))
	if operation.RequestBody == nil {
		return
	}
	for _, code := range []core.Code{codePayloadTooLarge, codeUnsupportedMediaType} {
		operation.Responses[strconv.Itoa(failures[code].status)] = failureReference(string(code))
	}
}

func operationID(route *Route) string {
	words := regexp.MustCompile(`[^a-zA-Z0-9]+`).ReplaceAllString(strings.ToLower(route.Method)+" "+route.Path, "-")
	if words == "get-" {
		return "get-root"
	}
	return strings.Trim(words, "-")
}

// documentedOperation is the route's operation as the document has it.
func documentedOperation(document *huma.OpenAPI, route *Route) *huma.Operation {
	item := document.Paths[route.Path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[route.Method]
}

func failureReference(name string) *huma.Response {
	return &huma.Response{Ref: componentsPath + "responses/" + name}
}

// exampleID is the correlation id of every example.
const exampleID core.CorrelationID = "0198f3c2-7a1e-7c3d-9b5f-2f6a4d8e1c70"

// failureResponses describes the failure envelope once for each code, and once for any.
func failureResponses(schemas huma.Registry) map[string]*huma.Response {
	schema := schemas.Schema(reflect.TypeFor[failure](), true, "Failure")
	codes := slices.Sorted(maps.Keys(failures))
	for _, code := range codes {
		known := &schemas.Map()["FailureError"].Properties["code"].Enum
		*known = append(*known, string(code))
	}
	response := func(description string, example *core.Error, headers ...string) *huma.Response {
		return &huma.Response{
			Description: description,
			Headers:     headerReferences(append(headers, ports.CorrelationHeader)),
			Content:     map[string]*huma.MediaType{jsonType: {Schema: schema, Example: envelopeOf(example, exampleID)}},
		}
	}
	responses := map[string]*huma.Response{"Failure": response("Any other failure, in the same envelope", errHeadersTooLarge)}
	for _, code := range codes {
		known := failures[code]
		var headers []string
		switch known.status {
		case http.StatusUnauthorized, http.StatusForbidden:
			headers = []string{"WWW-Authenticate"}
		case http.StatusTooManyRequests:
			headers = []string{"Retry-After", headerRateLimit, headerRateLimitPolicy}
		case http.StatusServiceUnavailable:
			headers = []string{"Retry-After"}
		}
		responses[string(code)] = response("`"+string(code)+"`: "+known.when, known.example, headers...)
	}
	return responses
}

func replyHeaders() map[string]*huma.Param {
	text := func(description string) *huma.Param {
		return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Param{
		ports.CorrelationHeader: text("The request's id: the caller's own where it is well formed, else a fresh one"),
		"WWW-Authenticate":      text("The challenge of RFC 6750"),
		"Retry-After":           text("Whole seconds until the same request can succeed"),
		headerRateLimit:         text("Where requests are limited: the policy, what is left of it (r), and the seconds until there is more (t)"),
		headerRateLimitPolicy:   text("Where requests are limited: the policy's name, how many requests (q), in how many seconds (w)"),
	}
}
