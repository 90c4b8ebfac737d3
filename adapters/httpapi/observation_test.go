package httpapi_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/adapters/httpapi"
)

// A stranger may send any path and method: what is observed of it is one of a few words all the same.
func TestEveryRequestIsObservedInWordsThatCanBeCounted(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	var seen []httpapi.Observation
	s := start(t, func(o *options) {
		o.Observe = func(one httpapi.Observation) {
			lock.Lock()
			defer lock.Unlock()
			seen = append(seen, one)
		}
	})
	for _, request := range []string{
		"GET /api/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer student\r\n\r\n",
		"GET /api/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer expired\r\n\r\n",
		"GET /api/me HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /api/diagnostics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer student\r\n\r\n",
		"GET /health/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer forged\r\n\r\n",
		"BREW /made/up/4711 HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /api/me HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
		"not HTTP\r\n\r\n",
	} {
		s.Raw(request)
	}
	want := []httpapi.Observation{
		{Method: "GET", Route: "/api/me", Status: 200, Authentication: "ok"},
		{Method: "GET", Route: "/api/me", Status: 401, Authentication: "token_expired"},
		{Method: "GET", Route: "/api/me", Status: 401, Authentication: "token_missing"},
		{Method: "GET", Route: "/api/diagnostics", Status: 403, Authentication: "ok"},
		{Method: "GET", Route: "/health/live", Status: 200},
		{Method: "OTHER", Route: "unmatched", Status: 404},
		{Method: "POST", Route: "unmatched", Status: 405},
		{Route: "unmatched", Status: 400},
	}
	lock.Lock()
	defer lock.Unlock()
	if diff := cmp.Diff(want, seen, cmpopts.IgnoreFields(httpapi.Observation{}, "Duration")); diff != "" {
		t.Error(diff)
	}
	for _, one := range seen {
		if one.Duration <= 0 {
			t.Errorf("%v took no time", one)
		}
	}
}
