package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/stack"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

// town is what one test has of the real servers: a schema, a mark in every id, and the settings of a service on both.
type town struct {
	t        *testing.T
	servers  *stack.Stack
	driver   neo4j.DriverWithContext
	settings map[string]string
	mark     string
}

func newTown(t *testing.T) *town {
	t.Helper()
	servers := stack.Running(t)
	driver, err := neo4j.NewDriverWithContext(servers.Neo4j.URI, neo4j.BasicAuth(servers.Neo4j.Username, servers.Neo4j.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	o := &town{t: t, servers: servers, driver: driver, mark: strings.ToLower(rand.Text())}
	schema := "test_" + o.mark
	o.settings = map[string]string{
		"DATABASE_URL": servers.DatabaseURL(), "DATABASE_SCHEMA": schema, "BANK_OPEN": "true", "MASTERY_GRAPH": "neo4j",
		"NEO4J_URI": servers.Neo4j.URI, "NEO4J_USERNAME": servers.Neo4j.Username, "NEO4J_PASSWORD": servers.Neo4j.Password,
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		o.cypher("MATCH (n) WHERE n.supabase_auth_id ENDS WITH $mark OR n.code ENDS WITH $mark OR n.concept_id ENDS WITH $mark DETACH DELETE n", nil)
		conn, err := pgx.Connect(ctx, servers.DatabaseURL())
		if err != nil {
			t.Error(err)
			return
		}
		_, err = conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
		if err != nil || conn.Close(ctx) != nil || driver.Close(ctx) != nil {
			t.Error(err)
		}
	})
	return o
}

// id is a name that no other test has.
func (o *town) id(name string) string { return name + "-" + o.mark }

// cypher runs a query with $mark, and returns its rows.
func (o *town) cypher(query string, params map[string]any) []*neo4j.Record {
	o.t.Helper()
	all := map[string]any{"mark": o.mark}
	maps.Copy(all, params)
	result, err := neo4j.ExecuteQuery(context.WithoutCancel(o.t.Context()), o.driver, query, all, neo4j.EagerResultTransformer)
	if err != nil {
		o.t.Fatal(err)
	}
	return result.Records
}

func (o *town) addSubConcepts(names ...string) {
	o.t.Helper()
	for _, name := range names {
		o.cypher("CREATE (:SubConcept {code: $code})", map[string]any{"code": o.id(name)})
	}
}

func (o *town) token(studentID string) string {
	return portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()).With("sub", studentID))
}

// drawn are the states that the graph has of this test's students, by student/concept: mastery, evidence and version, once
// for each edge.
func (o *town) drawn() map[string][]graphState {
	o.t.Helper()
	found := map[string][]graphState{}
	for _, record := range o.cypher(`MATCH (s:Student)-[h:HAS_MASTERY]->(cm:ConceptMastery) WHERE s.supabase_auth_id ENDS WITH $mark
		RETURN s.supabase_auth_id + '/' + cm.concept_id, cm.p_mastered, cm.evidence_count, cm.version, h.p_mastered`, nil) {
		key, _ := record.Values[0].(string)
		var one graphState
		one.mastery, _ = record.Values[1].(float64)
		one.evidence, _ = record.Values[2].(int64)
		one.version, _ = record.Values[3].(int64)
		if edge, _ := record.Values[4].(float64); edge != one.mastery {
			o.t.Errorf("%s: the edge says %v, the node %v", key, edge, one.mastery)
		}
		found[key] = append(found[key], one)
	}
	return found
}

type graphState struct {
	mastery  float64
	evidence int64
	version  int64
}

// within looks until it holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) (took time.Duration) {
	t.Helper()
	began := time.Now()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for ; !holds(); <-again.C {
		if time.Since(began) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
	return time.Since(began)
}

func (r *running) answers(studentID, conceptID, itemID string, second int, token string) {
	r.t.Helper()
	body := fmt.Sprintf(`{"student_id":%q,"concept_id":%q,"item_id":%q,"correct":true,"latency_ms":900,"timestamp":%q}`,
		studentID, conceptID, itemID, time.Date(2025, 11, 3, 9, 0, second, 0, time.UTC).Format(time.RFC3339))
	status, reply := r.post("/api/bkt/update", token, body)
	if status != http.StatusOK || !strings.Contains(reply, `"sync_status":"pending"`) {
		r.t.Fatalf("%d %s", status, reply)
	}
}

func (r *running) syncOf(studentID, conceptID, token string) string {
	r.t.Helper()
	_, body := r.request(http.MethodGet, "/api/bkt/mastery/"+studentID+"?concept_id="+conceptID, token)
	var reply struct {
		Data struct {
			States []struct {
				Sync string `json:"sync_status"`
			} `json:"states"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || len(reply.Data.States) != 1 {
		r.t.Fatalf("%v %s", err, body)
	}
	return reply.Data.States[0].Sync
}

// hasOnce holds the graph to these states, by student/concept, each of so many right answers: nothing is missing, and no
// node or edge is there twice.
func (o *town) hasOnce(answers map[string]int) {
	o.t.Helper()
	drawn := o.drawn()
	for key, count := range answers {
		if got := drawn[key]; len(got) != 1 || got[0].evidence != int64(count) || math.Abs(got[0].mastery-replayed(slices.Repeat([]bool{true}, count))) > 1e-9 {
			o.t.Errorf("the graph has %+v of %s, want it once, of %d answers", got, key, count)
		}
	}
	nodes := o.cypher(`MATCH (n:Student|ConceptMastery) WHERE n.supabase_auth_id ENDS WITH $mark OR n.concept_id ENDS WITH $mark
		RETURN count(CASE WHEN n:Student THEN 1 END), count(CASE WHEN n:ConceptMastery THEN 1 END)`, nil)[0].Values
	if students, states := nodes[0], nodes[1]; len(drawn) != len(answers) || students != int64(1) || states != int64(len(answers)) {
		o.t.Errorf("the graph has %d edges, %v students and %v states, want those of %v", len(drawn), students, states, answers)
	}
}

func TestIntegrationTheGraphFollowsThroughAnOutage(t *testing.T) {
	o := newTown(t)
	o.addSubConcepts("renal", "cardiac")
	r := boot(t, o.settings)
	ana, renal, cardiac, missing := o.id("ana"), o.id("renal"), o.id("cardiac"), o.id("missing")
	token := o.token(ana)

	r.answers(ana, renal, o.id("r1"), 1, token)
	took := within(t, wait.Limit, "the state is in the graph", func() bool { return len(o.drawn()[ana+"/"+renal]) == 1 })
	t.Logf("in the graph after %v", took)
	within(t, wait.Limit, "the state is synced", func() bool { return r.syncOf(ana, renal, token) == "synced" })

	r.answers(ana, cardiac, o.id("c1"), 1, token)
	took = within(t, wait.Limit, "the next state is in the graph", func() bool { return len(o.drawn()[ana+"/"+cardiac]) == 1 })
	t.Logf("the next one after %v", took)

	r.answers(ana, missing, o.id("m1"), 1, token)
	within(t, wait.Limit, "the state without its SubConcept failed", func() bool { return r.syncOf(ana, missing, token) == "failed" })
	r.waitFor("the graph has no SubConcept " + missing)

	ctx, cancel := context.WithTimeout(t.Context(), outageTime)
	defer cancel()
	if err := o.servers.Stop(ctx, stack.Neo4j); err != nil {
		t.Fatal(err)
	}
	const answers = 20
	for second := 2; second <= answers; second++ {
		r.answers(ana, renal, o.id("r1"), second, token)
		r.answers(ana, cardiac, o.id("c1"), second, token)
	}
	r.waitFor(`"msg":"the graph is behind"`)
	for concept, want := range map[string]string{renal: "pending", cardiac: "pending", missing: "failed"} {
		if got := r.syncOf(ana, concept, token); got != want {
			t.Errorf("without the graph the state of %s is %s", concept, got)
		}
	}
	if err := o.servers.Start(ctx, stack.Neo4j); err != nil {
		t.Fatal(err)
	}
	within(t, 6*time.Minute, "the states are synced", func() bool {
		return r.syncOf(ana, renal, token) == "synced" && r.syncOf(ana, cardiac, token) == "synced"
	})
	r.waitFor(`"msg":"the graph follows again"`)
	o.hasOnce(map[string]int{ana + "/" + renal: answers, ana + "/" + cardiac: answers})

	o.addSubConcepts("missing")
	settings := environment.Absent(t)
	maps.Copy(settings, o.settings)
	if code, stdout, stderr := run(settings, "sync"); code != cli.ExitOK || !strings.Contains(stdout, "wrote 1 states") {
		t.Errorf("sync: %d %s%s", code, stdout, stderr)
	}
	if got := r.syncOf(ana, missing, token); got != "synced" || len(o.drawn()[ana+"/"+missing]) != 1 {
		t.Errorf("after sync the state is %s", got)
	}

	admin := portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now()))
	if status, body := r.request(http.MethodDelete, "/api/students/"+ana, admin); status != http.StatusOK || !strings.Contains(body, `"graph":"pending"`) {
		t.Fatalf("%d %s", status, body)
	}
	within(t, wait.Limit, "the graph has lost the student", func() bool {
		return len(o.cypher("MATCH (n) WHERE n.supabase_auth_id = $id OR n.id STARTS WITH $id RETURN n", map[string]any{"id": ana})) == 0
	})
	r.answers(ana, renal, o.id("r1"), 1, token)
	within(t, wait.Limit, "the student begins anew in the graph", func() bool {
		drawn := o.drawn()[ana+"/"+renal]
		return len(drawn) == 1 && drawn[0].evidence == 1
	})
}
