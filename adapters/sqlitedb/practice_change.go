package sqlitedb

import (
	"context"

	"github.com/journey-os/journey-api/core/practice"
)

// keepPractice writes a change.
func keepPractice(on *statements, change practice.Change) error {
	ctx := context.Background()
	if err := keep(on, change.Change); err != nil {
		return err
	}
	for _, session := range []*practice.Session{change.Abandoned, change.Session} {
		if session == nil {
			continue
		}
		values, err := changedSession(*session, change.AddsConcept)
		if err == nil {
			err = on.exec(ctx, putSession, values...)
		}
		if err != nil {
			return err
		}
	}
	if change.Opened != nil {
		values, err := sessionValues(*change.Opened)
		if err == nil {
			err = on.exec(ctx, addSession, values...)
		}
		if err != nil {
			return err
		}
	}
	if settled := change.Answered; settled != nil {
		if err := on.exec(ctx, settleSessionItem, answeredValues(*settled)...); err != nil {
			return err
		}
	}
	if change.Next != nil {
		values, err := givenValues(*change.Next)
		if err == nil {
			err = on.exec(ctx, addSessionItem, values...)
		}
		if err != nil {
			return err
		}
	}
	return keepEstimate(on, change)
}

// keepEstimate writes the ability, or drops one that does not include the change's attempts.
func keepEstimate(on *statements, change practice.Change) error {
	switch {
	case change.Estimate != nil:
		return on.exec(context.Background(), putEstimate, estimateValues(*change.Estimate)...)
	case len(change.Attempts) > 0:
		return on.exec(context.Background(), dropEstimate, change.Attempts[0].StudentID)
	default:
		return nil
	}
}
