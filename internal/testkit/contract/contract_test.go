package contract

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/document"
)

const text = `{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/things":{"get":{"responses":{
	"200":{"description":"OK","content":{"application/json":{"schema":{"type":"object","additionalProperties":false,
		"properties":{"data":{"enum":["good"]},"error":{}}}}}},
	"default":{"description":"A failure","content":{"application/json":{}}}}}}}}`

func failure(reason string) string {
	return `{"data":null,"error":{"code":"A_CODE","message":"m"},"meta":{"correlation_id":"v-1","reason":"` + reason + `"}}`
}

func TestWhatIsWrongWithAReplyIsSaid(t *testing.T) {
	described, err := document.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	promised := Contract{Document: described, Origins: []string{"https://listed.example"}}
	const good, bare = `{"data":"good","error":null}`, `Bearer realm="journey-api"`
	for _, tt := range []struct {
		status                    int
		body, header, value, want string
	}{
		{200, good, "", "", ""},
		{200, good, "Access-Control-Allow-Origin", "https://listed.example", "Allow-Origin"}, // nobody from there asks
		{200, good, "Cache-Control", "", "Cache-Control"},
		{200, good, "Content-Security-Policy", "default-src *", "Content-Security-Policy"},
		{200, good, "Content-Type", "text/plain", "document"},
		{200, good, "Server", "fasthttp", "Server"},
		{200, good, "X-Correlation-ID", "v-2", "correlation id"},
		{200, strings.Replace(good, "good", "bad", 1), "", "", "document"},
		{200, strings.Replace(good, "}", `,"debug":1}`, 1), "", "", "not the envelope"},
		{200, "ok", "", "", "not the envelope"},
		{500, good, "", "", ""},
		{500, failure("x"), "Content-Type", "text/plain", "not the envelope"},
		{500, "", "", "", "not the envelope"},
		{500, strings.Replace(failure("x"), "v-1", "v-2", 1), "", "", "correlation id"},
		{401, failure("token_missing"), "WWW-Authenticate", bare, ""},
		{401, failure("token_missing"), "WWW-Authenticate", bare + `, error="invalid_token"`, "challenge"},
		{401, failure("token_expired"), "WWW-Authenticate", bare + `, error="invalid_token"`, ""},
		{401, failure("token_expired"), "WWW-Authenticate", bare, "challenge"},
		{403, failure("role_not_allowed"), "", "", "challenge"},
		{503, failure("overloaded"), "Retry-After", "1", ""},
		{503, failure("overloaded"), "Retry-After", "0", "Retry-After"},
		{429, failure(""), "", "", "Retry-After"},
	} {
		asked := httptest.NewRequest(http.MethodGet, "/things", nil)
		asked.Header.Set("X-Correlation-Id", "v-1")
		r := Reply{Status: tt.status, Body: tt.body, Header: http.Header{}}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "X-Correlation-ID": "v-1", "Cache-Control": "no-store", "Vary": "Origin",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			r.Header.Set(name, value)
		}
		r.Header.Set(tt.header, tt.value)
		_, err := promised.Check(asked, r)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%d %s with %s %s: %v, want %q", tt.status, tt.body, tt.header, tt.value, err, tt.want)
		}
	}
}

func TestMembersThatAreMissing(t *testing.T) {
	for object, fits := range map[string]bool{
		`{"a":1,"b":[{"c":0.3}],"more":2}`: true, `{"a":1,"b":[{"c":0.3,"more":2}]}`: true,
		`{"a":2,"b":[{"c":0.3}]}`: false, `{"b":[{"c":0.3}]}`: false, `{"a":1,"b":[]}`: false, `{"a":1,"b":[{"c":0.31}]}`: false, `no`: false,
	} {
		want := Members{"a": 1, "b": []Members{{"c": .1 + .2}}}
		if diff := want.MissingIn([]byte(object)); (diff == "") != fits {
			t.Errorf("%s lacks %q", object, diff)
		}
	}
}
