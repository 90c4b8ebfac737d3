package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/demo"
)

const (
	mastered = .95
	// firstAnswer is when each learner begins; the next answers follow a second apart.
	firstAnswer = 1_750_000_000
	// forgiven is how long after a stall an answer may be turned away.
	forgiven = 10 * time.Second
)

// learner is a student whose answers are counted here too. One request at a time is about the record.
type learner struct {
	*person
	sync.Mutex
	given map[string][]*given // by concept, in the order of the replay
	sent  int
	// last is the last answer outside of a session; unsure one that got no reply, or was turned away: it is sent again.
	last, unsure *given
	session      *session // the last, if any
}

// given is an answer as the model sees it, and as it was sent and replied to.
type given struct {
	at            time.Time
	concept, item string
	correct       bool
	body, key     string
	session       string // its id, for an answer in one
	reply         []byte
}

func newLearners(people []*person) (learners []*learner) {
	for _, p := range people[:peopleCount] {
		if p.role == core.RoleStudent {
			learners = append(learners, &learner{person: p, given: map[string][]*given{}})
		}
	}
	return learners
}

// learner signs the call in as somebody whom no other call is about, and about whose answers there is no doubt.
func (c *call) learner(mayDoubt bool) *learner {
	for {
		l := c.learners[c.IntN(len(c.learners))]
		if !l.TryLock() {
			continue
		}
		if l.unsure == nil || mayDoubt {
			c.by(l.person, l.token())
			c.done = l.Unlock
			return l
		}
		l.Unlock()
	}
}

// answers sends a new answer, or again the one of which nobody knows whether it counts. A late one comes after those that
// follow it.
func answers(isLate, isKeyed bool) step {
	return func(c *call) {
		l := c.learner(true)
		if l.unsure == nil {
			l.unsure = l.newAnswer(c, isLate, isKeyed)
		}
		l.sendAnswer(c)
	}
}

// newAnswer makes an answer to an item of the demo bank, or to the one that the platform grades.
func (l *learner) newAnswer(c *call, isLate, isKeyed bool) *given {
	l.sent++
	item := c.bank.Items[(l.number+c.IntN(60))%len(c.bank.Items)]
	for l.session != nil && l.session.open == item.ID { // an answer to it would belong to the session
		item = c.bank.Items[c.IntN(len(c.bank.Items))]
	}
	a := &given{at: l.now(), concept: item.ConceptID, item: item.ID}
	fields := members{"student_id": l.subject, "latency_ms": c.IntN(60_000)}
	if c.IntN(4) == 0 {
		a.concept, a.item, a.correct = platformConcept, platformItem, c.IntN(3) > 0
		fields["correct"] = a.correct
	} else {
		a.correct, fields["response"] = respond(c, item)
	}
	if known := l.given[a.concept]; isLate && len(known) > 0 {
		a.at = known[c.IntN(len(known))].at.Add(time.Duration(l.sent) * time.Microsecond)
	}
	fields["concept_id"], fields["item_id"], fields["timestamp"] = a.concept, a.item, a.at.Format(time.RFC3339Nano)
	a.body = fields.String()
	if isKeyed {
		a.key = fmt.Sprintf("soak %d/%d", l.number, l.sent)
	}
	return a
}

// now is after all that came.
func (l *learner) now() time.Time { return time.Unix(firstAnswer+int64(l.sent), 0).UTC() }

// respond picks an option of an item.
func respond(c *call, item demo.Item) (isRight bool, key string) {
	key = item.Options[c.IntN(len(item.Options))].Key
	return key == item.Key, key
}

// sendAnswer sends the answer of which nobody knows whether it counts; it does once there is a reply.
func (l *learner) sendAnswer(c *call) {
	a := l.unsure
	c.method, c.route, _ = strings.Cut(update, " ")
	if a.session != "" {
		c.method, c.route, _ = strings.Cut(answer, " ")
	}
	c.at(a.session, "")
	c.sends(a.body, a.key)
	c.judge = func(r *reply) string {
		if r.status == http.StatusServiceUnavailable && c.stalled.Load() > r.sent.Add(-forgiven).UnixNano() {
			return ""
		}
		l.unsure = nil
		switch {
		case r.outcome != "200":
			return "a good answer gets 200"
		case a.session != "":
			return l.isPractised(c, a, r)
		}
		a.reply, l.last = r.data, a
		return r.differs(l.count(a), "attempt_id")
	}
}

// count puts an answer in its place, by time, then item, and returns what its reply has to say.
func (l *learner) count(a *given) members {
	before := replay(l.given[a.concept])
	at, _ := slices.BinarySearchFunc(l.given[a.concept], a, func(x, y *given) int {
		return cmp.Or(x.at.Compare(y.at), strings.Compare(x.item, y.item))
	})
	l.given[a.concept] = slices.Insert(l.given[a.concept], at, a)
	after := replay(l.given[a.concept])
	return members{
		"student_id": l.subject, "concept_id": a.concept, "previous_p_mastered": before.Mastery, "new_p_mastered": after.Mastery,
		"is_mastered": after.Mastery >= mastered, "delta": after.Mastery - before.Mastery, "evidence_count": after.Evidence,
		"trend": after.Trend(), "sync_status": "off", "p_correct_next": bkt.Defaults().PredictCorrect(after.Mastery), "correct": a.correct,
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

// repeats sends the last answer again: it gets the first reply, and counts once.
func repeats(c *call) {
	l := c.learner(false)
	if l.last == nil {
		l.knows(c)
		return
	}
	c.sends(l.last.body, l.last.key)
	c.judge = isReplay(l.last.reply)
}

// isReplay judges the reply to a repeat: it is the first one.
func isReplay(first []byte) func(*reply) string {
	return func(r *reply) string {
		if !r.replayed || string(r.data) != string(first) {
			return fmt.Sprintf("the first reply was %s (replayed: %t)", first, r.replayed)
		}
		return ""
	}
}

// reusesKey sends another answer under a key that was used.
func reusesKey(c *call) {
	l := c.learner(false)
	if l.last == nil || l.last.key == "" {
		l.knows(c)
		return
	}
	c.sends(strings.Replace(l.last.body, `"latency_ms":`, `"latency_ms":1`, 1), l.last.key)
}

// wrongly sends an answer that is refused for the value of one member.
func wrongly(name string, value any) step {
	return func(c *call) {
		fields := members{
			"student_id": c.person.subject, "concept_id": platformConcept, "item_id": platformItem, "correct": true, "latency_ms": 1,
			"timestamp": "2025-11-03T09:30:00Z",
		}
		fields[name] = value
		c.sends(fields.String(), "")
	}
}

func knows(c *call) { c.learner(false).knows(c) }

// knows asks for the states of a learner: all of them, each as the model has it.
func (l *learner) knows(c *call) {
	c.method, c.route, _ = strings.Cut(state, " ")
	c.at(l.subject, "?limit=1000")
	c.want = l.hasRecord()
	count, list := 0, []members{}
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
	c.judgeData(members{"student_id": l.subject, "total_concepts": len(list), "mastered_count": count, "states": list}, "last_updated")
}

// hasRecord is what a reply about the learner's record is: there is none before the student does something.
func (l *learner) hasRecord() string {
	if l.session == nil && len(l.given) == 0 {
		return notFound
	}
	return "200"
}

// judgeData judges a reply that is wanted and succeeds.
func (c *call) judgeData(want members, free ...string) {
	c.judge = func(r *reply) string {
		if r.data == nil {
			return ""
		}
		return r.differs(want, free...)
	}
}

// remembers judges the history of one concept: each answer once, in its place.
func remembers(c *call) {
	l := c.learner(false)
	c.at(l.subject, "?limit=1000&concept_id="+platformConcept)
	c.want = l.hasRecord()
	list := []members{}
	for _, one := range l.given[platformConcept] {
		list = append(list, members{
			"concept_id": platformConcept, "item_id": one.item, "correct": one.correct,
			"timestamp": one.at.Format("2006-01-02T15:04:05.000000Z"),
		})
	}
	c.judgeData(members{"entries": list[:min(len(list), 1000)]}, "p_mastered", "evidence_count")
}
