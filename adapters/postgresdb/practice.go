package postgresdb

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.PracticeRecorder = (*Store)(nil)

// Practise changes one student's practice, in three round trips: one that locks the student and finds the session, one
// that reads what a pick needs, one that writes.
func (s *Store) Practise(ctx context.Context, arrival practice.AnswerLookup, decide func(practice.AnswerData) (practice.Change, error)) error {
	return s.transact(ctx, func(t *transaction) error {
		found, err := t.findForPractice(arrival)
		if err != nil {
			return err
		}
		change, err := decide(found)
		if err != nil {
			return err
		}
		return t.keepPractice(change, found.Student == nil)
	})
}

func (t *transaction) findForPractice(arrival practice.AnswerLookup) (found practice.AnswerData, err error) {
	text, id := findSession, arrival.SessionID
	if id == "" {
		text, id = findActiveSession, arrival.StudentID
	}
	queueSession := func() {
		t.queue(text, id).QueryRow(func(row pgx.Row) error {
			var of sessionRow
			err := row.Scan(of.intoOpen()...)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			session, err := of.session()
			found.Session, found.Open = &session, of.open()
			return err
		})
	}
	if arrival.ItemID == "" {
		found.StudentData = t.newStudentData(arrival.StudentID)
		t.lock(arrival.StudentID, &found.StudentData)
		queueSession()
		err = t.send(t.ctx)
	} else {
		found.AnswerData, err = t.find(arrival.AnswerLookup, queueSession)
	}
	found.History = func() (practice.StudentHistory, error) { return t.studentHistory(arrival) }
	found.Repeat = func(itemID string) (*practice.RepeatedAnswer, *mastery.Attempt, error) {
		return t.repeated(arrival.StudentID, arrival.SessionID, itemID)
	}
	return found, err
}

// studentHistory reads the student's own rows that a pick needs.
func (t *transaction) studentHistory(arrival practice.AnswerLookup) (past practice.StudentHistory, err error) {
	past.Mastery = map[string]float64{}
	t.queue(listMasteries, arrival.StudentID).Query(func(rows pgx.Rows) error {
		return scanEach(rows, func(row pgx.Row) error {
			var (
				concept string
				p       float64
			)
			err := row.Scan(&concept, &p)
			past.Mastery[concept] = p
			return err
		})
	})
	t.queue(listGiven, arrival.StudentID, arrival.Window).Query(func(rows pgx.Rows) (err error) {
		past.RecentItems, err = scanRecentItems(rows)
		return err
	})
	t.queue(findEstimate, arrival.StudentID).QueryRow(func(row pgx.Row) (err error) {
		past.Estimate, err = scanEstimate(row, arrival.StudentID)
		return err
	})
	if arrival.ItemID != "" {
		t.queue(findFirstAttempt, arrival.StudentID, arrival.ItemID).QueryRow(func(row pgx.Row) error {
			var first *time.Time
			err := row.Scan(&first)
			if first != nil {
				past.First = first.UTC()
			}
			return err
		})
	}
	past.Responses = func(limit int) ([]practice.Response, error) { return t.responses(arrival.StudentID, limit) }
	err = t.send(t.ctx)
	return past, err
}

func scanRecentItems(rows pgx.Rows) (given []practice.RecentItem, err error) {
	err = scanEach(rows, func(row pgx.Row) error {
		var one practice.RecentItem
		err := row.Scan(&one.SessionID, &one.Position, &one.ItemID, &one.ConceptID)
		given = append(given, one)
		return err
	})
	return given, err
}

func scanEstimate(row pgx.Row, studentID string) (*practice.Estimate, error) {
	e := practice.Estimate{StudentID: studentID}
	var posterior []byte
	err := row.Scan(&e.RunID, &e.Theta, &e.SD, &e.Responses, &e.Drift, &e.Last.At, &e.Last.ItemID, &e.Last.Correct, &posterior, &e.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e.Last.At, e.UpdatedAt = e.Last.At.UTC(), e.UpdatedAt.UTC()
	e.Posterior, err = practice.DecodePosterior(posterior)
	return &e, err
}

// responses returns first attempts, the oldest first.
func (t *transaction) responses(studentID string, limit int) (responses []practice.Response, err error) {
	err = each(t.ctx, t.conn, t.store.text(listFirstAttempts), []any{studentID, limit}, func(row pgx.Row) error {
		var one practice.Response
		err := row.Scan(&one.ItemID, &one.At, &one.Correct)
		one.At = one.At.UTC()
		responses = append(responses, one)
		return err
	})
	slices.Reverse(responses)
	return responses, err
}

func (t *transaction) repeated(studentID, sessionID, itemID string) (*practice.RepeatedAnswer, *mastery.Attempt, error) {
	var (
		row     givenRow
		attempt attemptRow
	)
	err := t.conn.QueryRow(t.ctx, t.store.text(findRepeat), studentID, sessionID, itemID).Scan(append(row.into(), attempt.into()...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	given, err := row.given()
	if err != nil {
		return nil, nil, err
	}
	repeat := &practice.RepeatedAnswer{Given: *given}
	first := attempt.attempt()
	var next givenRow
	err = t.conn.QueryRow(t.ctx, t.store.text(findGiven), studentID, sessionID, given.Position+1).Scan(next.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return repeat, &first, nil
	}
	if err == nil {
		repeat.Next, err = next.given()
	}
	return repeat, &first, err
}
