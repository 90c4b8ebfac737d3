package health_test

import (
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/health"
)

func TestCombine(t *testing.T) {
	up := func(name string) health.Dependency { return health.Dependency{Name: name, Status: health.StatusOK} }
	down := func(name string) health.Dependency { return health.Dependency{Name: name, Status: health.StatusError} }
	tests := map[string]struct {
		dependencies []health.Dependency
		required     []string
		want         health.Status
	}{
		"all up is ok":                                   {[]health.Dependency{up("neo4j"), up("supabase")}, nil, "ok"},
		"all up and all required is ok":                  {[]health.Dependency{up("neo4j"), up("supabase")}, []string{"neo4j", "supabase"}, "ok"},
		"no dependency at all is ok":                     {nil, nil, "ok"},
		"one down is degraded":                           {[]health.Dependency{down("neo4j"), up("supabase")}, nil, "degraded"},
		"all down is degraded if none is required":       {[]health.Dependency{down("neo4j"), down("supabase")}, nil, "degraded"},
		"another than the required one down is degraded": {[]health.Dependency{down("neo4j"), up("supabase")}, []string{"supabase"}, "degraded"},
		"the required one down is error":                 {[]health.Dependency{down("neo4j"), up("supabase")}, []string{"neo4j"}, "error"},
		"the required one down after another is error":   {[]health.Dependency{down("neo4j"), down("supabase")}, []string{"supabase"}, "error"},
		"one of no known state is as good as down":       {[]health.Dependency{{Name: "neo4j"}}, []string{"neo4j"}, "error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			isRequired := func(name string) bool { return slices.Contains(test.required, name) }
			if got := health.OverallStatus(test.dependencies, isRequired); got != test.want {
				t.Errorf("Combine = %q, want %q", got, test.want)
			}
		})
	}
}
