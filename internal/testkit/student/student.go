// Package student simulates students. They answer, also late and again, look at their record and practise; and they
// know what is right of each reply, since their answers are counted here too.
package student

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/internal/testkit/contract"
)

// firstAnswer is when each student begins, in Unix time; the next answers follow a second apart.
const firstAnswer = 1_750_000_000

// Student has a record at a service. One goroutine at a time may use it.
type Student struct {
	ID     string
	Bank   demo.Bank // whose keys the service knows
	Graded string    // a concept whose item, GradedItem, the platform grades itself; "" if there is none
	Sync   string    // the sync_status of the states, "" if it may be any
	// Ask sends a request and judges its reply. It returns false if the student has to stop for good.
	Ask func(Request) (contract.Envelope, bool)
	// Complain takes what else is wrong.
	Complain func(format string, parts ...any)
	// Given are the answers by concept, in the order of the replay.
	Given map[string][]*Answer

	dice   *rand.Rand
	first  int     // of the items that the student answers
	unsure *Answer // waits for its reply
	sent   int
	isGone bool
}

// New returns a student who answers as the seed has it.
func New(id string, seed uint64) *Student {
	dice := rand.New(rand.NewPCG(seed, 0))
	return &Student{ID: id, Given: map[string][]*Answer{}, dice: dice, first: dice.IntN(1000)}
}

// Request is a request of a student's, and what is right of its reply.
type Request struct {
	Name      string           // of what kind it is
	Route, ID string           // the method and the path, and what comes in place of the path's parameter
	Body, Key string           // JSON and the idempotency key, "" if there is none
	IsAnswer  bool             // whether it may be sent again until it is acknowledged
	Want      string           // the outcome
	Says      contract.Members // what the data has to have
}

// parameter matches the one of a route.
var parameter = regexp.MustCompile("{.*}")

// Over returns an Ask that sends requests to a service by a client, and fails the test at a wrong reply.
func Over(t testing.TB, client *http.Client, url, token string) func(Request) (contract.Envelope, bool) {
	return func(r Request) (envelope contract.Envelope, goesOn bool) {
		asked := contract.Request{Token: token, Body: r.Body, Header: http.Header{}}
		asked.Method, asked.Path, _ = strings.Cut(parameter.ReplaceAllLiteralString(r.Route, r.ID), " ")
		if r.Key != "" {
			asked.Header.Set("Idempotency-Key", r.Key)
		}
		got, err := asked.Do(t.Context(), client, url)
		if err == nil {
			envelope, err = got.Envelope()
		}
		outcome, missing := got.Outcome(envelope), r.Says.MissingIn(envelope.Data)
		if err != nil || outcome != r.Want || missing != "" {
			t.Errorf("%s: %v, %s, want %s: %s%s", r.Name, err, outcome, r.Want, got.Body, missing)
			return envelope, false
		}
		return envelope, true
	}
}

// ask sends a request unless the student has stopped.
func (s *Student) ask(r Request) (envelope contract.Envelope) {
	if !s.isGone {
		var goesOn bool
		envelope, goesOn = s.Ask(r)
		s.isGone = !goesOn
	}
	return envelope
}

// Visit gives three answers, looks at the record, and practises.
func (s *Student) Visit() {
	for range 3 {
		s.Answer()
	}
	s.Remember()
	s.Practise()
}

// Answer gives an answer, which may be late or come again. At times its key is used for another answer.
func (s *Student) Answer() {
	a := s.newAnswer()
	s.give(a, nil)
	if a.request.Key != "" && s.dice.IntN(4) == 0 {
		another := a.request
		another.Name, another.Want, another.Says = "a key with another answer", "409 CONFLICT idempotency_key_reused", nil
		another.Body = strings.Replace(another.Body, `"latency_ms":`, `"latency_ms":1`, 1)
		s.ask(another)
	}
}

// give sends an answer that counts; rest is what the reply has beside the mastery, nil if that is all. At times the answer
// comes again: it gets the first reply then, and counts once.
func (s *Student) give(a *Answer, rest contract.Members) contract.Envelope {
	if s.isGone {
		return contract.Envelope{}
	}
	a.request.IsAnswer, a.request.Want, a.request.Says = true, "200", s.counts(a)
	if rest != nil {
		rest["mastery"], a.request.Says = a.request.Says, rest
	}
	s.unsure = a
	first := s.ask(a.request)
	if s.isGone {
		return first
	}
	if s.unsure = nil; s.dice.IntN(3) == 0 {
		if again := s.again(a); !s.isGone && string(again.Data) != string(first.Data) {
			s.Complain("the first reply was %s, this is %s", first.Data, again.Data)
		}
	}
	return first
}

// again sends an answer that was acknowledged.
func (s *Student) again(a *Answer) contract.Envelope {
	repeat := a.request
	repeat.Name, repeat.IsAnswer, repeat.Says = repeat.Name+" again", false, nil
	again := s.ask(repeat)
	if !s.isGone && !again.Meta.Replayed {
		s.Complain("%s is not said to be replayed: %s", repeat.Name, repeat.Body)
	}
	return again
}

// newAnswer makes an answer to an item of the bank, or to the one that the platform grades; at times it comes late, after
// those that follow it, at a time of its own.
func (s *Student) newAnswer() *Answer {
	a := &Answer{At: s.now()}
	fields := contract.Members{"student_id": s.ID, "latency_ms": s.dice.IntN(60_000)}
	if s.Graded != "" && (len(s.Bank.Items) == 0 || s.dice.IntN(4) == 0) {
		a.Concept, a.Item, a.Correct = s.Graded, GradedItem(s.Graded), s.dice.IntN(3) > 0
		fields["correct"] = a.Correct
	} else {
		item := s.Bank.Items[(s.first+s.dice.IntN(60))%len(s.Bank.Items)]
		a.Concept, a.Item = item.ConceptID, item.ID
		a.Correct, fields["response"] = s.responds(item)
	}
	a.request.Name, a.request.Route = "an answer", "POST /api/bkt/update"
	if known := s.Given[a.Concept]; len(known) > 0 && s.dice.IntN(2) == 0 {
		before := known[s.dice.IntN(len(known))].At.Truncate(time.Second)
		a.request.Name, a.At = "a late answer", before.Add(time.Duration(s.sent)*time.Microsecond)
	}
	fields["concept_id"], fields["item_id"], fields["timestamp"] = a.Concept, a.Item, a.At.Format(time.RFC3339Nano)
	a.request.Body = fields.String()
	if s.dice.IntN(3) > 0 {
		a.request.Key = fmt.Sprintf("%s/%d", s.ID, s.sent)
	}
	return a
}

// GradedItem is the item of a concept that the platform grades.
func GradedItem(concept string) string { return concept + "-1" }

// now is after all that came.
func (s *Student) now() time.Time {
	s.sent++
	return time.Unix(firstAnswer+int64(s.sent), 0).UTC()
}

// responds picks an option of an item.
func (s *Student) responds(item demo.Item) (isRight bool, key string) {
	key = item.Options[s.dice.IntN(len(item.Options))].Key
	return key == item.Key, key
}
