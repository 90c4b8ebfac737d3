package app_test

import (
	"testing"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

// resources are what the engines of the matrix work with: each store that an engine needs, with the records that apitest
// asks about.
func resources(*testing.T) app.Resources { return app.Resources{} }

// The role matrix of the service: every route of every engine in the one list, for every kind of caller. Those that are
// for anyone are in the matrix of httpapi. A person reads
// the golden file; nobody computes it.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	api := apitest.Start(t, func(o *apitest.Options) {
		for _, engine := range app.Engines(resources(t)) {
			if engine.Routes != nil {
				o.Engines = append(o.Engines, engine.Routes)
			}
		}
	})
	apitest.Golden(t, "role_matrix.golden", api.RoleMatrix(apitest.RoleMatrix{Under: "/api/"}))
}
