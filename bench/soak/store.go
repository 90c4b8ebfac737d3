package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	_ "modernc.org/sqlite" // reads the store once the service is gone
)

// compareStore reads the embedded database that the service has closed: every answer that was acknowledged is there once.
func (s *soak) compareStore(ctx context.Context) (err error) {
	const query = `SELECT s.p_mastered,
		(SELECT count(*) FROM attempts a WHERE a.student_id = s.student_id AND a.concept_id = s.concept_id)
		FROM states s WHERE s.student_id = ? AND s.concept_id = ?`
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "journey.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stored := 0
	close(s.learners)
	for l := range s.learners {
		if l.unsure != nil && l.given[l.unsure.concept] == nil {
			l.given[l.unsure.concept] = []*given{}
		}
		for concept := range l.given {
			var mastery float64
			var attempts int
			err := db.QueryRowContext(ctx, query, l.subject, concept).Scan(&mastery, &attempts)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			stored += attempts
			if l.unsure != nil && l.unsure.concept == concept && attempts == len(l.given[concept])+1 {
				l.counts(l.unsure) // it was recorded, and the reply got lost as the service went
			}
			want := replay(l.given[concept])
			if attempts != want.Evidence || attempts > 0 && math.Abs(mastery-want.Mastery) > precision {
				s.complain("store", l.subject, fmt.Sprintf("%d answers to %s were acknowledged, the store has %d with %v; right is %v",
					want.Evidence, concept, attempts, mastery, want.Mastery))
			}
		}
	}
	s.figure("answers in the store, each acknowledged once", stored)
	return nil
}
