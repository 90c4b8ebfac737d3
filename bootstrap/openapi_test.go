package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// The golden document is what the service serves with every engine that it has: a route that changes, changes it.
func TestTheDocumentIsGolden(t *testing.T) {
	t.Parallel()
	r := bootWith(t, app.Config{Version: "1.2.3", Loaded: environment.Load(t, nil)})
	_, text := r.ask("GET", r.url+"/openapi.yaml", "")
	apitest.Golden(t, "../app/testdata/openapi.golden.yaml", text)
}

func TestTheDocumentIsTheOneThatTheCommandPrints(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	_, served := r.ask("GET", r.url+"/openapi.json", "")
	code, printed, stderr := run(nil, "openapi")
	var want, got any
	if json.Unmarshal([]byte(served), &want) != nil || json.Unmarshal([]byte(printed), &got) != nil {
		t.Fatalf("no JSON: %d %s", code, stderr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-served +printed):\n%s", diff)
	}
}

func TestTheDocumentIsValidWithItsExamples(t *testing.T) {
	t.Parallel()
	if err := loadDocument(t).Validate(t.Context()); err != nil {
		t.Errorf("it is not valid OpenAPI: %v", err)
	}
}
