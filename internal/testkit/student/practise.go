package student

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/internal/testkit/contract"
)

const (
	questions = 10
	// scopeSize is of how many concepts a session has its items, which are more than the last 20.
	scopeSize = 3

	sessions, answers = "/api/adaptive/sessions", "POST /api/adaptive/sessions/{session_id}/answers"
	next, complete    = "GET /api/adaptive/next-item/{session_id}", "POST /api/adaptive/sessions/{session_id}/complete"
)

// session is one that is open, and what it has to be.
type session struct {
	*Student
	id, open string // the open question's item, "" once it has ended
	given    []*Answer
	right    int
}

// Practise opens a session, and answers its questions to the last or until it is completed early.
func (s *Student) Practise() {
	var scope []string
	for _, i := range s.dice.Perm(len(s.Bank.Concepts))[:scopeSize] {
		scope = append(scope, s.Bank.Concepts[i].ID)
	}
	plan := contract.Members{"scope_concept_ids": scope, "question_count": questions, "time_mode": "untimed"}.String()
	now := openedIn(s.ask(Request{Name: "a session", Route: "POST " + sessions, Body: plan, Want: "201", Says: contract.Members{
		"student_id": s.ID, "status": "active", "answered": 0, "next_item": contract.Members{"position": 1},
	}}))
	if now.SessionID == "" {
		return
	}
	practised := &session{Student: s, id: now.SessionID, open: now.NextItem.ItemID}
	second := s.ask(Request{Name: "a second session", Route: "POST " + sessions, Body: plan, Want: "409 SESSION_ALREADY_ACTIVE"})
	if active := second.Meta.Details["session_id"]; !s.isGone && active != now.SessionID {
		s.Complain("a second session is refused for %q, not for %q", active, now.SessionID)
	}
	for practised.open != "" && !s.isGone {
		position := len(practised.given) + 1
		practised.asks("the next question", next, "200", contract.Members{"item_id": practised.open, "position": position})
		if s.dice.IntN(20) == 0 {
			practised.asks("a session completed early", complete, "200", contract.Members{
				"status": "completed", "answered": len(practised.given), "correct": practised.right,
			})
			break
		}
		practised.answer()
	}
	practised.asks("a session that has ended", next, "409 SESSION_COMPLETED", nil)
}

// asks sends a request about the session.
func (p *session) asks(name, route, want string, says contract.Members) {
	p.ask(Request{Name: name, Route: route, ID: p.id, Want: want, Says: says})
}

// answer answers another question than the one that is open, at times one that was answered before, and then that.
func (p *session) answer() {
	item := p.Bank.Items[slices.IndexFunc(p.Bank.Items, func(i demo.Item) bool { return i.ID == p.open })]
	a := &Answer{Concept: item.ConceptID, Item: p.open, At: p.now()}
	respond := func(name, item string, response any, want string) Request {
		fields := contract.Members{"item_id": item, "response": response, "latency_ms": 900, "timestamp": a.At.Format(time.RFC3339Nano)}
		return Request{Name: name, Route: answers, ID: p.id, Body: fields.String(), Want: want}
	}
	isGiven := func(id string) bool {
		return id == p.open || slices.ContainsFunc(p.given, func(a *Answer) bool { return a.Item == id })
	}
	if other := p.Bank.Items[p.dice.IntN(len(p.Bank.Items))].ID; !isGiven(other) {
		p.ask(respond("the answer to another question", other, "A", "409 CONFLICT not_the_given_item"))
	}
	if len(p.given) > 0 && p.dice.IntN(4) == 0 {
		before := p.given[p.dice.IntN(len(p.given))]
		p.again(before)
		p.ask(respond("another answer to a question", before.Item, nil, "409 CONFLICT already_answered"))
	}
	isRight, response := p.responds(item)
	a.Correct, a.request = isRight, respond("its answer", p.open, response, "200")
	if p.given = append(p.given, a); a.Correct {
		p.right++
	}
	said := contract.Members{"session_id": p.id, "status": "active", "answered": len(p.given), "correct": p.right}
	following := any(contract.Members{"position": len(p.given) + 1})
	if len(p.given) == questions {
		said["status"], following = "completed", nil
	}
	p.open = openedIn(p.give(a, contract.Members{
		"correct": a.Correct, "correct_key": item.Key, "session": said, "next_item": following,
	})).NextItem.ItemID
}

// opened is what is read of a reply about a session. It is empty if there is no session in it.
type opened struct {
	SessionID string `json:"session_id"`
	NextItem  struct {
		ItemID string `json:"item_id"`
	} `json:"next_item"`
}

func openedIn(envelope contract.Envelope) (got opened) {
	_ = json.Unmarshal(envelope.Data, &got) // what is wrong was judged already
	return got
}
