package faulttable_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

// askingTime is what a pick waits for prerequisites.
const askingTime = 300 * time.Millisecond

// Whatever becomes of Neo4j while a student practises, each answer is kept and gets its next question in time.
func TestPracticeKeepsToTheTable(t *testing.T) {
	t.Parallel()
	faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
		proxy := faultproxy.Start(t, new(standin.Bolt).Start(t))
		p := startPractice(t, newNeo4j(t, "bolt://"+proxy.Address()))
		asks := func(want ...practice.GraphSource) {
			t.Helper()
			began := time.Now()
			given := p.answer(t)
			if took := time.Since(began); took > askingTime+room {
				t.Errorf("a question took %v", took)
			}
			if !slices.Contains(want, given.Graph) {
				t.Errorf("the prerequisites are %s, want %v", given.Graph, want)
			}
		}
		set(t, proxy, row.Fault)
		asks(practice.GraphNone, practice.GraphLive) // a slow one may be in time
		set(t, proxy, faultproxy.Pass())
		p.until(t, practice.GraphLive)
		set(t, proxy, row.Fault)
		for range 3 {
			asks(practice.GraphCached, practice.GraphLive)
		}
		set(t, proxy, faultproxy.Pass())
		p.until(t, practice.GraphLive)
		p.wantAllKept(t)
	})
}

// practised is a student in a long session.
type practised struct {
	store   *sqlitedb.Store
	service *practice.Service
	access  *core.RecordAccess
	open    *practice.Item
	session string
	given   int
}

func startPractice(t *testing.T, client *neo4jdb.Client) *practised {
	t.Helper()
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: filepath.Join(t.TempDir(), "journey.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	rows := bank.Rows{Concepts: []bank.Concept{{ID: "c", Weight: 1}}}
	for i := range 40 {
		rows.Items = append(rows.Items, bank.Item{ID: fmt.Sprintf("i%02d", i), ConceptID: "c"})
	}
	if err := store.Put(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	graph, err := neo4jdb.NewPrerequisites(client, neo4jdb.PlatformSchema())
	if err != nil {
		t.Fatal(err)
	}
	var ids atomic.Int64
	newID := func() string { return fmt.Sprintf("id-%06d", ids.Add(1)) }
	p := &practised{store: store, access: core.NewRecordAccess(core.RecordPractice, core.AuthTokenPayload{
		Subject: "ana", Role: core.RoleStudent, InstitutionID: "here",
	})}
	recording := mastery.New(mastery.Config{Mastered: .95, Now: time.Now, NewID: newID}, mastery.Stores{Recorder: store, Reader: store})
	p.service = practice.New(practice.Config{
		Settings: adaptive.DefaultSettings(), Graph: practice.GraphConfig{Source: graph, Timeout: askingTime}, Now: time.Now, NewID: newID,
	}, recording, practice.Stores{Recorder: store, Reader: store, Students: store, Bank: store, InForce: calibration.NewInForce(store, time.Now)})
	return p
}

// answer answers the open question, or opens a session, and returns the question that follows.
func (p *practised) answer(t *testing.T) *practice.Item {
	t.Helper()
	if p.open == nil {
		view, err := p.service.Open(t.Context(), p.access, practice.Plan{Scope: []string{"c"}, Questions: 200, TimeMode: practice.Untimed})
		if err != nil {
			t.Fatal(err)
		}
		p.session, p.open = view.ID, view.Open
		return p.open
	}
	wrong := false
	got, err := p.service.Answer(t.Context(), p.access, practice.Answer{SessionID: p.session, ItemID: p.open.Pick.Item.ID, Correct: &wrong, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	p.given++
	p.open = got.Open
	return p.open
}

// until answers until the prerequisites come from there.
func (p *practised) until(t *testing.T, source practice.GraphSource) {
	t.Helper()
	for deadline := time.Now().Add(room); p.answer(t).Graph != source; {
		if time.Now().After(deadline) || p.given > 150 {
			t.Fatalf("the fault is over, and the prerequisites are %s", p.open.Graph)
		}
	}
}

func (p *practised) wantAllKept(t *testing.T) {
	t.Helper()
	kept, err := p.store.History(t.Context(), core.Record{StudentID: "ana", InstitutionID: "here"}, mastery.HistoryQuery{Limit: 1000})
	if err != nil || len(kept) != p.given {
		t.Errorf("%d answers were kept, want %d: %v", len(kept), p.given, err)
	}
}
