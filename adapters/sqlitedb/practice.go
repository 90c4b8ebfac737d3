package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.PracticeRecorder = (*Store)(nil)

// Practise changes one student's practice.
func (s *Store) Practise(ctx context.Context, arrival practice.AnswerLookup, decide func(practice.AnswerData) (practice.Change, error)) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		found, err := findForPractice(on, arrival)
		if err != nil {
			return err
		}
		change, err := decide(found)
		if err != nil {
			return err
		}
		return keepPractice(on, change)
	}))
}

func findForPractice(on *statements, arrival practice.AnswerLookup) (found practice.AnswerData, err error) {
	if arrival.ItemID == "" {
		found.StudentData, err = loadStudent(on, mastery.Revision{StudentID: arrival.StudentID})
	} else {
		found.AnswerData, err = findAll(on, arrival.AnswerLookup)
	}
	if err != nil {
		return found, err
	}
	var row sessionRow
	text, id := findSession, arrival.SessionID
	if id == "" {
		text, id = findActiveSession, arrival.StudentID
	}
	switch err = on.row(context.Background(), text, []any{id}, row.intoOpen()...); {
	case err == nil:
		session, err := row.session()
		if err != nil {
			return found, err
		}
		found.Session, found.Open = &session, row.open()
	case !errors.Is(err, sql.ErrNoRows):
		return found, err
	}
	found.History = func() (practice.StudentHistory, error) { return findStudentHistory(on, arrival) }
	found.Repeat = func(itemID string) (*practice.RepeatedAnswer, *mastery.Attempt, error) {
		return findRepeated(on, arrival.StudentID, arrival.SessionID, itemID)
	}
	return found, nil
}

// findStudentHistory reads the student's own rows that a pick needs.
func findStudentHistory(on *statements, arrival practice.AnswerLookup) (past practice.StudentHistory, err error) {
	ctx := context.Background()
	past.Mastery = map[string]float64{}
	err = on.each(ctx, listMasteries, []any{arrival.StudentID}, func(from scanner) error {
		var (
			concept string
			p       float64
		)
		err := from.Scan(&concept, &p)
		past.Mastery[concept] = p
		return err
	})
	if err != nil {
		return past, err
	}
	if past.RecentItems, err = recentItems(ctx, on, listGiven, arrival.StudentID, arrival.Window); err != nil {
		return past, err
	}
	if past.Estimate, err = findEstimateOf(on, arrival.StudentID); err != nil {
		return past, err
	}
	if arrival.ItemID != "" {
		var first sql.NullInt64
		if err := on.row(ctx, findFirstAttempt, []any{arrival.StudentID, arrival.ItemID}, &first); err != nil {
			return past, err
		}
		if first.Valid {
			past.First = time.UnixMicro(first.Int64).UTC()
		}
	}
	past.Responses = func(limit int) ([]practice.Response, error) { return findResponses(on, arrival.StudentID, limit) }
	return past, nil
}

func recentItems(ctx context.Context, on *statements, text string, values ...any) (given []practice.RecentItem, err error) {
	err = on.each(ctx, text, values, func(from scanner) error {
		var one practice.RecentItem
		err := from.Scan(&one.SessionID, &one.Position, &one.ItemID, &one.ConceptID)
		given = append(given, one)
		return err
	})
	return given, err
}

func findEstimateOf(on *statements, studentID string) (*practice.Estimate, error) {
	var (
		e                practice.Estimate
		lastAt, updateAt int64
		posterior        []byte
	)
	err := on.row(context.Background(), findEstimate, []any{studentID},
		&e.RunID, &e.Theta, &e.SD, &e.Responses, &e.Drift, &lastAt, &e.Last.ItemID, &e.Last.Correct, &posterior, &updateAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e.StudentID, e.Last.At, e.UpdatedAt = studentID, time.UnixMicro(lastAt).UTC(), time.UnixMicro(updateAt).UTC()
	e.Posterior, err = practice.DecodePosterior(posterior)
	return &e, err
}

// findResponses returns first attempts, the oldest first.
func findResponses(on *statements, studentID string, limit int) (responses []practice.Response, err error) {
	err = on.each(context.Background(), listFirstAttempts, []any{studentID, limit}, func(from scanner) error {
		var (
			one practice.Response
			at  int64
		)
		err := from.Scan(&one.ItemID, &at, &one.Correct)
		one.At = time.UnixMicro(at).UTC()
		responses = append(responses, one)
		return err
	})
	slices.Reverse(responses)
	return responses, err
}

func findRepeated(on *statements, studentID, sessionID, itemID string) (*practice.RepeatedAnswer, *mastery.Attempt, error) {
	var (
		row     givenRow
		attempt attemptRow
	)
	err := on.row(context.Background(), findRepeat, []any{studentID, sessionID, itemID}, append(row.into(), attempt.into()...)...)
	if errors.Is(err, sql.ErrNoRows) {
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
	err = on.row(context.Background(), findGiven, []any{studentID, sessionID, given.Position + 1}, next.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return repeat, &first, nil
	}
	if err == nil {
		repeat.Next, err = next.given()
	}
	return repeat, &first, err
}
