package supabasedb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/correlation"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

const (
	jwtKey    = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.signature"
	secretKey = "sb_secret_0123456789abcdef"
)

type item struct {
	ID   string `json:"id"`
	Note string `json:"note"`
}

func settings(url string) supabasedb.Config {
	return supabasedb.Config{URL: url, ServiceRoleKey: jwtKey, Timeout: 3 * wait.Limit, HealthPath: "/rest/v1/"}
}

func newClient(t *testing.T, config supabasedb.Config) *supabasedb.Client {
	t.Helper()
	client, err := supabasedb.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// serve answers with the media type of PostgREST's root, unless the handler names another.
func serve(t *testing.T, handle http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(asPostgREST(handle))
	t.Cleanup(server.Close)
	return server.URL
}

// replying serves one reply to all.
func replying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func asPostgREST(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json; charset=utf-8")
		handle(w, r)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (send roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	return send(request)
}

// ways are the two that a store has to ask.
func ways(client *supabasedb.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"a query": func(ctx context.Context) error {
			var rows []item
			_, err := client.From(ctx, "items").Select("*", "", false).Eq("note", "ada@example.org").ExecuteTo(&rows)
			return err
		},
		"a call": func(ctx context.Context) error {
			return client.Call(ctx, "estimate", map[string]any{"email": "ada@example.org"}, new(any))
		},
	}
}

var unavailable = &core.Error{
	Code: core.CodeUnavailable, Reason: core.ReasonDependencyUnavailable,
	Message: "A dependency is unavailable", RetryAfter: time.Second,
}

// wantError compares all but the cause; want nil is an error that is none of the platform.
func wantError(t *testing.T, err error, want *core.Error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	var got *core.Error
	errors.As(err, &got)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
		t.Errorf("error (-want +got):\n%s\n%v", diff, err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*supabasedb.Config){
		"no URL":                  func(c *supabasedb.Config) { c.URL = "" },
		"a URL without a scheme":  func(c *supabasedb.Config) { c.URL = "example.org" },
		"another scheme":          func(c *supabasedb.Config) { c.URL = "ftp://example.org" },
		"a URL with userinfo":     func(c *supabasedb.Config) { c.URL = "https://a:b@example.org" },
		"a URL with a query":      func(c *supabasedb.Config) { c.URL = "https://example.org?a=b" },
		"no key":                  func(c *supabasedb.Config) { c.ServiceRoleKey = "" },
		"no time":                 func(c *supabasedb.Config) { c.Timeout = 0 },
		"a relative health path":  func(c *supabasedb.Config) { c.HealthPath = "rest/v1/" },
		"a malformed health path": func(c *supabasedb.Config) { c.HealthPath = "/%zz" },
	} {
		t.Run(name, func(t *testing.T) {
			config := settings("https://example.org")
			spoil(&config)
			if _, err := supabasedb.New(config); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}

func TestRequestsAreAsPostgRESTWantsThem(t *testing.T) {
	t.Parallel()
	type sent struct{ Method, URL, Body string }
	var got sent
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = sent{r.Method, r.URL.String(), string(body)}
		_, _ = io.WriteString(w, `[{"id":"a","note":"b"}]`)
	})
	client := newClient(t, settings(url+"/"))
	var rows []item
	want := []item{{"a", "b"}}

	if _, err := client.From(t.Context(), "items").Select("id,note", "", false).Eq("id", "a&b").ExecuteTo(&rows); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent{"GET", "/rest/v1/items?id=eq.a%26b&select=id%2Cnote", ""}, got); diff != "" || !cmp.Equal(want, rows) {
		t.Errorf("query: rows %v; request (-want +got):\n%s", rows, diff)
	}
	rows = nil
	if err := client.Call(t.Context(), "estimate", map[string]int{"n": 1}, &rows); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent{"POST", "/rest/v1/rpc/estimate", `{"n":1}`}, got); diff != "" || !cmp.Equal(want, rows) {
		t.Errorf("call: rows %v; request (-want +got):\n%s", rows, diff)
	}
}

func TestTheKeyStandsWhereItsFormBelongs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, key string
		want      http.Header
	}{
		{"a JWT in both headers", jwtKey, http.Header{"Apikey": {jwtKey}, "Authorization": {"Bearer " + jwtKey}}},
		{"a secret key in apikey alone", secretKey, http.Header{"Apikey": {secretKey}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got http.Header
			config := settings(serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = http.Header{}
				for _, name := range []string{"Apikey", "Authorization"} {
					if values := r.Header.Values(name); values != nil {
						got[name] = values
					}
				}
				_, _ = io.WriteString(w, "[]")
			}))
			config.ServiceRoleKey = test.key
			client := newClient(t, config)
			asked := ways(client)
			asked["a health check"] = client.Check
			for way, ask := range asked {
				if err := ask(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: headers (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

func TestEachOfManyCallsAtOnceCarriesItsOwnCorrelationID(t *testing.T) {
	t.Parallel()
	client := newClient(t, settings(serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(r.Header.Values(correlation.Header))
	})))
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			id := fmt.Sprintf("request-%d", i)
			ctx := core.WithCorrelationID(t.Context(), core.CorrelationID(id))
			for range 10 {
				var queried, called []string
				_, err := client.From(ctx, "items").Select("*", "", false).ExecuteTo(&queried)
				if err := errors.Join(err, client.Call(ctx, "estimate", nil, &called)); err != nil {
					t.Error(err)
				}
				if want := []string{id}; !cmp.Equal(want, queried) || !cmp.Equal(want, called) {
					t.Errorf("%s: the query carried %q, the call %q", id, queried, called)
				}
			}
		})
	}
	callers.Wait()
	var none []string
	if err := client.Call(t.Context(), "estimate", nil, &none); err != nil || len(none) != 0 {
		t.Errorf("a call without an id carried %q (%v)", none, err)
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	const detail = "example.org"
	body := func(code string) string {
		return `{"code":"` + code + `","message":"driver text","details":"Key (email)=(ada@` + detail + `)","hint":"` + detail + `"}`
	}
	conflict := &core.Error{Code: core.CodeConflict, Message: "It conflicts with what is already there"}
	missing := &core.Error{Code: core.CodeNotFound, Message: "There is no such thing"}
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   *core.Error
	}{
		{"a unique value that is taken is a conflict", 409, body("23505"), conflict},
		{"a foreign key without its row is a conflict", 409, body("23503"), conflict},
		{"any conflict is one", 409, "", conflict},
		{"no single row is not found", 406, body("PGRST116"), missing},
		{"a refused key is unavailable", 401, body("PGRST301"), unavailable},
		{"a right that our role lacks is unavailable", 403, body("42501"), unavailable},
		{"a limit is unavailable", 429, "slow down", unavailable},
		{"a fault is unavailable", 500, body("XX000"), unavailable},
		{"a gateway that finds nobody is unavailable", 502, "<html>Bad Gateway</html>", unavailable},
		{"Postgres gone is unavailable", 503, body("PGRST000"), unavailable},
		{"a pool that is full is unavailable", 504, body("PGRST003"), unavailable},
		{"a redirect is unavailable", 301, "", unavailable},
		{"a faulty query is no error of the platform", 400, body("PGRST100"), nil},
		{"an unknown table is no error of the platform", 404, body("PGRST205"), nil},
		{"a reply that is no JSON is no error of the platform", 200, "<html>Welcome</html>", nil},
		{"a reply that stops half-way is no error of the platform", 200, `[{"id":"a"`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := newClient(t, settings(serve(t, replying(test.status, test.body))))
			for way, ask := range ways(client) {
				t.Run(way, func(t *testing.T) {
					err := ask(t.Context())
					wantError(t, err, test.want)
					if strings.Contains(err.Error(), detail) {
						t.Errorf("the log holds a value of the row or the query: %v", err)
					}
				})
			}
		})
	}
}

func TestErrorsOfTheNetwork(t *testing.T) {
	t.Parallel()
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	strange := httptest.NewUnstartedServer(replying(200, "[]"))
	strange.Config.ErrorLog = quiet
	strange.StartTLS()
	t.Cleanup(strange.Close)
	for _, test := range []struct {
		name   string
		config supabasedb.Config
	}{
		{"nobody listens", settings("http://" + refused.Addr().String())},
		{"a certificate of nobody known", settings(strange.URL)},
		{"a connection that is cut", settings(serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))},
		{"a body that is cut", settings(serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "[")
		}))},
		{"a name that nobody has", withTransport("http://nowhere.example", func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}}
		})},
	} {
		t.Run(test.name, func(t *testing.T) {
			for way, ask := range ways(newClient(t, test.config)) {
				t.Run(way, func(t *testing.T) { wantError(t, ask(t.Context()), unavailable) })
			}
		})
	}
}

func withTransport(url string, send roundTripper) supabasedb.Config {
	config := settings(url)
	config.Transport = send
	return config
}

func TestASilentServerIsLeftInTime(t *testing.T) {
	t.Parallel()
	// silences are where a server can stop talking.
	silences := map[string]http.HandlerFunc{
		"before the reply": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"amid the body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "[")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	}
	const limit = 200 * time.Millisecond
	for where, handle := range silences {
		// The server sees a client leave only once it has read the request's body.
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			handle(w, r)
		})
		own := settings(url)
		own.Timeout = limit
		for who, test := range map[string]struct {
			config supabasedb.Config
			limit  time.Duration
		}{
			"by the caller's deadline": {settings(url), limit},
			"by its own":               {own, time.Hour},
		} {
			for way, ask := range ways(newClient(t, test.config)) {
				t.Run(fmt.Sprintf("%s, %s, %s", way, where, who), func(t *testing.T) {
					began := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), test.limit)
					defer cancel()
					wantError(t, ask(ctx), unavailable)
					if took := time.Since(began); took < limit || took > limit+wait.Limit {
						t.Errorf("it took %v, want about %v", took, limit)
					}
				})
			}
		}
	}
}

func TestACancelledCallerGetsTheirCancellation(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	client := newClient(t, settings(serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	})))
	asking := ways(client)
	asking["a query with a context of its own beside"] = func(ctx context.Context) error {
		_, _, err := client.From(t.Context(), "items").Select("*", "", false).ExecuteWithContext(ctx)
		return err
	}
	for way, ask := range asking {
		t.Run(way, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-asked
				cancel()
			}()
			began := time.Now()
			err := ask(ctx)
			wantError(t, err, nil)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want %v", err, context.Canceled)
			}
			if took := time.Since(began); took > wait.Limit {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestAFailedCallDoesNotSpoilTheNext(t *testing.T) {
	t.Parallel()
	replies := make(chan http.HandlerFunc, 1)
	client := newClient(t, settings(serve(t, func(w http.ResponseWriter, r *http.Request) { (<-replies)(w, r) })))
	for way, ask := range ways(client) {
		for _, status := range []int{400, 401, 409, 500, 302} {
			replies <- replying(status, `{"code":"X","message":"broken"}`)
			if err := ask(t.Context()); err == nil {
				t.Errorf("%s: status %d is no error", way, status)
			}
			replies <- replying(200, "[]")
			if err := ask(t.Context()); err != nil {
				t.Errorf("%s after status %d: %v", way, status, err)
			}
		}
		if err := client.Call(t.Context(), "estimate", func() {}, nil); err == nil {
			t.Error("arguments that are no JSON were sent")
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var followed bool
	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		followed = true
		_, _ = io.WriteString(w, "[]")
	})
	client := newClient(t, settings(serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
	})))
	for way, ask := range ways(client) {
		t.Run(way, func(t *testing.T) { wantError(t, ask(t.Context()), unavailable) })
	}
	if got := core.FaultOf(client.Check(t.Context())); got != core.FaultServerError {
		t.Errorf("health: fault %q, want %q", got, core.FaultServerError)
	}
	if followed {
		t.Error("the key was carried elsewhere")
	}
}

func TestAHugeReplyIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	var sent int
	done := make(chan struct{}, 1)
	client := newClient(t, settings(serve(t, func(w http.ResponseWriter, _ *http.Request) {
		sent = 0
		block := bytes.Repeat([]byte(" "), 64<<10)
		for sent < 16*limit {
			n, err := w.Write(block)
			sent += n
			if err != nil {
				break
			}
		}
		done <- struct{}{}
	})))
	asking := ways(client)
	for way, ask := range asking {
		t.Run(way, func(t *testing.T) {
			wantError(t, ask(t.Context()), nil)
			if <-done; sent >= 16*limit {
				t.Errorf("it took %d bytes", sent)
			}
		})
	}
	t.Run("a health check", func(t *testing.T) {
		if err := client.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if <-done; sent >= 16*limit {
			t.Errorf("it took %d bytes", sent)
		}
	})
}

func TestTheGreatestReplyIsTakenAndOneByteMoreIsNot(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	for _, test := range []struct {
		size  int
		taken bool
	}{{limit, true}, {limit + 1, false}} {
		body := "[]" + strings.Repeat(" ", test.size-len("[]"))
		for way, ask := range ways(newClient(t, settings(serve(t, replying(http.StatusOK, body))))) {
			t.Run(fmt.Sprintf("%s of %d bytes", way, test.size), func(t *testing.T) {
				if err := ask(t.Context()); (err == nil) != test.taken {
					t.Errorf("error %v, taken should be %v", err, test.taken)
				}
			})
		}
	}
}
