package httpapi_test

import (
	"strings"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/schemathesis"
)

// TestFuzzAPI has the example engine, for the bodies and parameters that no route of today takes.
func TestFuzzAPI(t *testing.T) {
	t.Parallel()
	fuzzer := schemathesis.Find(t)
	for _, caller := range []string{"superadmin", "faculty-director"} {
		t.Run(caller, func(t *testing.T) {
			s := start(t)
			fuzzer.Run(t, "http://"+s.Address, caller, "--exclude-path-regex", "^/api/example/failing/") // it fails on purpose
			if _, wrong, found := strings.Cut(s.Log.String(), `"level":"ERROR"`); found {
				t.Errorf("it went wrong inside: %.5000s", wrong)
			}
		})
	}
}
