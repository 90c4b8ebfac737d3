package neo4jdb_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

// masteryGraph is the real graph, read by a query of the test's own.
type masteryGraph struct{ *neo4jdb.Client }

// States reads a student's states, by concept.
func (g masteryGraph) States(t *testing.T, studentID string) map[string]mastery.GraphState {
	t.Helper()
	var rows []map[string]any
	must(t, g.Read(t.Context(), query(&rows, `MATCH (s:Student {supabase_auth_id: $id})-[h:HAS_MASTERY]->(cm:ConceptMastery)
		RETURN cm.id AS id, cm.concept_id AS concept, cm.p_mastered AS p, h.p_mastered AS edge, cm.trend AS trend,
			cm.evidence_count AS evidence, cm.last_updated AS at, cm.version AS version`, map[string]any{"id": studentID})))
	found := map[string]mastery.GraphState{}
	for _, row := range rows {
		concept, _ := row["concept"].(string)
		if _, twice := found[concept]; twice || row["p"] != row["edge"] || row["id"] != studentID+"/"+concept {
			t.Errorf("a second node or edge, or a faulty one: %v", row)
		}
		at, _ := row["at"].(time.Time)
		evidence, _ := row["evidence"].(int64)
		version, _ := row["version"].(int64)
		p, _ := row["p"].(float64)
		trend, _ := row["trend"].(string)
		found[concept] = mastery.GraphState{
			StudentID: studentID, ConceptID: concept, Mastery: p, Trend: bkt.Trend(trend), Evidence: int(evidence), UpdatedAt: at.UTC(), Version: version,
		}
	}
	return found
}

func TestIntegrationTheGraphKeepsTheContract(t *testing.T) {
	client := newClient(t, live(t))
	for range 2 {
		must(t, client.PrepareMastery(t.Context()))
	}
	portstest.GraphSuite(t, func(t *testing.T, concepts ...string) (portstest.ReadableGraph, string, string) {
		ana, bea := "ana-"+rand.Text(), "bea-"+rand.Text()
		var rows []map[string]any
		must(t, client.Write(t.Context(), query(&rows, "UNWIND $codes AS code CREATE (:SubConcept {code: code})", map[string]any{"codes": concepts})))
		t.Cleanup(func() {
			ctx := context.WithoutCancel(t.Context())
			must(t, client.RemoveStudents(ctx, []string{ana, bea}))
			must(t, client.Write(ctx, query(&rows, "MATCH (c:SubConcept) WHERE c.code IN $codes DELETE c", map[string]any{"codes": concepts})))
		})
		return masteryGraph{Client: client}, ana, bea
	})
}

// Two that write at once make one node and one edge of each state.
func TestIntegrationStatesWrittenAtOnceAreThereOnce(t *testing.T) {
	client := newClient(t, live(t))
	must(t, client.PrepareMastery(t.Context()))
	student, concept := "ana-"+rand.Text(), "concept-"+rand.Text()
	var rows []map[string]any
	must(t, client.Write(t.Context(), query(&rows, "CREATE (:SubConcept {code: $code})", map[string]any{"code": concept})))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		must(t, client.RemoveStudents(ctx, []string{student}))
		must(t, client.Write(ctx, query(&rows, "MATCH (c:SubConcept {code: $code}) DELETE c", map[string]any{"code": concept})))
	})
	faults := make(chan error, 8)
	for version := range int64(8) {
		go func() {
			_, err := client.PutStates(t.Context(), []mastery.GraphState{{StudentID: student, ConceptID: concept, Mastery: .5, Version: version + 1}})
			faults <- err
		}()
	}
	for range 8 {
		must(t, <-faults)
	}
	if got := (masteryGraph{Client: client}).States(t, student); len(got) != 1 || got[concept].Version != 8 {
		t.Errorf("the graph has %v", got)
	}
}
