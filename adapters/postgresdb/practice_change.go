package postgresdb

import "github.com/journey-os/journey-api/core/practice"

// keepPractice writes a change and commits it.
func (t *transaction) keepPractice(change practice.Change, isNew bool) error {
	for _, session := range []*practice.Session{change.Abandoned, change.Session} {
		if session == nil {
			continue
		}
		values, err := changedSession(*session, change.AddsConcept)
		if err != nil {
			return err
		}
		t.queue(putSession, values...)
	}
	if change.Opened != nil {
		values, err := sessionValues(*change.Opened)
		if err != nil {
			return err
		}
		t.queue(addSession, values...)
	}
	if settled := change.Answered; settled != nil {
		t.queue(settleSessionItem, answeredValues(*settled)...)
	}
	if change.Next != nil {
		values, err := givenValues(*change.Next)
		if err != nil {
			return err
		}
		t.queue(addSessionItem, values...)
	}
	switch { // an ability that does not count the change's attempts is dropped
	case change.Estimate != nil:
		t.queue(putEstimate, estimateValues(*change.Estimate)...)
	case len(change.Attempts) > 0:
		t.queue(dropEstimate, change.Attempts[0].StudentID)
	}
	return t.keep(change.Change, isNew)
}
