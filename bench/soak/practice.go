package main

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core/demo"
)

const questions, scopeSize = 10, 3

// session is a learner's practice as it has to be. Its open item is "" once it has ended.
type session struct {
	owner             *learner
	id, open          string
	answered, correct int
	last              *given
}

// question is the one that is open.
type question struct {
	ItemID string `json:"item_id"`
}

// inSession is a learner with a session that is open; one without opens it by this call, and then the session is nil.
func (c *call) inSession() (*learner, *session) {
	l := c.learner(false)
	if l.session != nil && l.session.open != "" {
		c.at(l.session.id, "")
		return l, l.session
	}
	l.opens(c)
	return l, nil
}

// opens sends the opening of a session, on concepts with more items than the last 20.
func (l *learner) opens(c *call) {
	c.method, c.route, c.path, c.want = "POST", sessions, sessions, "201"
	var scope []string
	for _, i := range c.Perm(len(c.bank.Concepts))[:scopeSize] {
		scope = append(scope, c.bank.Concepts[i].ID)
	}
	c.sends(members{"scope_concept_ids": scope, "question_count": questions, "time_mode": "untimed"}.String(), "")
	c.judge = func(r *reply) string {
		var got struct {
			SessionID string   `json:"session_id"`
			NextItem  question `json:"next_item"`
		}
		if err := json.Unmarshal(r.data, &got); err != nil {
			return err.Error()
		}
		l.session = &session{owner: l, id: got.SessionID, open: got.NextItem.ItemID}
		c.lastOpened.Store(l.session)
		return r.differs(members{"student_id": l.subject, "answered": 0, "status": "active", "next_item": members{"position": 1}}, "*")
	}
}

// reopens asks for a second session: there is one at most.
func reopens(c *call) {
	if l, own := c.inSession(); own != nil {
		want := c.row.want
		l.opens(c)
		c.want, c.judge = want, nil
	}
}

// asksNext asks for the open question, which stays the same.
func asksNext(c *call) {
	if _, own := c.inSession(); own != nil {
		c.judgeData(members{"item_id": own.open, "position": own.answered + 1}, "*")
	}
}

// practises answers the open question.
func practises(c *call) {
	l, own := c.inSession()
	if own == nil {
		return
	}
	l.sent++
	item := c.item(own.open)
	a := &given{at: l.now(), concept: item.ConceptID, item: item.ID, session: own.id}
	fields := members{"item_id": item.ID, "latency_ms": 900, "timestamp": a.at.Format(time.RFC3339Nano)}
	a.correct, fields["response"] = respond(c, item)
	a.body, l.unsure = fields.String(), a
	l.sendAnswer(c)
}

// strays answers a question that was not given.
func strays(c *call) {
	if l, own := c.inSession(); own != nil {
		at := l.now().Format(time.RFC3339Nano)
		c.sends(members{"item_id": platformItem, "correct": true, "latency_ms": 900, "timestamp": at}.String(), "")
	}
}

// practisesAgain sends the last answer of the session again.
func practisesAgain(c *call) {
	l, own := c.inSession()
	switch {
	case own == nil:
	case own.last == nil:
		l.knows(c)
	default:
		c.sends(own.last.body, "")
		c.judge = isReplay(own.last.reply)
	}
}

// isPractised judges the reply to an answer in the session, which counts from now on.
func (l *learner) isPractised(c *call, a *given, r *reply) string {
	var got struct {
		NextItem *question `json:"next_item"`
	}
	if err := json.Unmarshal(r.data, &got); err != nil {
		return err.Error()
	}
	own := l.session
	own.answered++
	own.last, own.open, a.reply = a, "", r.data
	if a.correct {
		own.correct++
	}
	status, following := "completed", any(nil)
	if own.answered < questions {
		status, following = "active", members{"position": own.answered + 1}
		if got.NextItem == nil || got.NextItem.ItemID == a.item {
			return "another question follows"
		}
		own.open = got.NextItem.ItemID
	}
	return r.differs(members{
		"correct": a.correct, "correct_key": c.item(a.item).Key, "mastery": l.count(a), "next_item": following,
		"session": members{"session_id": own.id, "status": status, "answered": own.answered, "correct": own.correct},
	}, "*")
}

// completes ends a session before all of it is answered.
func completes(c *call) {
	if _, own := c.inSession(); own != nil {
		c.judge = func(r *reply) string {
			own.open = ""
			return r.differs(members{"status": "completed", "answered": own.answered, "correct": own.correct}, "*")
		}
	}
}

// overhears asks for the session that was opened last, by somebody else.
func overhears(c *call) {
	l := c.learner(true)
	last, _ := c.lastOpened.Load().(*session)
	if last == nil || last.owner == l {
		c.at("none", "")
		c.want = sessionNotFound
		return
	}
	c.at(last.id, "")
}

// item is one of the bank.
func (c *call) item(id string) demo.Item {
	at := slices.IndexFunc(c.bank.Items, func(i demo.Item) bool { return i.ID == id })
	return c.bank.Items[at]
}

// listsConcepts counts those of the bank and of the platform.
func listsConcepts(c *call) {
	c.judgeData(members{"total": len(c.bank.Concepts) + 2}, "*")
}

// listsItems judges what everybody may see of the items of a concept: neither key nor explanation.
func listsItems(c *call) {
	concept := c.bank.Concepts[c.IntN(len(c.bank.Concepts))].ID
	c.at("", "?concept_id="+concept)
	list := []members{}
	for _, item := range c.bank.Items {
		if item.ConceptID == concept {
			options := []members{}
			for _, one := range item.Options {
				options = append(options, members{"key": one.Key, "text": one.Text})
			}
			list = append(list, members{
				"item_id": item.ID, "concept_id": concept, "stem": item.Stem, "options": options, "retired": false,
			})
		}
	}
	c.judgeData(members{"items": list, "total": len(list)})
}

func hasDefaults(c *call) {
	c.at(platformConcept, "")
	c.judgeData(members{
		"concept_id": platformConcept, "p_l0": .1, "p_t": .2, "p_g": .25, "p_s": .1, "version": 0, "sample_size": 0,
		"last_fitted_at": nil, "source": "default",
	}, "outdated_states")
}
