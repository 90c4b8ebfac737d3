package supabasedb_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/supabase-community/supabase-go"

	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/stack"
)

const table = "integration_items"

// row is one of public.integration_items.
type row struct {
	ID            string `json:"id"`
	InstitutionID string `json:"institution_id"`
	Note          string `json:"note"`
}

// live is the configuration of the real servers; the test is skipped if there are none.
func live(t *testing.T) supabasedb.Config {
	t.Helper()
	server := stack.Running(t).Supabase
	config := settings(server.URL)
	config.ServiceRoleKey = server.ServiceRoleKey
	return config
}

// newRow is one that nobody else has, deleted at the end of the test.
func newRow(t *testing.T, client *supabasedb.Client) row {
	t.Helper()
	fresh := row{ID: rand.Text(), InstitutionID: "inst-1", Note: "é ✓ 'quoted', (a.b)"}
	t.Cleanup(func() {
		_, _, err := client.From(context.WithoutCancel(t.Context()), table).Delete("minimal", "").Eq("id", fresh.ID).Execute()
		must(t, err)
	})
	return fresh
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIntegrationARowIsWrittenReadBackAndChanged(t *testing.T) {
	client := newClient(t, live(t))
	want := newRow(t, client)
	var inserted, read, changed []row
	_, err := client.From(t.Context(), table).Insert(want, false, "", "", "").ExecuteTo(&inserted)
	must(t, err)
	_, err = client.From(t.Context(), table).Select("*", "", false).
		Eq("id", want.ID).Eq("institution_id", want.InstitutionID).Eq("note", want.Note).ExecuteTo(&read)
	must(t, err)
	if diff := cmp.Diff([][]row{{want}, {want}}, [][]row{inserted, read}); diff != "" {
		t.Errorf("inserted and read (-want +got):\n%s", diff)
	}
	want.Note = "changed"
	_, err = client.From(t.Context(), table).Update(map[string]string{"note": want.Note}, "", "").Eq("id", want.ID).ExecuteTo(&changed)
	must(t, err)
	if diff := cmp.Diff([]row{want}, changed); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	_, count, err := client.From(t.Context(), table).Select("id", "exact", true).Eq("id", want.ID).Execute()
	if must(t, err); count != 1 {
		t.Errorf("%d rows, want 1", count)
	}
}

// Supabase's own Go client is the witness that what ours wrote is an ordinary row of an ordinary project.
func TestIntegrationSupabasesOwnClientReadsWhatOursWrote(t *testing.T) {
	config := live(t)
	client := newClient(t, config)
	want := newRow(t, client)
	_, _, err := client.From(t.Context(), table).Insert(want, false, "", "minimal", "").Execute()
	must(t, err)
	t.Cleanup(http.DefaultClient.CloseIdleConnections) // it talks through the default transport
	witness, err := supabase.NewClient(config.URL, config.ServiceRoleKey, nil)
	must(t, err)
	var read []row
	_, err = witness.From(table).Select("*", "", false).Eq("id", want.ID).ExecuteToWithContext(t.Context(), &read)
	must(t, err)
	if diff := cmp.Diff([]row{want}, read); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIntegrationTheCorrelationIDArrives(t *testing.T) {
	client := newClient(t, live(t))
	ctx := core.WithCorrelationID(t.Context(), "request-17")
	var got string
	must(t, client.Call(ctx, "request_header", map[string]string{"name": "X-Correlation-ID"}, &got))
	if got != "request-17" {
		t.Errorf("the database saw %q", got)
	}
}

func TestIntegrationASlowCallEndsWithItsContext(t *testing.T) {
	client := newClient(t, live(t))
	must(t, client.Check(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := client.Call(ctx, "slow", map[string]float64{"seconds": 20}, nil)
	took := time.Since(began)
	t.Logf("a context of 200ms ended it after %v", took)
	wantError(t, err, unavailable)
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	var done string
	if must(t, client.Call(t.Context(), "slow", map[string]float64{"seconds": 0}, &done)); done != "done" {
		t.Errorf("the next call answered %q", done)
	}
}

func TestIntegrationErrors(t *testing.T) {
	config := live(t)
	client := newClient(t, config)
	taken := newRow(t, client)
	insert := func(client *supabasedb.Client) error {
		_, _, err := client.From(t.Context(), table).Insert(taken, false, "", "minimal", "").Execute()
		return err
	}
	must(t, insert(client))
	with := func(key string) *supabasedb.Client {
		config := config
		config.ServiceRoleKey = key
		return newClient(t, config)
	}
	t.Run("a unique value that is taken is a conflict", func(t *testing.T) {
		wantError(t, insert(client), &core.Error{Code: core.CodeConflict, Message: "It conflicts with what is already there"})
	})
	t.Run("no single row is not found", func(t *testing.T) {
		_, err := client.From(t.Context(), table).Select("*", "", false).Eq("id", rand.Text()).Single().ExecuteTo(new(row))
		wantError(t, err, &core.Error{Code: core.CodeNotFound, Message: "There is no such thing"})
	})
	t.Run("a wrong key is unavailable", func(t *testing.T) {
		wantError(t, insert(with("sb_secret_wrong")), unavailable)
	})
	t.Run("a key without the right is unavailable", func(t *testing.T) {
		wantError(t, insert(with(stack.Running(t).Supabase.AnonKey)), unavailable)
	})
	t.Run("an unknown table is no error of the platform", func(t *testing.T) {
		_, _, err := client.From(t.Context(), "nowhere").Select("*", "", false).Execute()
		wantError(t, err, nil)
	})
	t.Run("an unknown function without arguments is no error of the platform, and well asked", func(t *testing.T) {
		err := client.Call(t.Context(), "nowhere", nil, nil)
		wantError(t, err, nil)
		if !strings.Contains(err.Error(), "PGRST202") {
			t.Errorf("error %v, want PGRST202", err)
		}
	})
	t.Run("a cancelled caller gets their cancellation", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := client.Call(ctx, "slow", map[string]float64{"seconds": 0}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	})
}

func TestIntegrationHealth(t *testing.T) {
	config := live(t)
	for _, test := range []struct {
		name  string
		spoil func(*supabasedb.Config)
		want  core.Fault
	}{
		{"the project is ok", func(*supabasedb.Config) {}, ""},
		{"a wrong key", func(c *supabasedb.Config) { c.ServiceRoleKey = "sb_secret_wrong" }, core.FaultCredentialsRejected},
		{"a wrong path", func(c *supabasedb.Config) { c.HealthPath = "/nowhere" }, core.FaultUnreachable},
		{"TLS where there is none", func(c *supabasedb.Config) { c.URL = "https" + c.URL[len("http"):] }, core.FaultTLSFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := config
			test.spoil(&config)
			client := newClient(t, config)
			for range 2 {
				began := time.Now()
				err := client.Check(t.Context())
				t.Logf("it took %v: %v", time.Since(began), err)
				if got := core.FaultOf(err); got != test.want {
					t.Errorf("fault %q, want %q", got, test.want)
				}
			}
		})
	}
}
