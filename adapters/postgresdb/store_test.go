package postgresdb_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
)

func TestConfigsThatCannotWorkAreRefused(t *testing.T) {
	tests := map[string]postgresdb.Config{
		"a URL that is none":           {URL: "postgres://user:pass word@host:port/x"},
		"a schema that needs quotes":   {URL: "postgres://u@h/d", Schema: "Journey"},
		"a schema with a dot":          {URL: "postgres://u@h/d", Schema: "a.b"},
		"a schema of PostgreSQL's":     {URL: "postgres://u@h/d", Schema: "pg_journey"},
		"a schema that is a statement": {URL: "postgres://u@h/d", Schema: "a; drop table x"},
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			store, err := postgresdb.Open(config)
			if err == nil {
				store.Close()
				t.Fatal("it was taken")
			}
			if strings.Contains(err.Error(), "pass word") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestADatabaseThatIsNotThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	store := open(t, postgresdb.Config{URL: "postgres://journey:hunter22@" + address + "/postgres?sslmode=disable", Migrate: true})
	checked := store.Check(t.Context())
	if got := core.FaultOf(checked); got != core.FaultConnectionRefused {
		t.Errorf("its health says %q: %v", got, checked)
	}
	_, read := store.Student(t.Context(), "ana")
	wrote := store.Put(t.Context(), bank.Rows{})
	answered := store.Answer(t.Context(), mastery.AnswerLookup{At: time.Now()}, func(mastery.AnswerData) (mastery.Change, error) { return mastery.Change{}, nil })
	for _, err := range []error{store.Prepare(t.Context()), read, wrote, answered} {
		if core.CodeOf(err) != core.CodeUnavailable {
			t.Errorf("got %v", err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter22") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
