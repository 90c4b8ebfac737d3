package httpapi_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
)

func TestTheDocumentIsValidWithItsExamples(t *testing.T) {
	t.Parallel()
	if err := start(t).Document.Validate(t.Context()); err != nil {
		t.Errorf("the document is not valid OpenAPI: %v", err)
	}
}

func TestTheDocumentHasEveryRouteWithItsRuleAndItsFailures(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, route := range s.Server.Routes() {
		operation := s.Document.Paths.Find(route.Path).GetOperation(route.Method)
		if operation == nil {
			t.Errorf("%s %s is not in the document", route.Method, route.Path)
			continue
		}
		if operation.Summary == "" || len(operation.Tags) != 1 || operation.Extensions["x-access"] != route.Access.String() {
			t.Errorf("%s %s lacks words: %q %v %v", route.Method, route.Path, operation.Summary, operation.Tags, operation.Extensions)
		}
		if isOpen := len(*operation.Security) == 0; isOpen != route.Access.IsPublic() {
			t.Errorf("%s %s: documented as open %v, its rule is %s", route.Method, route.Path, isOpen, route.Access)
		}
		want := []string{"500", "503", "default"}
		if !route.Access.IsPublic() {
			want = append(want, "401")
		}
		canRefuse := !route.Access.IsPublic() && route.Path != "/api/me" && route.Path != "/api/me/access"
		if canRefuse {
			want = append(want, "403")
		}
		for _, status := range want {
			if operation.Responses.Value(status) == nil {
				t.Errorf("%s %s does not document %s", route.Method, route.Path, status)
			}
		}
	}
}

func TestEveryCodeIsDocumentedWithAnExampleOfItsOwn(t *testing.T) {
	t.Parallel()
	document := start(t).Document
	want := []any{
		"AUTHENTICATION_ERROR", "BAD_REQUEST", "CONFLICT", "EXAMPLE_BUSY", "EXAMPLE_EMPTY", "EXAMPLE_NOT_FOUND", "FORBIDDEN", "HEADERS_TOO_LARGE", "INTERNAL_ERROR", "METHOD_NOT_ALLOWED",
		"NOT_FOUND", "PAYLOAD_TOO_LARGE", "RATE_LIMITED", "REQUEST_TIMEOUT", "SERVICE_UNAVAILABLE", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_ERROR",
	}
	if diff := cmp.Diff(want, document.Components.Schemas["FailureError"].Value.Properties["code"].Value.Enum); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, code := range want {
		response := document.Components.Responses[code.(string)]
		example, _ := response.Value.Content.Get("application/json").Example.(map[string]any)
		failed, _ := example["error"].(map[string]any)
		if failed["code"] != code || failed["message"] == "" {
			t.Errorf("the example of %v is %v", code, example)
		}
	}
}

func TestTheDocumentSaysWhatABodyCanCause(t *testing.T) {
	t.Parallel()
	operation := start(t).Document.Paths.Find("/api/example/{institution_id}").Post
	var got []string
	for status := range operation.Responses.Map() {
		got = append(got, status)
	}
	slices.Sort(got)
	want := []string{"201", "401", "403", "409", "413", "415", "422", "429", "500", "503", "default"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheDocumentSaysWhatTextIsTaken(t *testing.T) {
	t.Parallel()
	document := start(t).Document
	inPath := document.Paths.Find("/api/example/{institution_id}").Post.Parameters.GetByInAndName("path", "institution_id").Schema.Value
	inQuery := document.Paths.Find("/api/example").Get.Parameters.GetByInAndName("query", "institution_id").Schema.Value
	for name, schema := range map[string]*openapi3.Schema{"path": inPath, "query": inQuery} {
		for value, want := range map[string]bool{"own": true, "a\x1fb": false, "a\u0085b": false, "é\u00a0": true, "": name == "path"} {
			if err := schema.VisitJSON(value); (err == nil) != want {
				t.Errorf("%s: %q fits %v, want %v", name, value, err == nil, want)
			}
		}
	}
}

func TestTheDocumentHasEveryWordForADependencyThatIsDown(t *testing.T) {
	t.Parallel()
	var want []any
	for _, fault := range core.Faults() {
		want = append(want, string(fault))
	}
	got := start(t).Document.Components.Schemas["DependencyHealth"].Value.Properties["error"].Value.Enum
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDocsComeFromTheBinaryAlone(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.get("/docs")
	if page.Status != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("answered %d %s", page.Status, page.Header.Get("Content-Type"))
	}
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page may be kept: %s", page.Header.Get("Cache-Control"))
	}
	policy := regexp.MustCompile(`'sha256-[A-Za-z0-9+/]{43}='`).ReplaceAllString(page.Header.Get("Content-Security-Policy"), "<hash>")
	if want := "default-src 'none'; script-src 'self' <hash> <hash>; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"; policy != want {
		t.Errorf("the page's policy is %q", policy)
	}
	for _, elsewhere := range []string{`src="http`, `href="http`, `src="//`, `href="//`} {
		if strings.Contains(page.Body, elsewhere) {
			t.Errorf("the page loads from another host: %s", page.Body)
		}
	}
	for _, asset := range []string{"swagger-ui.css", "swagger-ui-bundle.js"} {
		if !strings.Contains(page.Body, "/docs/"+asset) {
			t.Errorf("the page does not load %s", asset)
		}
		got := s.get("/docs/" + asset)
		if got.Status != http.StatusOK || len(got.Body) < 1000 || got.Header.Get("Cache-Control") == "no-store" {
			t.Errorf("%s: answered %d, %d bytes, %s", asset, got.Status, len(got.Body), got.Header.Get("Cache-Control"))
		}
	}
	wantFailure(t, s.get("/docs/nope.js"), failed{Status: 404, Code: "NOT_FOUND", Message: "There is nothing here"})
}

func TestTheRootLeadsToTheDocs(t *testing.T) {
	t.Parallel()
	got := start(t).get("/")
	if got.Status != http.StatusFound || got.Header.Get("Location") != "/docs" {
		t.Errorf("answered %d to %q", got.Status, got.Header.Get("Location"))
	}
}

func TestDocsCanBeOff(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.DocsEnabled = false })
	for _, path := range []string{"/", "/docs", "/docs/swagger-ui.css", "/openapi.json", "/openapi.yaml"} {
		if got := s.get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s answered %d", path, got.Status)
		}
	}
}

func TestTheDocumentComesInBothForms(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, contentType := range map[string]string{"/openapi.json": "application/json", "/openapi.yaml": "application/yaml"} {
		got := s.get(path)
		loaded, err := openapi3.NewLoader().LoadFromData([]byte(got.Body))
		if err != nil || got.Header.Get("Content-Type") != contentType || loaded.OpenAPI != "3.1.0" {
			t.Errorf("%s: %v, %s", path, err, got.Header.Get("Content-Type"))
		}
	}
}
