package httpapi

import (
	"encoding/json"
	"fmt"
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
				Responses: map[string]*huma.Response{}, // documentFailures knows them once every engine has named its codes
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

Switch on ` + "`error.code`" + `, never on the message; quote ` + "`meta.correlation_id`" + ` when you ask for help. Codes that cover several rules say
which it was in ` + "`meta.reason`" + `, 422 all that is wrong in ` + "`meta.violations`" + `.`

// operationOf describes the route: its rule, its security and the failures that they, its input and its handler cause.
func (r *Registry) operationOf(route *Route) huma.Operation {
	operation := huma.Operation{
		Method:        route.Method,
		Path:          route.Path,
		DefaultStatus: route.Statuses[0],
		OperationID:   operationID(route),
		Tags:          []string{route.Tag},
		Summary:       route.Summary,
		Description:   strings.TrimSpace(route.Description + "\n\n**Who:** " + route.Access.String() + "."),
		MaxBodyBytes:  -1, // readBody has counted already
		Security:      []map[string][]string{},
		Responses:     map[string]*huma.Response{"default": failureReference("Failure")},
		Extensions:    map[string]any{"x-access": route.Access.String()},
	}
	codes := append([]core.Code{core.CodeInternal, core.CodeUnavailable}, route.Errors...)
	if !route.Access.IsPublic() {
		operation.Security = []map[string][]string{{bearerScheme: {}}}
		codes = append(codes, core.CodeAuthentication, codeRateLimited)
		_, isRecord := route.Access.RecordAction()
		if len(route.Access.AllowedRoles()) < len(core.Roles()) || route.Access.NeedsInstitution() || isRecord {
			codes = append(codes, core.CodeForbidden)
		}
	}
	byStatus := map[int][]core.Code{}
	for _, code := range codes {
		status := r.codes[code].Status
		if !slices.Contains(byStatus[status], code) && !slices.Contains(route.Statuses, status) {
			byStatus[status] = append(byStatus[status], code)
		}
	}
	for status, codes := range byStatus {
		operation.Responses[strconv.Itoa(status)] = r.failuresOf(status, codes)
	}
	return operation
}

// failuresOf describes a status that comes with the given codes.
func (r *Registry) failuresOf(status int, codes []core.Code) *huma.Response {
	if len(codes) == 1 {
		return failureReference(string(codes[0]))
	}
	slices.Sort(codes)
	examples := map[string]*huma.Example{}
	var descriptions []string
	for _, code := range codes {
		row := r.codes[code]
		examples[string(code)] = &huma.Example{Summary: row.When, Value: exampleOf(row.Example)}
		descriptions = append(descriptions, row.description())
	}
	return &huma.Response{
		Description: strings.Join(descriptions, "\n\n"),
		Headers:     headersOfStatus(status),
		Content:     map[string]*huma.MediaType{jsonType: {Schema: &huma.Schema{Ref: failureSchema}, Examples: examples}},
	}
}

// description says what the code means and which reasons it comes with.
func (f *FailureCode) description() string {
	text := "`" + string(f.Code) + "`: " + f.When
	if len(f.Reasons) > 0 {
		names := make([]string, len(f.Reasons))
		for i, reason := range f.Reasons {
			names[i] = "`" + string(reason) + "`"
		}
		text += ". Reasons: " + strings.Join(names, ", ")
	}
	return text
}

func headersOfStatus(status int) map[string]*huma.Param {
	names := []string{ports.CorrelationHeader}
	for _, header := range statusHeaders[status] {
		names = append(names, header.name)
	}
	return headerReferences(names)
}

// documentSuccess describes the success envelope for every status that it comes with. Huma has described the usual one.
func documentSuccess(document *huma.OpenAPI, operation *huma.Operation, route *Route) {
	content := operation.Responses[strconv.Itoa(route.Statuses[0])].Content
	envelope := document.Components.Schemas.SchemaFromRef(content[jsonType].Schema.Ref)
	delete(envelope.Properties, "meta")
	if route.Meta != nil {
		content = withMeta(document.Components.Schemas, *envelope, route.Meta)
	}
	for _, status := range route.Statuses {
		operation.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Headers:     successHeaders(route, status),
			Content:     content,
		}
	}
}

// successHeaders are the headers of a success, those that only this route has among them.
func successHeaders(route *Route, status int) map[string]*huma.Param {
	names := []string{ports.CorrelationHeader}
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

// withMeta is the success envelope with a meta of the given value's type, which need not be there.
func withMeta(schemas huma.Registry, envelope huma.Schema, meta any) map[string]*huma.MediaType {
	envelope.Properties = maps.Clone(envelope.Properties)
	envelope.Properties["meta"] = schemas.Schema(reflect.TypeOf(meta), true, "Meta")
	return map[string]*huma.MediaType{jsonType: {Schema: &envelope}}
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
		isText := schema.Type == huma.TypeString
		if isText && schema.Pattern == "" && schema.Enum == nil && schema.Format == "" {
			schema.Pattern = textPattern
		}
		if isText && parameter.In != "path" && parameter.Required && schema.MinLength == nil {
			schema.MinLength = new(1) // Huma takes an empty one for none
		}
	}
}

// documentInput adds the failures of a route that takes parameters or a body, and its sample.
func documentInput(operation *huma.Operation, route *Route) {
	if operation.RequestBody == nil && len(operation.Parameters) == 0 {
		return
	}
	documentText(operation)
	for _, parameter := range operation.Parameters {
		parameter.Example = sampleOf(route, parameter.Name)
	}
	operation.Responses[strconv.Itoa(http.StatusUnprocessableEntity)] = failureReference(string(core.CodeValidation))
	if operation.RequestBody == nil {
		return
	}
	operation.RequestBody.Description = fmt.Sprintf("At most %d bytes", route.MaxBody)
	operation.RequestBody.Content[jsonType].Example = route.Sample.Body
	operation.Responses[strconv.Itoa(http.StatusRequestEntityTooLarge)] = failureReference(string(codePayloadTooLarge))
	operation.Responses[strconv.Itoa(http.StatusUnsupportedMediaType)] = failureReference(string(codeUnsupportedMediaType))
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

// exampleOf is the envelope of a failure, for the document's own encoder.
func exampleOf(err *core.Error) json.RawMessage {
	encoded, fault := Encode(envelopeOf(err, exampleID))
	if fault != nil {
		return json.RawMessage("null") // the envelope of the failure that is sent is encoded likewise, and is tested
	}
	return encoded
}

// failureSchema is where the document describes the failure envelope.
const failureSchema = componentsPath + "schemas/Failure"

// documentFailures describes the failure envelope once for each code, and once for any.
func (r *Registry) documentFailures() {
	components := r.api.OpenAPI().Components
	schema := components.Schemas.Schema(reflect.TypeFor[failure](), true, "Failure")
	r.documentMeta(components.Schemas.Map())
	code := components.Schemas.Map()["FailureError"].Properties["code"]
	for _, name := range slices.Sorted(maps.Keys(r.codes)) {
		row := r.codes[name]
		code.Enum = append(code.Enum, string(name))
		components.Responses[string(name)] = &huma.Response{
			Description: row.description(),
			Headers:     headersOfStatus(row.Status),
			Content:     map[string]*huma.MediaType{jsonType: {Schema: schema, Example: exampleOf(row.Example)}},
		}
	}
	components.Responses["Failure"] = &huma.Response{
		Description: "Any other failure, in the same envelope",
		Headers:     headerReferences([]string{ports.CorrelationHeader}),
		Content:     map[string]*huma.MediaType{jsonType: {Schema: schema, Example: exampleOf(errHeadersTooLarge)}},
	}
}

// documentMeta describes which reasons a failure's meta can have, and which ids of an engine's.
func (r *Registry) documentMeta(schemas map[string]*huma.Schema) {
	meta := schemas["FailureMeta"]
	delete(meta.Properties, "Details") // they are fields of their own
	meta.Required = slices.DeleteFunc(meta.Required, func(name string) bool { return name == "Details" })
	for _, reason := range r.codes.reasons() {
		meta.Properties["reason"].Enum = append(meta.Properties["reason"].Enum, string(reason))
	}
	for name, description := range r.codes.details() {
		meta.Properties[name] = &huma.Schema{Type: huma.TypeString, Description: description}
	}
}

func replyHeaders() map[string]*huma.Param {
	text := func(description string) *huma.Param {
		return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Param{
		ports.CorrelationHeader: text("The request's id: the caller's own where it is well formed, else a fresh one"),
		"WWW-Authenticate":      text("The challenge of RFC 6750"),
		"Retry-After":           text("Whole seconds until the same request can succeed"),
		"Allow":                 text("The methods that the route takes"),
		"Location":              text("Where the thing that was made, or is being made, can be found"),
		headerRateLimit:         text("Where requests are limited: the policy, what is left of it (r), and the seconds until there is more (t)"),
		headerRateLimitPolicy:   text("Where requests are limited: the policy's name, how many requests (q), in how many seconds (w)"),
	}
}
