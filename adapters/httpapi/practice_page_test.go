package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

func withSignIn(o *options) {
	o.SignIn = func(role core.Role) (httpapi.SignedIn, error) {
		if role == core.RoleFaculty {
			return httpapi.SignedIn{Token: "faculty", ExpiresIn: 3600, Students: []string{"a", "b"}}, nil
		}
		return httpapi.SignedIn{Token: "student", ExpiresIn: 3600}, nil
	}
}

// startPage serves the page, whose routes are in no document, to a client on this machine.
func startPage(t *testing.T) *service { t.Helper(); return start(t, withSignIn) }

// asks sends a request without a body. What it is answered is held against no document.
func (s *service) asks(method, path, head string) reply {
	s.t.Helper()
	if !strings.HasPrefix(head, "Host:") {
		head = "Host: localhost\r\n" + head
	}
	conn := s.Dial()
	if _, err := io.WriteString(conn, method+" "+path+" HTTP/1.1\r\n"+head+"Content-Length: 0\r\n\r\n"); err != nil {
		s.t.Fatal(err)
	}
	return apitest.ReadRaw(s.t, conn)
}

func TestThePracticePageLoadsItsOwnFilesAlone(t *testing.T) {
	t.Parallel()
	s := startPage(t)
	page := s.asks("GET", "/practice", "")
	if page.Status != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" || page.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answered %d, %v", page.Status, page.Header)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
	} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, inline := range []string{"<style", " style=", " onclick=", " onload=", "javascript:", "http://", "https://", "//cdn"} {
		if strings.Contains(page.Body, inline) {
			t.Errorf("the page has %q", inline)
		}
	}
	for name, mediaType := range map[string]string{"practice.js": "text/javascript", "practice.css": "text/css", "icon.svg": "image/svg+xml"} {
		if !strings.Contains(page.Body, `"/practice/`+name+`"`) {
			t.Errorf("the page does not use %s", name)
		}
		file := s.asks("GET", "/practice/"+name, "")
		if file.Status != http.StatusOK || file.Header.Get("Content-Type") != mediaType || file.Header.Get("Cache-Control") != "public, max-age=3600" {
			t.Errorf("%s answered %d, %v", name, file.Status, file.Header)
		}
		again := s.asks("GET", "/practice/"+name, "If-None-Match: "+file.Header.Get("ETag")+"\r\n")
		if again.Status != http.StatusNotModified || again.Body != "" {
			t.Errorf("%s was sent again: %d", name, again.Status)
		}
	}
}

func TestADemoUserSignsInOnThisMachine(t *testing.T) {
	t.Parallel()
	s := startPage(t)
	for name, tt := range map[string]struct{ path, head, want string }{
		"a student":           {"student", "", `{"data":{"access_token":"student","expires_in":3600,"students":[]},"error":null}`},
		"a teacher":           {"faculty", "", `{"data":{"access_token":"faculty","expires_in":3600,"students":["a","b"]},"error":null}`},
		"the page itself":     {"student", "Host: localhost:8000\r\nOrigin: http://localhost:8000\r\n", "student"},
		"by its address":      {"student", "Host: 127.0.0.1:8000\r\nOrigin: http://127.0.0.1:8000\r\n", "student"},
		"by its IPv6 address": {"student", "Host: [::1]:8000\r\nOrigin: http://[::1]:8000\r\n", "student"},
		"another port's page": {"student", "Origin: " + origin + "\r\n", "student"},
	} {
		got := s.asks("POST", "/practice/sign-in/"+tt.path, tt.head)
		if got.Status != http.StatusOK || !strings.Contains(got.Body, tt.want) || got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: answered %d %s", name, got.Status, got.Body)
		}
	}
}

func TestNobodySignsInFromElsewhere(t *testing.T) {
	t.Parallel()
	s := startPage(t)
	for name, head := range map[string]string{
		"a foreign host":             "Host: journey.example\r\n",
		"a name that leads here":     "Host: localhost.journey.example:8000\r\n",
		"an address of the network":  "Host: 192.0.2.1:8000\r\n",
		"all addresses":              "Host: 0.0.0.0:8000\r\n",
		"a foreign page":             "Origin: https://journey.example\r\n",
		"a page without an origin":   "Origin: null\r\n",
		"an empty origin":            "Origin:\r\n",
		"a page of another machine":  "Origin: http://192.0.2.1:8000\r\n",
		"a name that looks like it":  "Origin: http://localhost.journey.example\r\n",
		"two origins":                "Origin: http://localhost:8000\r\nOrigin: https://journey.example\r\n",
		"behind a proxy":             "X-Forwarded-For: 127.0.0.1\r\n",
		"behind an empty proxy":      "X-Forwarded-For:\r\n",
		"behind a standard proxy":    "Forwarded: for=127.0.0.1\r\n",
		"behind another proxy":       "Via: 1.1 proxy\r\n",
		"behind nginx":               "X-Real-IP: 127.0.0.1\r\n",
		"a proxy that names its own": "X-Forwarded-Host: localhost\r\n",
	} {
		got := s.asks("POST", "/practice/sign-in/student", head)
		want := failed{
			Status: http.StatusForbidden, Code: "FORBIDDEN", Reason: "not_this_machine",
			Message: "Only programs and pages on the machine that runs the service may ask for this, without a proxy: open it as localhost",
		}
		if diff := cmp.Diff(want, got.Failure(t)); diff != "" || strings.Contains(got.Body, "student") {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNobodyButTheDemoUsersSignsIn(t *testing.T) {
	t.Parallel()
	s := startPage(t)
	for _, role := range []string{"superadmin", "institutional_admin", "advisor", "nobody", "Student", "%20student"} {
		if got := s.asks("POST", "/practice/sign-in/"+role, ""); got.Status != http.StatusNotFound {
			t.Errorf("%s: answered %d %s", role, got.Status, got.Body)
		}
	}
	if got := s.asks("GET", "/practice/sign-in/student", ""); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("a link signs in: %d", got.Status)
	}
}

func TestWithoutASignInThereIsNoPracticePage(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, ask := range [][2]string{{"GET", "/practice"}, {"GET", "/practice/practice.js"}, {"POST", "/practice/sign-in/student"}} {
		if got := s.asks(ask[0], ask[1], ""); got.Status != http.StatusNotFound {
			t.Errorf("%s %s: answered %d", ask[0], ask[1], got.Status)
		}
	}
}

func TestThePracticePageIsNoPartOfTheAPI(t *testing.T) {
	t.Parallel()
	with, err := startPage(t).Server.OpenAPI()
	without, fault := start(t).Server.OpenAPI()
	if diff := cmp.Diff(string(without), string(with)); err != nil || fault != nil || diff != "" {
		t.Errorf("%v, %v (-without +with):\n%s", err, fault, diff)
	}
}

func TestASignInThatFailsSaysNothingOfWhy(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *apitest.Options) {
		o.SignIn = func(core.Role) (httpapi.SignedIn, error) {
			return httpapi.SignedIn{}, errors.New("the secret is short")
		}
	})
	if got := s.asks("POST", "/practice/sign-in/student", ""); got.Status != http.StatusInternalServerError || strings.Contains(got.Body, "secret") {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}
