package supabasedb_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

const (
	adaID   = "17553f84-6b3f-58e7-9469-f3e59d6a14db"
	graceID = "c13c2389-2ee9-5b13-a693-c98b298a8c7a"
)

// accounts is a project with two users, and a client with its key.
func accounts(t *testing.T, change func(*standin.Auth)) (*standin.Auth, *supabasedb.Client) {
	t.Helper()
	auth := &standin.Auth{Key: jwtKey}
	auth.Add(adaID, "ada@school.example", map[string]any{"plan": "gold", "role": "student"})
	auth.Add(graceID, "grace@school.example", nil)
	if change != nil {
		change(auth)
	}
	config := settings(auth.Start(t))
	config.ServiceRoleKey, config.UserAgent = jwtKey, "journey-api/1.2.3"
	return auth, newClient(t, config)
}

func TestAnAccountIsFoundByItsEmailAndChangedInWhatIsNamedAlone(t *testing.T) {
	auth, client := accounts(t, nil)
	found, err := client.FindAccount(t.Context(), "Ada@School.example")
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]any{"provider": "email", "providers": []any{"email"}, "plan": "gold", "role": "student"}
	if diff := cmp.Diff(before, found.AppMetadata); diff != "" || found.ID != adaID || found.Email != "ada@school.example" {
		t.Errorf("%+v %s", found, diff)
	}
	changed, err := client.ChangeAppMetadata(t.Context(), found, map[string]any{"role": "faculty", "institution_id": "school-1", "plan": nil})
	if err != nil {
		t.Fatal(err)
	}
	after := map[string]any{"provider": "email", "providers": []any{"email"}, "role": "faculty", "institution_id": "school-1"}
	if diff := cmp.Diff(after, changed.AppMetadata); diff != "" {
		t.Error(diff)
	}
	for _, request := range auth.Requests() {
		if request.UserAgent() != "journey-api/1.2.3" {
			t.Errorf("%q asked", request.UserAgent())
		}
	}
	other, err := client.FindAccount(t.Context(), "grace@school.example")
	if err != nil || other.AppMetadata["role"] != nil {
		t.Errorf("another user has %v, %v", other.AppMetadata, err)
	}
}

func TestAnAccountIsFoundOnALaterPageOfAnAuthThatDoesNotFilter(t *testing.T) {
	auth, client := accounts(t, func(a *standin.Auth) {
		a.NoFilter = true
		for i := range 400 {
			a.Add(fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("user%d@school.example", i), nil)
		}
	})
	found, err := client.FindAccount(t.Context(), "user399@school.example")
	if err != nil || found.ID != "00000000-0000-4000-8000-000000000399" {
		t.Errorf("%+v, %v", found.ID, err)
	}
	if got := len(auth.Requests()); got != 3 {
		t.Errorf("%d requests, want 3 pages", got)
	}
}

func TestASecretKeyIsNoBearerToken(t *testing.T) {
	auth := &standin.Auth{Key: "sb_secret_0123456789"}
	auth.Add(adaID, "ada@school.example", nil)
	config := settings(auth.Start(t))
	config.ServiceRoleKey = auth.Key
	if _, err := newClient(t, config).FindAccount(t.Context(), "ada@school.example"); err != nil {
		t.Error(err)
	}
}

func TestWhyAnAccountIsNotHad(t *testing.T) {
	answering := func(status int, contentType, body string) func(*standin.Auth) {
		return func(a *standin.Auth) {
			a.Answer = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", contentType)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}
		}
	}
	isNotFound := func(err error) bool { return core.CodeOf(err) == core.CodeNotFound }
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	says := func(fault core.Fault) func(error) bool {
		return func(err error) bool { return core.FaultOf(err) == fault }
	}
	for name, test := range map[string]struct {
		change func(*standin.Auth)
		isIt   func(error) bool
	}{
		"no such user":                   {func(*standin.Auth) {}, isNotFound},
		"a part of an email is no email": {func(a *standin.Auth) { a.Add("00000000-0000-4000-8000-000000000009", "not-nobody@school.example", nil) }, isNotFound},
		"two users with one email": {func(a *standin.Auth) {
			for i := range 2 {
				a.Add(fmt.Sprintf("00000000-0000-4000-8000-%012d", i), "nobody@school.example", nil)
			}
		}, is(supabasedb.ErrSeveralAccounts)},
		"the gateway refuses the key":   {func(a *standin.Auth) { a.Key = "another" }, is(supabasedb.ErrKeyRejected)},
		"the key is no administrator's": {answering(403, "application/json", `{"code":403,"error_code":"not_admin","msg":"User not allowed"}`), is(supabasedb.ErrKeyRejected)},
		"Auth fails":                    {answering(500, "application/json", `{"code":500,"error_code":"unexpected_failure","msg":"hunter2"}`), says(core.FaultServerError)},
		"no Auth is there":              {answering(404, "text/html", "hunter2"), says(core.FaultUnreachable)},
		"a redirect":                    {answering(302, "text/html", "hunter2"), says(core.FaultServerError)},
		"a page of HTML":                {answering(200, "text/html", "<title>hunter2</title>"), says(core.FaultServerError)},
		"somebody else's JSON":          {answering(200, "application/json", `{"ok":"hunter2"}`), says(core.FaultServerError)},
		"it takes too long": {func(a *standin.Auth) {
			a.Answer = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}, says(core.FaultTimedOut)},
	} {
		t.Run(name, func(t *testing.T) {
			auth := &standin.Auth{Key: jwtKey}
			test.change(auth)
			config := settings(auth.Start(t))
			config.Timeout = 2 * time.Second
			if name == "it takes too long" {
				config.Timeout = 20 * time.Millisecond
			}
			_, err := newClient(t, config).FindAccount(t.Context(), "nobody@school.example")
			if err == nil || !test.isIt(err) {
				t.Fatalf("got %v", err)
			}
			for _, quoted := range []string{"hunter2", "nobody@", jwtKey} {
				if strings.Contains(err.Error(), quoted) {
					t.Errorf("it quotes %s: %v", quoted, err)
				}
			}
		})
	}
}

func TestNobodyListeningIsSaidOfAccounts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	_, err = newClient(t, settings("http://"+listener.Addr().String())).FindAccount(t.Context(), "ada@school.example")
	if core.FaultOf(err) != core.FaultConnectionRefused {
		t.Errorf("got %v", err)
	}
}
