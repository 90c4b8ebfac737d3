package main

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/core"
)

const (
	sessions             = "/api/adaptive/sessions"
	nextItem             = "/api/adaptive/next-item/{session_id}"
	practised            = sessions + "/{session_id}/answers"
	questions, scopeSize = 10, 3
)

// session is a learner's practice as it has to be. Its open item is "" once it has ended.
type session struct {
	id, open          string
	answered, correct int
	lastBody          string
	lastReply         []byte
}

// question is the one that is open.
type question struct {
	ItemID   string `json:"item_id"`
	Position int    `json:"position"`
}

// inSession is a learner with a session; one without gets it by this call, and then the session is nil.
func (s *scenario) inSession(d *dice, c *call) (*learner, *session) {
	l := s.learner(d, c, false)
	if l.session != nil && l.session.open != "" {
		c.at("session_id", l.session.id, "")
		return l, l.session
	}
	l.opens(s, d, c)
	return l, nil
}

// opens sends the opening of a session, on concepts with more items than the last 20.
func (l *learner) opens(s *scenario, d *dice, c *call) {
	c.method, c.route, c.path = http.MethodPost, sessions, sessions
	var scope []string
	for _, i := range d.Perm(len(s.bank.Concepts))[:scopeSize] {
		scope = append(scope, s.bank.Concepts[i].ID)
	}
	c.sends(encode(members{"scope_concept_ids": scope, "question_count": questions, "time_mode": "untimed"}), "")
	c.accept = func(r *reply) string {
		var got struct {
			SessionID string   `json:"session_id"`
			Answered  int      `json:"answered"`
			NextItem  question `json:"next_item"`
		}
		if err := json.Unmarshal(r.data, &got); err != nil || r.status != http.StatusCreated || got.NextItem.ItemID == "" || got.NextItem.Position != 1 || got.Answered != 0 {
			return fmt.Sprintf("it opens no session: %v", err)
		}
		l.session = &session{id: got.SessionID, open: got.NextItem.ItemID}
		s.anySession.Store(l.session.id)
		return ""
	}
}

// reopens asks for a second session: there is one at most.
func reopens(s *scenario, d *dice, c *call) {
	if l, own := s.inSession(d, c); own != nil {
		l.opens(s, d, c)
		c.accept = nil
	}
}

// asksNext asks for the open question, which stays the same.
func asksNext(s *scenario, d *dice, c *call) {
	_, own := s.inSession(d, c)
	if own == nil {
		return
	}
	c.data = func(r *reply) string {
		var got question
		if err := json.Unmarshal(r.data, &got); err != nil || got != (question{own.open, own.answered + 1}) {
			return fmt.Sprintf("it should be %s, the %d.: %v", own.open, own.answered+1, err)
		}
		return ""
	}
}

// practises answers the open question, or one that was not given.
func practises(isGiven bool) step {
	return func(s *scenario, d *dice, c *call) {
		l, own := s.inSession(d, c)
		if own == nil {
			return
		}
		l.sent++
		item := s.item(own.open)
		a := &attempt{concept: item.ConceptID, session: own.id, given: given{item: item.ID, at: newest(l, d, nil)}}
		response := item.Options[d.IntN(len(item.Options))].Key
		a.correct = response == item.Key
		fields := members{"item_id": item.ID, "response": response, "latency_ms": 900, "timestamp": a.at.Format(time.RFC3339Nano)}
		if isGiven {
			a.body, l.unsure = encode(fields), a
			l.sendAttempt(s, c)
			return
		}
		fields["item_id"] = platformItem
		delete(fields, "response")
		fields["correct"] = true
		c.sends(encode(fields), "")
	}
}

// practisesAgain sends the last answer of the session again.
func practisesAgain(s *scenario, d *dice, c *call) {
	l, own := s.inSession(d, c)
	if own == nil {
		return
	}
	if own.lastBody == "" {
		l.knows(c)
		return
	}
	c.sends(own.lastBody, "")
	c.data = func(r *reply) string { return r.isReplay(own.lastReply) }
}

// isPractised judges the reply to an answer in the session.
func (l *learner) isPractised(s *scenario, a *attempt, r *reply) string {
	var got struct {
		Correct    bool           `json:"correct"`
		CorrectKey string         `json:"correct_key"`
		Mastery    jsontext.Value `json:"mastery"`
		Session    struct {
			Status   string `json:"status"`
			Answered int    `json:"answered"`
			Correct  int    `json:"correct"`
		} `json:"session"`
		NextItem *question `json:"next_item"`
	}
	if err := json.Unmarshal(r.data, &got); err != nil {
		return err.Error()
	}
	own := l.session
	own.answered++
	own.lastBody, own.lastReply, own.open = a.body, r.data, ""
	if a.correct {
		own.correct++
	}
	isOver := own.answered == questions
	switch {
	case got.Correct != a.correct || got.CorrectKey != s.item(a.item).Key || got.Session.Answered != own.answered || got.Session.Correct != own.correct:
		return fmt.Sprintf("%t, %d of %d are right", a.correct, own.correct, own.answered)
	case isOver != (got.NextItem == nil) || isOver != (got.Session.Status == "completed"):
		return fmt.Sprintf("it is over: %t", isOver)
	case !isOver && (got.NextItem.ItemID == a.item || got.NextItem.Position != own.answered+1):
		return fmt.Sprintf("the next question is %+v", *got.NextItem)
	case !isOver:
		own.open = got.NextItem.ItemID
	}
	return l.isUpdated(a, &reply{data: got.Mastery})
}

// completes ends a session before all of it is answered.
func completes(s *scenario, d *dice, c *call) {
	_, own := s.inSession(d, c)
	if own == nil {
		return
	}
	c.data = func(r *reply) string {
		own.open = ""
		return contains(fmt.Sprintf(`"answered":%d,"correct":%d`, own.answered, own.correct))(r)
	}
}

// overhears asks for a session of somebody else.
func overhears(s *scenario, d *dice, c *call) {
	id, isThere := s.anySession.Load().(string)
	l := s.learner(d, c, true)
	c.at("session_id", cmp.Or(id, "none"), "")
	c.accept = func(r *reply) string {
		isOwn := l.session != nil && l.session.id == id
		if !isThere && r.is(http.StatusNotFound, core.CodeSessionNotFound, "") || isOwn || r.is(http.StatusForbidden, forbidden, core.ReasonNotOwnRecord) {
			return ""
		}
		return "a session of somebody else is shown"
	}
}
