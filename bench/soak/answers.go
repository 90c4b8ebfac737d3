package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // reads the store once the service is gone

	"github.com/journey-os/journey-api/core"
)

const (
	mastered, precision = .95, 1e-9
	// firstAnswer is when each learner begins; the next answers follow a second apart.
	firstAnswer = 1_750_000_000
	// forgiven is how long after a stall an answer may be turned away.
	forgiven = 10 * time.Second
)

// learner is a student whose answers are counted here too. One request at a time is about the record.
type learner struct {
	*person
	lock  sync.Mutex
	given map[string][]given // by concept, in the order of the replay
	sent  int
	// last is the last answer with its reply; unsure one that got no reply, or was turned away: it is sent again.
	last, unsure *attempt
	session      *session // the last, if any
}

// given is an answer as the model sees it.
type given struct {
	at      time.Time
	item    string
	correct bool
}

type attempt struct {
	given
	concept, body, key string
	session            string // its id, for an answer in one
	reply              []byte
}

// learner signs the call in as somebody whom no other call is about, and about whose answers there is no doubt.
func (s *scenario) learner(d *dice, c *call, mayDoubt bool) *learner {
	for {
		l := s.learners[d.IntN(len(s.learners))]
		if !l.lock.TryLock() {
			continue
		}
		if l.unsure == nil || mayDoubt {
			c.by(l.person, l.token)
			c.done = l.lock.Unlock
			return l
		}
		l.lock.Unlock()
	}
}

type when func(*learner, *dice, []given) time.Time

// newest is after all that came.
func newest(l *learner, _ *dice, _ []given) time.Time {
	return time.Unix(firstAnswer+int64(l.sent), 0).UTC()
}

// late is a little after one that came, if there is one.
func late(l *learner, d *dice, known []given) time.Time {
	if len(known) == 0 {
		return newest(l, d, known)
	}
	return known[d.IntN(len(known))].at.Add(time.Duration(l.sent) * time.Microsecond)
}

// answers sends a new answer, or again the one of which nobody knows whether it counts.
func answers(at when, keyed bool) step {
	return func(s *scenario, d *dice, c *call) {
		l := s.learner(d, c, true)
		if l.unsure == nil {
			l.unsure = l.attempt(s, d, at, keyed)
		}
		l.sendAttempt(s, c)
	}
}

// sendAttempt sends the answer of which nobody knows whether it counts; it does once there is a reply.
func (l *learner) sendAttempt(s *scenario, c *call) {
	a := l.unsure
	c.route = update
	if a.session != "" {
		c.route = practised
	}
	c.at("session_id", a.session, "")
	c.sends(a.body, a.key)
	c.accept = func(r *reply) string {
		if r.status == http.StatusServiceUnavailable && s.stalled.Load() > r.sent.Add(-forgiven).UnixNano() {
			return ""
		}
		if l.unsure = nil; r.status != http.StatusOK {
			return "a good answer gets 200"
		}
		if a.session != "" {
			return l.isPractised(s, a, r)
		}
		a.reply, l.last = r.data, a
		return l.isUpdated(a, r)
	}
}

// attempt makes an answer to an item of the demo bank, or to the one that the platform grades.
func (l *learner) attempt(s *scenario, d *dice, at when, keyed bool) *attempt {
	l.sent++
	item := s.bank.Items[(l.number+d.IntN(60))%len(s.bank.Items)]
	for l.session != nil && l.session.open == item.ID { // an answer to it would belong to the session
		item = s.bank.Items[d.IntN(len(s.bank.Items))]
	}
	a := &attempt{concept: item.ConceptID, given: given{item: item.ID}}
	fields := members{"student_id": l.subject, "latency_ms": d.IntN(60_000)}
	if d.IntN(4) == 0 {
		a.concept, a.item, a.correct = platformConcept, platformItem, d.IntN(3) > 0
		fields["correct"] = a.correct
	} else {
		response := item.Options[d.IntN(len(item.Options))].Key
		a.correct, fields["response"] = response == item.Key, response
	}
	a.at = at(l, d, l.given[a.concept])
	fields["concept_id"], fields["item_id"], fields["timestamp"] = a.concept, a.item, a.at.Format(time.RFC3339Nano)
	a.body = encode(fields)
	if keyed {
		a.key = fmt.Sprintf("soak %d/%d", l.number, l.sent)
	}
	return a
}

// repeats sends the last answer again: it gets the first reply, and counts once.
func repeats(s *scenario, d *dice, c *call) {
	l := s.learner(d, c, false)
	if l.last == nil {
		l.knows(c)
		return
	}
	c.sends(l.last.body, l.last.key)
	c.data = func(r *reply) string { return r.isReplay(l.last.reply) }
}

// isReplay judges the reply to a repeat: it is the first one.
func (r *reply) isReplay(first []byte) string {
	if !r.replayed || string(r.data) != string(first) {
		return fmt.Sprintf("the first reply was %s (replayed: %t)", first, r.replayed)
	}
	return ""
}

// reusesKey sends another answer under a key that was used.
func reusesKey(s *scenario, d *dice, c *call) {
	l := s.learner(d, c, false)
	if l.last == nil || l.last.key == "" {
		l.knows(c)
		return
	}
	c.sends(strings.Replace(l.last.body, `"latency_ms":`, `"latency_ms":1`, 1), l.last.key)
}

// wrongly sends an answer that is refused for the value of one member.
func wrongly(name string, value any) step {
	return func(_ *scenario, _ *dice, c *call) {
		fields := members{
			"student_id": c.person.subject, "concept_id": platformConcept, "item_id": platformItem, "correct": true, "latency_ms": 1, "timestamp": "2025-11-03T09:30:00Z",
		}
		fields[name] = value
		c.sends(encode(fields), "")
	}
}

// state is the replay of some answers.
type state struct {
	mastery, previous, earlier float64
	evidence                   int
}

// replay computes it from the formulas of the model, at its defaults.
func replay(answers []given) state {
	const l0, t, g, s = .1, .2, .25, .1
	now := state{mastery: l0, evidence: len(answers)}
	for _, a := range answers {
		p := now.mastery
		posterior := p * s / (p*s + (1-p)*(1-g))
		if a.correct {
			posterior = p * (1 - s) / (p*(1-s) + (1-p)*g)
		}
		now.earlier, now.previous, now.mastery = now.previous, p, posterior+(1-posterior)*t
	}
	return now
}

func (s state) trend() string {
	switch {
	case s.evidence >= 3 && s.mastery > s.previous && s.previous > s.earlier:
		return "improving"
	case s.evidence >= 3 && s.mastery < s.previous && s.previous < s.earlier:
		return "declining"
	}
	return "stable"
}

// add puts an answer in its place: by time, then item, then wrong before right.
func (l *learner) add(a *attempt) (before, after state) {
	known := l.given[a.concept]
	at, _ := slices.BinarySearchFunc(known, a.given, func(x, y given) int {
		return cmp.Or(x.at.Compare(y.at), strings.Compare(x.item, y.item))
	})
	l.given[a.concept] = slices.Insert(slices.Clone(known), at, a.given)
	return replay(known), replay(l.given[a.concept])
}

// isUpdated judges the reply to an answer, which counts from now on.
func (l *learner) isUpdated(a *attempt, r *reply) string {
	before, after := l.add(a)
	p := after.mastery
	return r.differs(members{
		"student_id": l.subject, "concept_id": a.concept, "previous_p_mastered": before.mastery, "new_p_mastered": p, "is_mastered": p >= mastered,
		"delta": p - before.mastery, "evidence_count": after.evidence, "trend": after.trend(), "sync_status": "off", "p_correct_next": p*.9 + (1-p)*.25, "correct": a.correct,
	}, "attempt_id")
}

func knows(s *scenario, d *dice, c *call) { s.learner(d, c, false).knows(c) }

// knows asks for the states of a learner: all of them, each as the model has it, the least known first.
func (l *learner) knows(c *call) {
	c.method, c.route = "GET", states
	c.at("student_id", l.subject, "?limit=1000")
	c.accept = func(r *reply) string {
		list := []members{}
		count := 0
		for concept, known := range l.given {
			now := replay(known)
			if now.mastery >= mastered {
				count++
			}
			list = append(list, members{
				"student_id": l.subject, "concept_id": concept, "p_mastered": now.mastery, "is_mastered": now.mastery >= mastered,
				"evidence_count": now.evidence, "trend": now.trend(), "sync_status": "off",
			})
		}
		if l.session == nil && len(list) == 0 {
			return r.hasNoRecord()
		}
		return r.differs(members{"student_id": l.subject, "total_concepts": len(list), "mastered_count": count, "states": list}, "last_updated")
	}
}

// hasNoRecord judges the reply about a student who has done nothing yet.
func (r *reply) hasNoRecord() string {
	if !r.is(http.StatusNotFound, core.CodeNotFound, "") {
		return "a student who has done nothing has no record"
	}
	return ""
}

// remembers judges the history of one concept: each answer once, in its place.
func remembers(s *scenario, d *dice, c *call) {
	l := s.learner(d, c, false)
	c.at("student_id", l.subject, "?limit=1000&concept_id="+platformConcept)
	c.accept = func(r *reply) string {
		if l.session == nil && len(l.given) == 0 {
			return r.hasNoRecord()
		}
		list := []members{}
		for _, one := range l.given[platformConcept] {
			list = append(list, members{
				"concept_id": platformConcept, "item_id": one.item, "correct": one.correct, "timestamp": one.at.Format("2006-01-02T15:04:05.000000Z"),
			})
		}
		return r.differs(members{"entries": list[:min(len(list), 1000)]}, "p_mastered", "evidence_count")
	}
}

// compareStore reads the embedded database that the service has closed: every answer that was acknowledged is there once.
func (s *soak) compareStore(ctx context.Context) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "journey.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, l := range s.learners {
		if l.unsure != nil {
			l.given[l.unsure.concept] = append([]given{}, l.given[l.unsure.concept]...)
		}
		for concept, known := range l.given {
			var attempts int
			var mastery float64
			row := db.QueryRowContext(ctx, `SELECT s.p_mastered, (SELECT count(*) FROM attempts a WHERE a.student_id = s.student_id AND a.concept_id = s.concept_id)
				FROM states s WHERE s.student_id = ? AND s.concept_id = ?`, l.subject, concept)
			if err := row.Scan(&mastery, &attempts); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			s.stored += attempts
			if l.unsure != nil && l.unsure.concept == concept && attempts == len(known)+1 {
				l.add(l.unsure) // it was recorded, and the reply got lost as the service went
				known = l.given[concept]
			}
			if want := replay(known); attempts != want.evidence || attempts > 0 && math.Abs(mastery-want.mastery) > precision {
				s.complain("store", l.subject, fmt.Sprintf("%d answers to %s were acknowledged, the store has %d with %v; right is %v",
					want.evidence, concept, attempts, mastery, want.mastery))
			}
		}
	}
	return nil
}
