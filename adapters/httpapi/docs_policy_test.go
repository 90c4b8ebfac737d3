package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePolicyOfTheDocsNamesTheScriptsOfThePageAndNoOther(t *testing.T) {
	t.Parallel()
	page := start(t).get("/docs")
	var want []string
	for _, script := range regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`).FindAllStringSubmatch(page.Body, -1) {
		switch attributes, code := script[1], script[2]; {
		case attributes == "":
			hash := sha256.Sum256([]byte(code))
			want = append(want, "'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'")
		case code != "" || !strings.Contains(attributes, `src="/docs/`):
			t.Errorf("a script that no policy lets run: %s", script[0])
		}
	}
	got := regexp.MustCompile(`'sha256-[^']+'`).FindAllString(page.Header.Get("Content-Security-Policy"), -1)
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, inline := range []string{" onclick=", " onload=", " onerror=", "javascript:"} {
		if strings.Contains(page.Body, inline) {
			t.Errorf("the page has %q, which the policy stops", inline)
		}
	}
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A browser that takes a reply for a page may do nothing with it, whatever kind of reply it is.
func TestEveryReplyButTheDocsPageMayLoadNothing(t *testing.T) {
	t.Parallel()
	s := limited(t, 1)
	forged := "Authorization: Bearer forged\r\n"
	replies := map[string]string{
		"a probe": line + host + "\r\n", "a page that is not there": "GET /nope HTTP/1.1\r\n" + host + "\r\n",
		"another method": "PUT /health HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", "no token": "GET /api/me HTTP/1.1\r\n" + host + "\r\n",
		"a user": "GET /api/me HTTP/1.1\r\n" + host + "Authorization: Bearer student\r\n\r\n",
		"a role": "GET /api/diagnostics HTTP/1.1\r\n" + host + "Authorization: Bearer advisor\r\n\r\n",
		"a bug":  "GET /api/example/failing/panic HTTP/1.1\r\n" + host + "\r\n", "a slow dependency": "GET /api/example/failing/unavailable HTTP/1.1\r\n" + host + "\r\n",
		"a redirect": "GET / HTTP/1.1\r\n" + host + "\r\n", "a preflight": "OPTIONS /docs HTTP/1.1\r\n" + host + "Origin: " + origin + "\r\nAccess-Control-Request-Method: GET\r\n\r\n",
		"the document": "GET /openapi.json HTTP/1.1\r\n" + host + "\r\n", "the document as YAML": "GET /openapi.yaml HTTP/1.1\r\n" + host + "\r\n",
		"a style": "GET /docs/swagger-ui.css HTTP/1.1\r\n" + host + "\r\n", "a script": "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\n" + host + "\r\n",
		"a file that is not there": "GET /docs/nope HTTP/1.1\r\n" + host + "\r\n", "what is no HTTP": "nonsense\r\n\r\n",
		"large headers": line + host + "Cookie: " + strings.Repeat("x", 20<<10) + "\r\n\r\n",
		"a large body":  "POST /api/example/own HTTP/1.1\r\n" + host + "Content-Length: 2000000\r\n\r\n",
	}
	s.Raw("GET /api/me HTTP/1.1\r\n" + host + "X-Forwarded-For: 192.0.2.1\r\n" + forged + "\r\n")
	replies["too many"] = "GET /api/me HTTP/1.1\r\n" + host + "X-Forwarded-For: 192.0.2.1\r\n" + forged + "\r\n"
	seen := map[int]bool{}
	for name, bytes := range replies {
		got := s.Raw(bytes) // which checks what every reply has
		seen[got.Status] = true
		if policies := got.Header.Values("Content-Security-Policy"); len(policies) != 1 {
			t.Errorf("%s: answered %d with %q", name, got.Status, policies)
		}
	}
	for _, status := range []int{200, 204, 302, 400, 401, 403, 404, 405, 413, 429, 431, 500, 503} {
		if !seen[status] {
			t.Errorf("no reply was a %d", status)
		}
	}
}

func TestAHeadOfTheDocsHasThePolicyOfThePage(t *testing.T) {
	t.Parallel()
	s := start(t)
	got, want := s.Do(request{Method: http.MethodHead, Path: "/docs"}), s.get("/docs")
	if diff := cmp.Diff(want.Header.Values("Content-Security-Policy"), got.Header.Values("Content-Security-Policy")); diff != "" || got.Status != http.StatusOK {
		t.Errorf("answered %d (-GET +HEAD):\n%s", got.Status, diff)
	}
}
