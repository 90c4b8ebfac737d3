package apitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

// The records that the role matrix requests: that of the caller student, of another student of the same institution,
// and of a student of another one. Staff own none: for them the first two are the same.
var (
	OwnRecord       = core.Record{StudentID: "user-student", InstitutionID: Institution}
	NeighbourRecord = core.Record{StudentID: "neighbour", InstitutionID: Institution}
	StrangerRecord  = core.Record{StudentID: "stranger", InstitutionID: "other"}
)

// RoleMatrix selects the routes to call, and what they need beside their samples.
type RoleMatrix struct {
	// Under limits the matrix to routes whose path has this prefix.
	Under string
	// Reset, if set, is called before each request: it resets the engine's store so that the three records exist and
	// every permitted call succeeds.
	Reset func()
	// Parameters, if set, gives path and query parameters that depend on the record, such as a session's id.
	Parameters func(record core.Record) map[string]string
}

// target is a column: a student's record, and an institution.
type target struct {
	name   string
	record core.Record
}

// RoleMatrix calls every route as every kind of caller, about each institution, or each record if its rule is about
// records, and returns a table of the replies. A route whose sample is invalid fails the test.
func (a *API) RoleMatrix(matrix RoleMatrix) string {
	a.t.Helper()
	var text strings.Builder
	for _, route := range a.Server.Routes() {
		if !strings.HasPrefix(route.Path, matrix.Under) {
			continue
		}
		fmt.Fprintf(&text, "%s %s  (%s)\n", route.Method, route.Path, route.Access)
		for _, caller := range kinds() {
			cells := []string{fmt.Sprintf("  %-32s", caller.name)}
			for _, target := range targetsOf(route) {
				cells = append(cells, fmt.Sprintf("%s %-32s", target.name, a.cell(matrix, route, caller.token, target.record)))
			}
			text.WriteString(strings.TrimRight(strings.Join(cells, " "), " ") + "\n")
		}
	}
	return text.String()
}

// kind is a row: a kind of caller.
type kind struct{ name, token string }

func kinds() []kind {
	rows := []kind{{"expired token", ExpiredToken}, {"forged token", "forged"}, {"no token", ""}}
	for _, role := range core.Roles() {
		for _, token := range []string{string(role), string(role) + "-director"} {
			rows = append(rows, kind{token, token})
		}
	}
	return rows
}

func targetsOf(route httpapi.Route) []target {
	if _, isRecord := route.Access.RecordAction(); isRecord {
		return []target{{"own", OwnRecord}, {"neighbour", NeighbourRecord}, {"stranger", StrangerRecord}}
	}
	return []target{{"own", OwnRecord}, {"other", StrangerRecord}}
}

// cell calls one route as one caller about one record and returns the outcome.
func (a *API) cell(matrix RoleMatrix, route httpapi.Route, token string, record core.Record) string {
	a.t.Helper()
	request := a.request(matrix, route, record)
	request.Token = token
	if matrix.Reset != nil {
		matrix.Reset()
	}
	got := a.Do(request)
	if got.Status == http.StatusUnprocessableEntity {
		a.t.Errorf("%s %s as %q: its sample does not fit: %s", request.Method, request.Path, token, got.Body)
	}
	if route.Method == http.MethodGet {
		request.Method = http.MethodHead
		if head := a.Do(request); head.Status != got.Status {
			a.t.Errorf("HEAD %s as %q answered %d, GET %d", request.Path, token, head.Status, got.Status)
		}
	}
	if got.Status < http.StatusBadRequest {
		return strconv.Itoa(got.Status)
	}
	return strings.TrimSpace(fmt.Sprint(got.Status, " ", got.Failure(a.t).Reason))
}

// request returns the route's sample about a record.
func (a *API) request(matrix RoleMatrix, route httpapi.Route, record core.Record) Request {
	a.t.Helper()
	values := map[string]string{}
	maps.Copy(values, route.Sample.Parameters)
	values["student_id"], values["institution_id"] = record.StudentID, record.InstitutionID
	if matrix.Parameters != nil {
		maps.Copy(values, matrix.Parameters(record))
	}
	operation := a.Document.Paths.Find(route.Path).GetOperation(route.Method)
	path, query := route.Path, url.Values{}
	for _, reference := range operation.Parameters {
		parameter := reference.Value
		value, known := values[parameter.Name]
		switch {
		case !known && parameter.Required:
			a.t.Errorf("%s %s brings no sample of its parameter %s", route.Method, route.Path, parameter.Name)
		case parameter.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+parameter.Name+"}", url.PathEscape(value))
		case parameter.In == openapi3.ParameterInQuery && known:
			query.Set(parameter.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return Request{Method: route.Method, Path: path, Body: a.body(route, operation, values)}
}

// body returns the sample's body about a record.
func (a *API) body(route httpapi.Route, operation *openapi3.Operation, values map[string]string) string {
	a.t.Helper()
	if route.Sample.Body == nil {
		if operation.RequestBody != nil && operation.RequestBody.Value.Required {
			a.t.Errorf("%s %s brings no sample of its body", route.Method, route.Path)
		}
		return ""
	}
	encoded, err := httpapi.Encode(route.Sample.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return string(encoded) // no object
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if value, known := values[name]; known {
			fields[name] = value
		}
	}
	encoded, err = json.Marshal(fields)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(encoded)
}
