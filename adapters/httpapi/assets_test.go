package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const script = "/docs/swagger-ui.js"

func TestAFileOfTheDocsIsPackedOnlyForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	plain := s.Do(request{Path: script, Header: http.Header{"Accept-Encoding": {"identity"}}})
	for accepted, want := range map[string]string{
		"gzip":                   "gzip",
		"gzip, deflate, br":      "gzip",
		"br;q=1.0, gzip;q=0.5":   "gzip",
		"gzip;q=0":               "",
		"gzip; q=0":              "",
		"gzip;q=0.000, deflate":  "",
		"deflate, br":            "",
		"*":                      "",
		"identity, gzip;q=0.5":   "",
		"identity;q=0.5, gzip":   "gzip",
		"gzip;q=0, identity":     "",
		"not an encoding at all": "",
	} {
		got := s.Do(request{Path: script, Header: http.Header{"Accept-Encoding": {accepted}, "Origin": {origin}}})
		if encoding := got.Header.Get("Content-Encoding"); got.Status != http.StatusOK || encoding != want {
			t.Errorf("%q was answered %d in %q, want %q", accepted, got.Status, encoding, want)
			continue
		}
		body := []byte(got.Body)
		if want == "gzip" {
			body = unpacked(t, body)
		}
		if !bytes.Equal(body, []byte(plain.Body)) {
			t.Errorf("%q was answered another file of %d bytes", accepted, len(body))
		}
		if (got.Header.Get("ETag") == plain.Header.Get("ETag")) != (want == "") {
			t.Errorf("%q: the tag %s is not its form's own", accepted, got.Header.Get("ETag"))
		}
	}
	for path, want := range map[string]string{
		script: "text/javascript", "/docs/swagger-ui.css": "text/css", "/docs/favicon-16x16.png": "image/png", "/docs/oauth2-redirect.html": "text/html",
	} {
		if got := s.get(path); got.Status != http.StatusOK || got.Header.Get("Content-Type") != want {
			t.Errorf("%s is %q", path, got.Header.Get("Content-Type"))
		}
	}
}

func unpacked(t *testing.T, body []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// The forms are those of RFC 9110, section 13.1.2.
func TestAFileOfTheDocsIsNotSentAgainToThoseWhoHaveIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, encoding := range []string{"identity", "gzip"} {
		ask := func(method string, header http.Header) reply {
			header["Accept-Encoding"], header["Origin"] = []string{encoding}, []string{origin}
			return s.Do(request{Method: method, Path: script, Header: header})
		}
		first := ask(http.MethodGet, http.Header{})
		tag := first.Header.Get("ETag")
		if !regexp.MustCompile(`^"[!\x23-\x7e]+"$`).MatchString(tag) { // an entity-tag that is strong
			t.Errorf("%s: the tag is %s", encoding, tag)
		}
		for sent, want := range map[string]int{
			tag: 304, "W/" + tag: 304, "*": 304, `"another", ` + tag: 304, tag + `, "another"`: 304, `"another" , W/` + tag: 304,
			`"another"`: 200, strings.Trim(tag, `"`): 200, `W/"another"`: 200, "": 200,
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				got := ask(method, http.Header{"If-None-Match": {sent}})
				if got.Status != want || want == http.StatusNotModified && got.Body != "" {
					t.Errorf("%s %s, If-None-Match: %s was answered %d", encoding, method, sent, got.Status)
				}
				for _, name := range []string{"ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"} {
					if diff := cmp.Diff(first.Header.Values(name), got.Header.Values(name)); diff != "" {
						t.Errorf("%d: %s (-first +got):\n%s", got.Status, name, diff)
					}
				}
			}
		}
		if vary := first.Header.Values("Vary"); !cmp.Equal(vary, []string{"Origin, Accept-Encoding"}) {
			t.Errorf("Vary is %q", vary)
		}
	}
	dated := s.Do(request{Path: script, Header: http.Header{"If-Modified-Since": {"Fri, 01 Jan 2100 00:00:00 GMT"}}})
	if dated.Status != http.StatusOK {
		t.Errorf("a date was compared with a file that has none: %d", dated.Status)
	}
}
