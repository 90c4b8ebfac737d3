package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

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
	unsure *given // the answer whose reply got lost as the service went
}

// given is an answer as the model sees it, and as it is sent: in a session, if it has the id of one.
type given struct {
	at              time.Time
	concept, item   string
	correct         bool
	session         string
	body, key, name string
}

// visit has a learner give some answers, look at the record, and practise.
func (s *soak) visit() {
	l := <-s.learners
	defer func() { s.learners <- l }()
	for range 3 {
		a := l.newAnswer()
		if got := l.gives(a); l.unsure == nil {
			l.expects(got, l.counts(a), "attempt_id")
			l.repeats(a, got)
		}
		if a.key != "" && l.IntN(4) == 0 {
			another := strings.Replace(a.body, `"latency_ms":`, `"latency_ms":1`, 1)
			l.asks("a key with another answer", update, "", another, a.key, "409 CONFLICT idempotency_key_reused")
		}
	}
	l.remembers()
	l.practises()
}

// asks sends a request about the learner. The reply is nil if there is none, as when the service has gone.
func (l *learner) asks(name, request, id, body, key, want string) *reply {
	if l.unsure != nil { // the service has gone
		return nil
	}
	got, _ := l.send(l.draw([]row{{name, 1, request, func(c *call) {
		c.by(l.person, l.token())
		c.at(id)
		c.sends(body, key)
	}, want, nil}}))
	return got
}

// expects judges the data of a reply.
func (l *learner) expects(got *reply, want members, free ...string) {
	if got == nil || got.data == nil { // which is noted
		return
	}
	if complaint := got.differs(want, free...); complaint != "" {
		l.complain("learners", got.header.Get("X-Correlation-ID"), fmt.Sprintf("%s (%.300s)", complaint, got.body))
	}
}

// gives sends an answer until it counts.
func (l *learner) gives(a *given) *reply {
	request, want := update, "200"
	if a.session != "" {
		request = answer
	}
	for {
		if l.stalled.Load() > time.Now().Add(-forgiven).UnixNano() {
			want = "200|" + overloaded
		}
		got := l.asks(a.name, request, a.session, a.body, a.key, want)
		if got == nil && l.unsure == nil {
			l.unsure = a
		}
		if got == nil || got.status != http.StatusServiceUnavailable {
			return got
		}
	}
}

// repeats sends an answer again, at times: it gets the first reply, and counts once.
func (l *learner) repeats(a *given, first *reply) {
	if l.IntN(3) > 0 {
		return
	}
	request := update
	if a.session != "" {
		request = answer
	}
	again := l.asks(a.name+" again", request, a.session, a.body, a.key, "200")
	if again != nil && (!again.replayed || string(again.data) != string(first.data)) {
		l.complain("learners", again.header.Get("X-Correlation-ID"),
			fmt.Sprintf("the first reply was %s, this is %s (replayed: %t)", first.data, again.data, again.replayed))
	}
}

// newAnswer makes an answer to an item of the demo bank, or to the one that the platform grades; at times it comes late,
// after those that follow it.
func (l *learner) newAnswer() *given {
	item := l.bank.Items[(l.number+l.IntN(60))%len(l.bank.Items)]
	a := &given{name: "an answer", concept: item.ConceptID, item: item.ID, at: l.now()}
	fields := members{"student_id": l.subject, "latency_ms": l.IntN(60_000)}
	if l.IntN(4) == 0 {
		a.concept, a.item, a.correct = platformConcept, platformItem, l.IntN(3) > 0
		fields["correct"] = a.correct
	} else {
		a.correct, fields["response"] = l.responds(item)
	}
	if known := l.given[a.concept]; len(known) > 0 && l.IntN(2) == 0 {
		a.name, a.at = "a late answer", known[l.IntN(len(known))].at.Add(time.Duration(l.sent)*time.Microsecond)
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

// counts puts an answer in its place, by time, then item, and returns what its reply has to say.
func (l *learner) counts(a *given) members {
	before := replay(l.given[a.concept])
	at, _ := slices.BinarySearchFunc(l.given[a.concept], a, func(x, y *given) int {
		return cmp.Or(x.at.Compare(y.at), strings.Compare(x.item, y.item))
	})
	l.given[a.concept] = slices.Insert(l.given[a.concept], at, a)
	after := replay(l.given[a.concept])
	return members{
		"student_id": l.subject, "concept_id": a.concept, "correct": a.correct, "previous_p_mastered": before.Mastery,
		"new_p_mastered": after.Mastery, "is_mastered": after.Mastery >= mastered, "delta": after.Mastery - before.Mastery,
		"evidence_count": after.Evidence, "trend": after.Trend(), "sync_status": "off",
		"p_correct_next": bkt.Defaults().PredictCorrect(after.Mastery),
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
	count, list, history := 0, []members{}, []members{}
	for concept, known := range l.given {
		now := replay(known)
		if now.Mastery >= mastered {
			count++
		}
		list = append(list, members{
			"student_id": l.subject, "concept_id": concept, "p_mastered": now.Mastery, "is_mastered": now.Mastery >= mastered,
			"evidence_count": now.Evidence, "trend": now.Trend(), "sync_status": "off",
		})
	}
	for _, one := range l.given[platformConcept] {
		history = append(history, members{
			"concept_id": platformConcept, "item_id": one.item, "correct": one.correct,
			"timestamp": one.at.Format("2006-01-02T15:04:05.000000Z"),
		})
	}
	l.expects(l.asks("what a student knows", states+"?limit=1000", l.subject, "", "", "200"),
		members{"student_id": l.subject, "total_concepts": len(list), "mastered_count": count, "states": list}, "last_updated")
	ofOne := states + "/history?limit=1000&concept_id=" + platformConcept
	l.expects(l.asks("a student's history", ofOne, l.subject, "", "", "200"),
		members{"entries": history[:min(len(history), 1000)]}, "p_mastered", "evidence_count")
}

// opened is what is read of a reply about a session.
type opened struct {
	SessionID string `json:"session_id"`
	NextItem  struct {
		ItemID string `json:"item_id"`
	} `json:"next_item"`
}

// practises opens a session, and answers its questions to the last or until it is completed early.
func (l *learner) practises() {
	var scope []string // its concepts have more items than the last 20
	for _, i := range l.Perm(len(l.bank.Concepts))[:scopeSize] {
		scope = append(scope, l.bank.Concepts[i].ID)
	}
	body := members{"scope_concept_ids": scope, "question_count": questions, "time_mode": "untimed"}.String()
	got := l.asks("a session", "POST "+sessions, "", body, "", "201")
	first := members{"position": 1}
	l.expects(got, members{"student_id": l.subject, "status": "active", "answered": 0, "next_item": first}, "*")
	l.asks("a second session", "POST "+sessions, "", body, "", "409 SESSION_ALREADY_ACTIVE")
	now := decode[opened](got)
	id, right := now.SessionID, 0
	l.lastOpened.Store([2]string{id, l.subject})
	for n := 0; now.NextItem.ItemID != "" && l.unsure == nil; n++ {
		question := members{"item_id": now.NextItem.ItemID, "position": n + 1}
		l.expects(l.asks("the next question", next, id, "", "", "200"), question, "*")
		if l.IntN(20) == 0 {
			l.expects(l.asks("a session completed early", complete, id, "", "", "200"),
				members{"status": "completed", "answered": n, "correct": right}, "*")
			return
		}
		now = l.practisesOne(id, now.NextItem.ItemID, n+1, &right)
	}
}

// practisesOne answers another question than the one that is open, and then that; right counts the right answers.
func (l *learner) practisesOne(id, open string, answered int, right *int) opened {
	item := l.bank.Items[slices.IndexFunc(l.bank.Items, func(i demo.Item) bool { return i.ID == open })]
	a := &given{name: "its answer", session: id, concept: item.ConceptID, item: open, at: l.now()}
	fields := members{"item_id": platformItem, "correct": true, "latency_ms": 900, "timestamp": a.at.Format(time.RFC3339Nano)}
	l.asks("the answer to another question", answer, id, fields.String(), "", "409 CONFLICT not_the_given_item")
	delete(fields, "correct")
	fields["item_id"] = open
	a.correct, fields["response"] = l.responds(item)
	a.body = fields.String()
	got := l.gives(a)
	if l.unsure != nil {
		return opened{}
	}
	if a.correct {
		*right++
	}
	session := members{"session_id": id, "status": "active", "answered": answered, "correct": *right}
	following := any(members{"position": answered + 1})
	if answered == questions {
		session["status"], following = "completed", nil
	}
	l.expects(got, members{
		"correct": a.correct, "correct_key": item.Key, "mastery": l.counts(a), "session": session, "next_item": following,
	}, "*")
	l.repeats(a, got)
	return decode[opened](got)
}
