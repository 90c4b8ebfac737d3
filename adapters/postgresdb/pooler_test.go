package postgresdb_test

import (
	"testing"

	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/internal/testkit/pooler"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestIntegrationTheStoreKeepsTheContractsBehindAPooler(t *testing.T) {
	direct, _ := freshSchema(t)
	through := pooler.Start(t, direct)
	portstest.MasterySuite(t, func(t *testing.T) portstest.MasteryStore {
		_, schema := freshSchema(t)
		return ready(t, through, schema)
	})
}

func TestIntegrationCopiesThatStartAtOnceBehindAPoolerDoNotCollide(t *testing.T) {
	direct, schema := freshSchema(t)
	through := pooler.Start(t, direct)
	faults := make(chan error, 3)
	for range 3 {
		store := open(t, postgresdb.Config{URL: through, Schema: schema, Migrate: true})
		go func() { faults <- store.Prepare(t.Context()) }()
	}
	for range 3 {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
}

func TestIntegrationStatementsArePlannedOnceUnlessAPoolerIsBetween(t *testing.T) {
	direct, schema := freshSchema(t)
	for url, planned := range map[string]bool{direct: true, pooler.Start(t, direct): false, direct + "?default_query_exec_mode=exec": false} {
		var kept int
		err := ready(t, url, schema).Pool().QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&kept)
		if err != nil || (kept > 0) != planned {
			t.Errorf("%s: %d statements are kept, want some: %t; %v", url, kept, planned, err)
		}
	}
}
