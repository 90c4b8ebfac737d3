package check

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gateway is the compose file's gateway, of its image's version, in front of servers that tell what reached them.
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
	version := regexp.MustCompile(`image: caddy:([0-9]+\.[0-9]+\.[0-9]+)-alpine\n`).FindStringSubmatch(read(t, composeFile))
	if version == nil {
		t.Fatalf("%s has no gateway of an exact version", composeFile)
	}
	tools := t.TempDir()
	install := exec.CommandContext(t.Context(), "go", "install", "github.com/caddyserver/caddy/v2/cmd/caddy@v"+version[1])
	install.Env = append(os.Environ(), "GOBIN="+tools)
	output(t, install)
	command := exec.Command(filepath.Join(tools, "caddy"), "run", "--config", filepath.Join(root, "deploy/compose/Caddyfile"))
	command.Env = []string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"),
		"SUPABASE_ANON_KEY=anon-key", "SUPABASE_SERVICE_ROLE_KEY=service-key", "GATEWAY_PORT=" + port,
		"REST_ADDRESS=" + rest.Listener.Addr().String(), "AUTH_ADDRESS=" + auth.Listener.Addr().String(),
	}
	start(t, command).waitFor(t, "serving initial configuration")
	return "http://127.0.0.1:" + port, rest.Close
}

func TestTheGatewayAnswersAsASupabaseProjectDoes(t *testing.T) {
	const (
		keyless  = `401 {"message":"No API key found in request","hint":"No apikey request header was found."}`
		stranger = `401 {"message":"Invalid API key"}`
		unknown  = `404 {"message":"no Route matched with those values"}`
		gone     = `502 {"message":"An invalid response was received from the upstream server"}`
	)
	url, stopRest := gateway(t)
	key := func(value string) http.Header { return http.Header{"Apikey": {value}} }
	check := func(name, method, path string, header http.Header, want string) {
		t.Run(name, func(t *testing.T) {
			status, body := ask(t, method, url+path, header)
			if diff := cmp.Diff(want, fmt.Sprint(status, " ", body)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	check("PostgREST needs a key", "GET", "/rest/v1/", nil, keyless)
	check("PostgREST needs one of the two keys", "GET", "/rest/v1/", key("other"), stranger)
	check("the anon key is passed on as the token", "GET", "/rest/v1/items", key("anon-key"), "200 rest GET /items Bearer anon-key")
	check("the service key is too", "POST", "/rest/v1/items", key("service-key"), "200 rest POST /items Bearer service-key")
	check("a token of the caller's own stays", "GET", "/rest/v1/items",
		http.Header{"Apikey": {"anon-key"}, "Authorization": {"Bearer user"}}, "200 rest GET /items Bearer user")
	check("a token is no key", "GET", "/rest/v1/", http.Header{"Authorization": {"Bearer user"}}, keyless)
	check("a preflight has no key", "OPTIONS", "/rest/v1/items", nil, "200 rest OPTIONS /items ")
	check("GoTrue needs a key", "POST", "/auth/v1/token", nil, keyless)
	check("GoTrue gets it", "POST", "/auth/v1/token", key("anon-key"), "200 auth POST /token Bearer anon-key")
	check("the signing keys are open", "GET", "/auth/v1/.well-known/jwks.json", nil, "200 auth GET /.well-known/jwks.json ")
	check("a link in a mail is open", "GET", "/auth/v1/verify", nil, "200 auth GET /verify ")
	check("an open path opens no other", "GET", "/auth/v1/.well-known/../admin/users", nil, keyless)
	check("nothing else is served", "GET", "/storage/v1/", key("anon-key"), unknown)
	stopRest()
	check("a server that is gone is a 502", "GET", "/rest/v1/", key("anon-key"), gone)
}
