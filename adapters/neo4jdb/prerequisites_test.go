package neo4jdb_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestNamesThatNeedQuotesAreRefused(t *testing.T) {
	for _, name := range []string{"", "Sub Concept", "X) DETACH DELETE (n", "1st", "`x`", strings.Repeat("x", 65)} {
		drawing := neo4jdb.PlatformSchema()
		drawing.Label = name
		if _, err := neo4jdb.NewPrerequisites(nil, drawing); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func TestIntegrationPrerequisitesKeepTheContract(t *testing.T) {
	client := newClient(t, live(t))
	portstest.PrerequisitesSuite(t, func(t *testing.T, edges []adaptive.Edge) ports.Prerequisites {
		drawing := neo4jdb.PlatformSchema()
		drawing.Label = "Drawn" + rand.Text() // a graph of its own
		rows := make([]any, len(edges))
		for i, edge := range edges {
			rows[i] = map[string]any{"needed": edge.Prerequisite, "builds": edge.Concept}
		}
		var none []map[string]any
		must(t, client.Write(t.Context(), query(&none, "UNWIND $rows AS row MERGE (a:"+drawing.Label+" {code: row.needed}) MERGE (b:"+drawing.Label+
			" {code: row.builds}) MERGE (a)-[:PREREQUISITE_OF]->(b)", map[string]any{"rows": rows})))
		t.Cleanup(func() {
			must(t, client.Write(context.WithoutCancel(t.Context()), query(&none, "MATCH (n:"+drawing.Label+") DETACH DELETE n", nil)))
		})
		reader, err := neo4jdb.NewPrerequisites(client, drawing)
		must(t, err)
		return reader
	})
}
