package app_test

import (
	"net/http"
	"testing"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

func TestWhatCalibrationsHaveNotIsRefusedByItsCode(t *testing.T) {
	api, _ := practiceAPI(t)
	const noRun, noItem = "/api/irt/runs/0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55", "/api/irt/parameters/nothing"
	for _, test := range []struct {
		method, path, token string
		status              int
		code                core.Code
		reason              string
	}{
		{http.MethodGet, noRun, "faculty", http.StatusNotFound, core.CodeNotFound, ""},
		{http.MethodPost, noRun + "/cancel", "superadmin", http.StatusNotFound, core.CodeNotFound, ""},
		{http.MethodPost, noRun + "/restore", "superadmin", http.StatusNotFound, core.CodeNotFound, ""},
		{http.MethodGet, noItem, "faculty", http.StatusNotFound, core.CodeItemNotFound, ""},
		{http.MethodGet, "/api/irt/ability/" + apitest.NeighbourRecord.StudentID, "student", http.StatusForbidden, core.CodeForbidden, "not_own_record"},
		{http.MethodGet, "/api/irt/ability/nobody", "superadmin", http.StatusNotFound, core.CodeNotFound, ""},
	} {
		got := api.Do(apitest.Request{Method: test.method, Path: test.path, Token: test.token})
		if failed := got.Failure(t); failed.Status != test.status || failed.Code != string(test.code) || failed.Reason != test.reason {
			t.Errorf("%s %s: %+v", test.method, test.path, failed)
		}
	}
}
