package soak

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the store once the service is gone

	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/demo"
)

const (
	mastered, precision = .95, 1e-9
	// firstAnswer is when each learner begins; the next answers follow a second apart.
	firstAnswer = 1_750_000_000
	// forgiven is how long after a stall an answer may be turned away.
	forgiven             = 10 * time.Second
	questions, scopeSize = 10, 3
)

// learner is a student whose answers are counted here too, one visit at a time.
type learner struct {
	*soak
	*person
	*rand.Rand
	given  map[string][]*given // by concept, in the order of the replay
	sent   int
	unsure *given // the answer that waits for its reply
	isGone bool   // whether the service has gone
}

// given is an answer as the model sees it, and as it is sent.
type given struct {
	at                                time.Time
	concept, item                     string
	correct                           bool
	name, request, session, body, key string
}

func (a *given) sent(body string) steps {
	return steps{about(a.session, body), func(c *call) {
		if a.key != "" {
			c.header.Set("Idempotency-Key", a.key)
		}
	}}
}

// visit has a learner give some answers, look at the record, and practise.
func (s *soak) visit() {
	l := <-s.learners
	defer func() { s.learners <- l }()
	for range 3 {
		a := l.newAnswer()
		if l.gives(a, nil); a.key != "" && l.IntN(4) == 0 {
			another := strings.Replace(a.body, `"latency_ms":`, `"latency_ms":1`, 1)
			l.asks("a key with another answer", update, "409 CONFLICT idempotency_key_reused", a.sent(another)...)
		}
	}
	l.remembers()
	l.practises()
}

// asks sends a request about the learner. The reply is nil if there is none, as when the service has gone.
func (l *learner) asks(name, request, want string, with ...step) *reply {
	if l.isGone {
		return nil
	}
	signed := func(c *call) { c.by(l.person, l.token()) }
	got := l.send(l.draw(row{name, 1, request, want, append(steps{signed}, with...)}))
	l.isGone = got == nil
	return got
}

// gives sends an answer until it counts; rest is what the reply has beside the mastery, nil if that is all. At times the
// answer comes again: it gets the first reply then, and counts once.
func (l *learner) gives(a *given, rest members) (first *reply) {
	if l.isGone {
		return nil
	}
	data, want := l.counts(a), "200"
	if rest != nil {
		rest["mastery"] = data
		data = rest
	}
	l.unsure = a
	for began := time.Now(); time.Since(began) < replyLimit; {
		if l.hasStalled(time.Now().Add(-forgiven), time.Now()) {
			want = "200|" + overloaded
		}
		first = l.asks(a.name, a.request, want, append(a.sent(a.body), says(data))...)
		if first == nil {
			return nil
		} else if first.Status != http.StatusServiceUnavailable {
			break
		}
	}
	if l.unsure = nil; l.IntN(3) == 0 {
		again := l.asks(a.name+" again", a.request, "200", a.sent(a.body)...)
		if again != nil && (!again.replayed || string(again.data) != string(first.data)) {
			l.complain("learners", a.key, "the first reply was %s, this is %s", first.Body, again.Body)
		}
	}
	return first
}

// newAnswer makes an answer to an item of the demo bank, or to the one that the platform grades; at times it comes late,
// after those that follow it, at a time of its own.
func (l *learner) newAnswer() *given {
	item := l.bank.Items[(l.number+l.IntN(60))%len(l.bank.Items)]
	a := &given{name: "an answer", request: update, concept: item.ConceptID, item: item.ID, at: l.now()}
	fields := members{"student_id": l.subject, "latency_ms": l.IntN(60_000)}
	if l.IntN(4) == 0 {
		a.concept, a.item, a.correct = platformConcept, platformItem, l.IntN(3) > 0
		fields["correct"] = a.correct
	} else {
		a.correct, fields["response"] = l.responds(item)
	}
	if known := l.given[a.concept]; len(known) > 0 && l.IntN(2) == 0 {
		before := known[l.IntN(len(known))].at.Truncate(time.Second)
		a.name, a.at = "a late answer", before.Add(time.Duration(l.sent)*time.Microsecond)
	}
	fields["concept_id"], fields["item_id"], fields["timestamp"] = a.concept, a.item, a.at.Format(time.RFC3339Nano)
	a.body = fields.String()
	if l.IntN(3) > 0 {
		a.key = fmt.Sprintf("soak %d/%d", l.number, l.sent)
	}
	return a
}

// now is after all that came.
func (l *learner) now() time.Time {
	l.sent++
	return time.Unix(firstAnswer+int64(l.sent), 0).UTC()
}

// responds picks an option of an item.
func (l *learner) responds(item demo.Item) (isRight bool, key string) {
	key = item.Options[l.IntN(len(item.Options))].Key
	return key == item.Key, key
}

// counts puts an answer in its place, by time, then item, and returns what its reply says of the mastery.
func (l *learner) counts(a *given) members {
	before := replay(l.given[a.concept])
	at, _ := slices.BinarySearchFunc(l.given[a.concept], a, func(x, y *given) int {
		return cmp.Or(x.at.Compare(y.at), strings.Compare(x.item, y.item))
	})
	l.given[a.concept] = slices.Insert(l.given[a.concept], at, a)
	after := replay(l.given[a.concept])
	data := l.state(a.concept, after)
	delete(data, "p_mastered")
	maps.Copy(data, members{
		"correct": a.correct, "previous_p_mastered": before.Mastery, "new_p_mastered": after.Mastery,
		"delta": after.Mastery - before.Mastery, "p_correct_next": bkt.Defaults().PredictCorrect(after.Mastery),
	})
	return data
}

// state is what the service says of a state.
func (l *learner) state(concept string, now bkt.State) members {
	return members{
		"student_id": l.subject, "concept_id": concept, "p_mastered": now.Mastery, "is_mastered": now.Mastery >= mastered,
		"evidence_count": now.Evidence, "trend": now.Trend(), "sync_status": "off",
	}
}

// replay is the model's, which tests of its own hold to references: here it judges the order and the once.
func replay(answers []*given) bkt.State {
	right := make([]bool, len(answers))
	for i, a := range answers {
		right[i] = a.correct
	}
	return bkt.Defaults().Replay(bkt.Defaults().Start(), right)
}

// remembers judges the states of the learner, each as the model has it, and the history of one concept: each answer
// once, in its place.
func (l *learner) remembers() {
	known, count, list, history := map[string]bkt.State{}, 0, []members{}, []members{}
	for concept, answers := range l.given {
		known[concept] = replay(answers)
	}
	for _, concept := range slices.SortedFunc(maps.Keys(known), func(a, b string) int { // the least mastered first
		return cmp.Or(cmp.Compare(known[a].Mastery, known[b].Mastery), strings.Compare(a, b))
	}) {
		if list = append(list, l.state(concept, known[concept])); known[concept].Mastery >= mastered {
			count++
		}
	}
	for _, one := range l.given[platformConcept] {
		history = append(history, members{
			"concept_id": platformConcept, "item_id": one.item, "correct": one.correct,
			"timestamp": one.at.Format("2006-01-02T15:04:05.000000Z"),
		})
	}
	l.asks("what a student knows", states+"?limit=1000", "200", about(l.subject, ""), says(members{
		"student_id": l.subject, "total_concepts": len(list), "mastered_count": count, "states": list,
	}))
	l.asks("a student's history", states+"/history?limit=1000&concept_id="+platformConcept, "200", about(l.subject, ""),
		says(members{"entries": history[:min(len(history), 1000)]}))
}

// practises opens a session, and answers its questions to the last or until it is completed early.
func (l *learner) practises() {
	var scope []string // its concepts have more items than the last 20
	for _, i := range l.Perm(len(l.bank.Concepts))[:scopeSize] {
		scope = append(scope, l.bank.Concepts[i].ID)
	}
	open := about("", members{"scope_concept_ids": scope, "question_count": questions, "time_mode": "untimed"}.String())
	now := l.asks("a session", "POST "+sessions, "201", open, says(members{
		"student_id": l.subject, "status": "active", "answered": 0, "next_item": members{"position": 1},
	})).opened()
	l.asks("a second session", "POST "+sessions, "409 SESSION_ALREADY_ACTIVE", open)
	id, right := now.SessionID, 0
	l.lastOpened.Store([2]string{id, l.subject})
	for n := 0; now.NextItem.ItemID != "" && !l.isGone; n++ {
		l.asks("the next question", next, "200", about(id, ""), says(members{"item_id": now.NextItem.ItemID, "position": n + 1}))
		if l.IntN(20) == 0 {
			l.asks("a session completed early", complete, "200", about(id, ""),
				says(members{"status": "completed", "answered": n, "correct": right}))
			return
		}
		now = l.practisesOne(id, now.NextItem.ItemID, n+1, &right)
	}
}

// practisesOne answers another question than the one that is open, and then that; right counts the right answers.
func (l *learner) practisesOne(id, open string, answered int, right *int) opened {
	item := l.bank.Items[slices.IndexFunc(l.bank.Items, func(i demo.Item) bool { return i.ID == open })]
	a := &given{name: "its answer", request: answer, session: id, concept: item.ConceptID, item: open, at: l.now()}
	fields := members{"item_id": platformItem, "correct": true, "latency_ms": 900, "timestamp": a.at.Format(time.RFC3339Nano)}
	l.asks("the answer to another question", answer, "409 CONFLICT not_the_given_item", a.sent(fields.String())...)
	delete(fields, "correct")
	fields["item_id"] = open
	a.correct, fields["response"] = l.responds(item)
	a.body = fields.String()
	if a.correct {
		*right++
	}
	session := members{"session_id": id, "status": "active", "answered": answered, "correct": *right}
	following := any(members{"position": answered + 1})
	if answered == questions {
		session["status"], following = "completed", nil
	}
	return l.gives(a, members{
		"correct": a.correct, "correct_key": item.Key, "session": session, "next_item": following,
	}).opened()
}

// compareStore reads the embedded database that the service has closed: every answer that was acknowledged is there once.
func (s *soak) compareStore(ctx context.Context, t *testing.T) {
	const query = `SELECT s.p_mastered,
		(SELECT count(*) FROM attempts a WHERE a.student_id = s.student_id AND a.concept_id = s.concept_id)
		FROM states s WHERE s.student_id = ? AND s.concept_id = ?`
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "journey.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	stored := 0
	close(s.learners)
	for l := range s.learners {
		for concept := range l.given {
			var mastery float64
			var attempts int
			err := db.QueryRowContext(ctx, query, l.subject, concept).Scan(&mastery, &attempts)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				t.Fatal(err)
			}
			stored += attempts
			l.isStored(concept, attempts, mastery)
		}
	}
	figure("answers in the store, each acknowledged once", stored)
}

// isStored judges what the store has of a concept. An answer whose reply got lost as the service went may be there.
func (l *learner) isStored(concept string, attempts int, mastery float64) {
	known := l.given[concept]
	if attempts == len(known)-1 {
		known = slices.DeleteFunc(slices.Clone(known), func(a *given) bool { return a == l.unsure })
	}
	want := replay(known)
	if attempts != want.Evidence || attempts > 0 && math.Abs(mastery-want.Mastery) > precision {
		l.complain("store", l.subject, "%d answers to %s were acknowledged, the store has %d with %v; right is %v",
			want.Evidence, concept, attempts, mastery, want.Mastery)
	}
}
