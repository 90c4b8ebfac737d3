package debughttp_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/debughttp"
)

// page is the handler with the level and its changes.
type page struct {
	handler http.Handler
	level   slog.LevelVar
	changes []string
}

func newPage() *page {
	p := &page{}
	p.handler = debughttp.New(debughttp.Config{Level: &p.level, LevelChanged: func(before, after slog.Level) {
		p.changes = append(p.changes, fmt.Sprint(before, " to ", after))
	}})
	return p
}

// ask sends a request as a program on this machine does, but for what change does to it.
func (p *page) ask(method, path, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	asked := httptest.NewRequest(method, path, strings.NewReader(body))
	asked.Host = "localhost:6060"
	if change != nil {
		change(asked)
	}
	reply := httptest.NewRecorder()
	p.handler.ServeHTTP(reply, asked)
	return reply
}

func TestOnlyWhatAProgramOnThisMachineSendsIsAnswered(t *testing.T) {
	t.Parallel()
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	host := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	tests := []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"nothing about a page", nil, 200},
		{"an address typed into a browser", header("Sec-Fetch-Site", "none"), 200},
		{"a link on a page of this listener", header("Sec-Fetch-Site", "same-origin"), 200},
		{"localhost without a port", host("localhost"), 200},
		{"localhost in capitals", host("LOCALHOST:6060"), 200},
		{"a loopback address", host("127.0.0.1:6060"), 200},
		{"another loopback address", host("127.1.2.3"), 200},
		{"loopback in IPv6", host("[::1]:6060"), 200},
		{"loopback in IPv6 without a port", host("[::1]"), 200},

		{"an origin", header("Origin", "http://evil.example"), 403},
		{"its own origin", header("Origin", "http://localhost:6060"), 403},
		{"the origin null", header("Origin", "null"), 403},
		{"an empty origin", header("Origin", ""), 403},
		{"another site's page", header("Sec-Fetch-Site", "cross-site"), 403},
		{"a page of another port here", header("Sec-Fetch-Site", "same-site"), 403},
		{"two answers", header("Sec-Fetch-Site", "none", "cross-site"), 403},
		{"a name that leads here", host("evil.example:6060"), 403},
		{"a name that looks like loopback", host("127.0.0.1.evil.example"), 403},
		{"a name below localhost", host("evil.localhost"), 403},
		{"an address of another machine", host("10.0.0.7:6060"), 403},
		{"every address", host("0.0.0.0:6060"), 403},
		{"loopback in another way of writing", host("127.1:6060"), 403},
		{"no host", host(""), 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPage()
			for _, path := range []string{"/log-level", "/debug/pprof/", "/debug/pprof/cmdline"} {
				if got := p.ask("GET", path, "", tt.change); got.Code != tt.want {
					t.Errorf("%s answered %d, want %d: %s", path, got.Code, tt.want, got.Body)
				}
			}
			if got := p.ask("PUT", "/log-level", "DEBUG", tt.change); got.Code != tt.want || (p.level.Level() == slog.LevelDebug) != (tt.want == 200) {
				t.Errorf("changing answered %d, and the level is %v", got.Code, p.level.Level())
			}
		})
	}
}

func TestTheLogLevelCanBeSeenAndChanged(t *testing.T) {
	t.Parallel()
	p := newPage()
	if got := p.ask("GET", "/log-level", "", nil); got.Code != 200 || got.Body.String() != "INFO\n" {
		t.Errorf("answered %d %q", got.Code, got.Body)
	}
	for _, tt := range []struct {
		body  string
		reply string
		level slog.Level
	}{
		{"DEBUG", "DEBUG\n", slog.LevelDebug},
		{"DEBUG", "DEBUG\n", slog.LevelDebug},
		{"warn\n", "WARN\n", slog.LevelWarn},
		{"WARNING", "WARN\n", slog.LevelWarn},
		{" ERROR ", "ERROR\n", slog.LevelError},
		{"INFO", "INFO\n", slog.LevelInfo},
	} {
		got := p.ask("PUT", "/log-level", tt.body, nil)
		if got.Code != 200 || got.Body.String() != tt.reply || p.level.Level() != tt.level {
			t.Errorf("%q answered %d %q, and the level is %v", tt.body, got.Code, got.Body, p.level.Level())
		}
	}
	want := []string{"INFO to DEBUG", "DEBUG to WARN", "WARN to ERROR", "ERROR to INFO"}
	if diff := cmp.Diff(want, p.changes); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoLevelChangesNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "TRACE", "INFO+1", "-4", "DEBUG,INFO", `{"level":"DEBUG"}`, "DEBUG" + strings.Repeat(" ", 100), strings.Repeat("x", 1<<20)} {
		p := newPage()
		if got := p.ask("PUT", "/log-level", body, nil); got.Code != 400 || len(p.changes) > 0 {
			t.Errorf("%.20q answered %d, changes %v", body, got.Code, p.changes)
		}
	}
}

func TestProfilesAreServed(t *testing.T) {
	t.Parallel()
	p := newPage()
	for path, want := range map[string]string{
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "goroutine profile: total",
		"/debug/pprof/heap?debug=1":      "heap profile",
		"/debug/pprof/cmdline":           "debughttp",
		"/debug/pprof/symbol":            "num_symbols",
		"/debug/pprof/trace?seconds=0.1": "go 1.",
	} {
		if got := p.ask("GET", path, "", nil); got.Code != 200 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s answered %d %.80q", path, got.Code, got.Body)
		}
	}
}

func TestThereIsNothingElse(t *testing.T) {
	t.Parallel()
	p := newPage()
	for asked, want := range map[string]struct {
		status int
		allow  string
	}{
		"GET /":                  {404, ""},
		"GET /metrics":           {404, ""},
		"GET /debug/vars":        {404, ""},
		"POST /log-level":        {405, "GET, HEAD, PUT"},
		"OPTIONS /log-level":     {405, "GET, HEAD, PUT"},
		"DELETE /debug/pprof/":   {405, "GET, HEAD"},
		"POST /debug/pprof/heap": {405, "GET, HEAD"},
	} {
		method, path, _ := strings.Cut(asked, " ")
		got := p.ask(method, path, "", nil)
		if got.Code != want.status || got.Header().Get("Allow") != want.allow {
			t.Errorf("%s answered %d, Allow %q", asked, got.Code, got.Header().Get("Allow"))
		}
	}
}
