package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
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

Every JSON reply has one envelope. On success:

` + "```json\n" + `{"data": {"…": "…"}, "error": null}
` + "```" + `

On failure:

` + "```json\n" + `{"data": null, "error": {"code": "NOT_FOUND", "message": "There is nothing here"}, "meta": {"correlation_id": "…"}}
` + "```" + `

Switch on ` + "`error.code`" + `, never on the message; quote ` + "`meta.correlation_id`" + ` when you ask for help. Codes that cover several rules say
which it was in ` + "`meta.reason`" + `, 422 all that is wrong in ` + "`meta.violations`" + `.`

// operationOf describes the route, its rule and its security. Its replies are described once its input is known.
func operationOf(route *Route) huma.Operation {
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
	if !route.Access.IsPublic() {
		operation.Security = []map[string][]string{{bearerScheme: {}}}
	}
	return operation
}

// textPattern is what isText takes, as a regular expression (ECMA-262, as JSON Schema has it): no control characters.
const textPattern = `^[^\x00-\x1f\x7f-\x9f]*$`

// documentText documents for each string parameter what decodeParameters accepts.
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

// documentInput documents which text is accepted and how large a body may be, and adds the route's sample.
func documentInput(operation *huma.Operation, route *Route) {
	documentText(operation)
	for _, parameter := range operation.Parameters {
		parameter.Example = sampleOf(route, parameter.Name)
	}
	if operation.RequestBody != nil {
		operation.RequestBody.Description = fmt.Sprintf("At most %d bytes", route.MaxBody)
		operation.RequestBody.Content[jsonType].Example = route.Sample.Body
	}
}

func operationID(route *Route) string {
	words := regexp.MustCompile(`[^a-zA-Z0-9]+`).ReplaceAllString(strings.ToLower(route.Method)+" "+route.Path, "-")
	if words == "get-" {
		return "get-root"
	}
	return strings.Trim(words, "-")
}

// documentedOperation returns the route's operation in the document.
func documentedOperation(document *huma.OpenAPI, route *Route) *huma.Operation {
	item := document.Paths[route.Path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[route.Method]
}
