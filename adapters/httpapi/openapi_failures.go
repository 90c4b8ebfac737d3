package httpapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/correlation"
)

// documentFailuresOf describes the failures that a route's rule, its input and its handler cause.
func (r *Registry) documentFailuresOf(operation *huma.Operation, route *Route) {
	byStatus := map[int][]core.Code{}
	for _, code := range codesOf(operation, route) {
		status := r.codes[code].Status
		if !slices.Contains(byStatus[status], code) && !slices.Contains(route.Statuses, status) {
			byStatus[status] = append(byStatus[status], code)
		}
	}
	for status, codes := range byStatus {
		operation.Responses[strconv.Itoa(status)] = r.failuresOf(status, codes)
	}
}

func codesOf(operation *huma.Operation, route *Route) []core.Code {
	codes := append([]core.Code{core.CodeInternal, core.CodeUnavailable}, route.Errors...)
	if !route.Access.IsPublic() {
		codes = append(codes, core.CodeAuthentication, codeRateLimited)
		_, isRecord := route.Access.RecordAction()
		if len(route.Access.AllowedRoles()) < len(core.Roles()) || route.Access.NeedsInstitution() || isRecord {
			codes = append(codes, core.CodeForbidden)
		}
	}
	if len(operation.Parameters) > 0 || operation.RequestBody != nil {
		codes = append(codes, core.CodeValidation)
	}
	if operation.RequestBody != nil {
		codes = append(codes, codePayloadTooLarge, codeUnsupportedMediaType)
	}
	return codes
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

// description returns what the code means and which reasons it comes with.
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
	names := []string{correlation.Header}
	for _, header := range statusHeaders[status] {
		names = append(names, header.name)
	}
	return headerReferences(names)
}

func failureReference(name string) *huma.Response {
	return &huma.Response{Ref: componentsPath + "responses/" + name}
}

// exampleID is the correlation id of every example.
const exampleID core.CorrelationID = "0198f3c2-7a1e-7c3d-9b5f-2f6a4d8e1c70"

// exampleOf returns the envelope of a failure, for the document's own encoder.
func exampleOf(err *core.Error) json.RawMessage {
	encoded, fault := Encode(envelopeOf(err, exampleID))
	if fault != nil {
		return json.RawMessage("null") // the envelope of the failure that is sent is encoded likewise, and is tested
	}
	return encoded
}

// failureSchema is the reference to the schema of the failure envelope.
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
		Headers:     headerReferences([]string{correlation.Header}),
		Content:     map[string]*huma.MediaType{jsonType: {Schema: schema, Example: exampleOf(errHeadersTooLarge)}},
	}
}

// documentMeta describes the reasons and the ids that a failure's meta can have.
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
