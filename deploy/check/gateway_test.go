//go:build unix

package check

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gateway is the compose file's gateway with its own program, in front of servers that tell what reached them.
func gateway(t *testing.T) (url string, stopRest func()) {
	t.Helper()
	echo := func(name string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" "+r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		}))
		t.Cleanup(server.Close)
		return server
	}
	rest, auth, port := echo("rest"), echo("auth"), freePort(t)
	path := filepath.Join(t.TempDir(), "caddy")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/caddyserver/caddy/v2/cmd/caddy").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.Command(path, "run", "--config", filepath.Join(root, "deploy/compose/Caddyfile"), "--adapter", "caddyfile")
	command.Env = []string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"),
		"SUPABASE_ANON_KEY=anon-key", "SUPABASE_SERVICE_ROLE_KEY=service-key", "GATEWAY_PORT=" + port,
		"REST_ADDRESS=" + rest.Listener.Addr().String(), "AUTH_ADDRESS=" + auth.Listener.Addr().String(),
	}
	start(t, command).waitFor(t, "serving initial configuration")
	return "http://127.0.0.1:" + port, rest.Close
}

func ask(t *testing.T, method, url string, header http.Header) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.Status[:3] + " " + string(body)
}

func TestTheGatewayAnswersAsASupabaseProjectDoes(t *testing.T) {
	const (
		keyless  = `401 {"message":"No API key found in request","hint":"No apikey request header was found."}`
		stranger = `401 {"message":"Invalid API key"}`
		unknown  = `404 {"message":"no Route matched with those values"}`
	)
	url, stopRest := gateway(t)
	key := func(value string) http.Header { return http.Header{"Apikey": {value}} }
	for _, test := range []struct {
		name, method, path string
		header             http.Header
		want               string
	}{
		{"PostgREST needs a key", "GET", "/rest/v1/", nil, keyless},
		{"PostgREST needs one of the two keys", "GET", "/rest/v1/", key("other"), stranger},
		{"the anon key is passed on as the token", "GET", "/rest/v1/items", key("anon-key"), "200 rest GET /items Bearer anon-key"},
		{"the service key is too", "POST", "/rest/v1/items", key("service-key"), "200 rest POST /items Bearer service-key"},
		{
			"a token of the caller's own stays", "GET", "/rest/v1/items",
			http.Header{"Apikey": {"anon-key"}, "Authorization": {"Bearer user"}}, "200 rest GET /items Bearer user",
		},
		{"a token is no key", "GET", "/rest/v1/", http.Header{"Authorization": {"Bearer user"}}, keyless},
		{"a preflight has no key", "OPTIONS", "/rest/v1/items", nil, "200 rest OPTIONS /items "},
		{"GoTrue needs a key", "POST", "/auth/v1/token", nil, keyless},
		{"GoTrue gets it", "POST", "/auth/v1/token", key("anon-key"), "200 auth POST /token Bearer anon-key"},
		{"the signing keys are open", "GET", "/auth/v1/.well-known/jwks.json", nil, "200 auth GET /.well-known/jwks.json "},
		{"a link in a mail is open", "GET", "/auth/v1/verify", nil, "200 auth GET /verify "},
		{"an open path opens no other", "GET", "/auth/v1/.well-known/../admin/users", nil, keyless},
		{"nothing else is served", "GET", "/storage/v1/", key("anon-key"), unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, test.method, url+test.path, test.header)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a server that is gone is a 502", func(t *testing.T) {
		stopRest()
		want := `502 {"message":"An invalid response was received from the upstream server"}`
		if diff := cmp.Diff(want, ask(t, "GET", url+"/rest/v1/", key("anon-key"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestTheGatewayTestedIsTheGatewayOfTheImage(t *testing.T) {
	version, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "github.com/caddyserver/caddy/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	tag := "image: caddy:" + strings.TrimPrefix(strings.TrimSpace(string(version)), "v") + "-alpine\n"
	if !strings.Contains(string(read(t, composeFile)), tag) {
		t.Errorf("%s has no %q", composeFile, tag)
	}
}
