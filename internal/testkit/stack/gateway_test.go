package stack_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/stack"
)

func gatewayBefore(t *testing.T, rest http.Handler) http.Handler {
	t.Helper()
	server := httptest.NewServer(rest)
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return stack.NewGateway(target, "anon-key", "service-key")
}

func TestTheGatewayTreatsRequestsAsASupabaseProjectDoes(t *testing.T) {
	gateway := gatewayBefore(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusAccepted)
		_, _ = fmt.Fprintf(w, "%s %s %s %q %s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body, r.Header.Get("Prefer"))
	}))
	const (
		noKey   = `{"message":"No API key found in request","hint":"No ` + "`apikey`" + ` request header or url param was found."}` + "\n"
		badKey  = `{"message":"Invalid API key"}` + "\n"
		noRoute = `{"message":"no Route matched with those values"}` + "\n"
	)
	type reply struct {
		Status int
		Body   string
	}
	tests := map[string]struct {
		path   string
		header map[string]string
		want   reply
	}{
		"no key":                        {"/rest/v1/items", nil, reply{401, noKey}},
		"a user's token is no key":      {"/rest/v1/items", map[string]string{"Authorization": "Bearer user"}, reply{401, noKey}},
		"an unknown key":                {"/rest/v1/items", map[string]string{"apikey": "other"}, reply{401, badKey}},
		"the published keys":            {"/auth/v1/.well-known/jwks.json", nil, reply{200, `{"keys":[]}`}},
		"another path":                  {"/auth/v1/health", map[string]string{"apikey": "anon-key"}, reply{404, noRoute}},
		"a longer prefix":               {"/rest/v12", map[string]string{"apikey": "anon-key"}, reply{404, noRoute}},
		"the key stands in for a token": {"/rest/v1/", map[string]string{"apikey": "anon-key"}, reply{202, `POST / Bearer anon-key "row" `}},
		"a token is left alone": {"/rest/v1/items?id=eq.%2F&a", map[string]string{"apikey": "service-key", "Authorization": "Bearer user", "Prefer": "count=exact"},
			reply{202, `POST /items?id=eq.%2F&a Bearer user "row" count=exact`}},
		"an escaped path": {"/rest/v1/a%2Fb", map[string]string{"apikey": "service-key"}, reply{202, `POST /a%2Fb Bearer service-key "row" `}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader("row"))
			for header, value := range test.header {
				request.Header.Set(header, value)
			}
			recorder := httptest.NewRecorder()
			gateway.ServeHTTP(recorder, request)
			if diff := cmp.Diff(test.want, reply{recorder.Code, recorder.Body.String()}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheGatewaySaysThatPostgRESTIsGone(t *testing.T) {
	gateway := stack.NewGateway(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, "anon-key")
	request := httptest.NewRequest(http.MethodGet, "/rest/v1/", nil)
	request.Header.Set("apikey", "anon-key")
	recorder := httptest.NewRecorder()
	gateway.ServeHTTP(recorder, request)
	want := `{"message":"An invalid response was received from the upstream server"}` + "\n"
	if recorder.Code != http.StatusBadGateway || recorder.Body.String() != want {
		t.Errorf("got %d %s", recorder.Code, recorder.Body)
	}
}

func TestTheGatewayKeepsNoConnectionAfterAReplyToHEAD(t *testing.T) {
	closes := map[string]bool{}
	gateway := gatewayBefore(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { closes[r.Method] = r.Close }))
	for _, method := range []string{http.MethodHead, http.MethodDelete} {
		request := httptest.NewRequest(method, "/rest/v1/items", nil)
		request.Header.Set("apikey", "anon-key")
		gateway.ServeHTTP(httptest.NewRecorder(), request)
	}
	if diff := cmp.Diff(map[string]bool{http.MethodHead: true, http.MethodDelete: false}, closes); diff != "" {
		t.Error(diff)
	}
}
