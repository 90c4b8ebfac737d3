package soak

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the store once the service is gone

	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/student"
)

// forgiven is how long after a stall an answer may be turned away.
const forgiven = 10 * time.Second

// newLearner makes a person a student whose answers are counted.
func (s *soak) newLearner(p *person) *student.Student {
	l := student.New(p.subject, *seed+uint64(p.number))
	l.Bank, l.Graded, l.Sync = s.bank, platformConcept, "off"
	l.Ask = func(r student.Request) (contract.Envelope, bool) { return s.asks(p, r) }
	l.Complain = func(format string, parts ...any) { s.complain("learners", p.subject, format, parts...) }
	return l
}

// visit has a learner answer, look at the record, and practise.
func (s *soak) visit() {
	l := <-s.learners
	defer func() { s.learners <- l }()
	l.Visit()
}

// asks sends a learner's request, and an answer until it counts. It returns false if there is no reply, as when the service
// has gone.
func (s *soak) asks(p *person, r student.Request) (contract.Envelope, bool) {
	want := r.Want
	for began := time.Now(); ; {
		if r.IsAnswer && s.hasStalled(time.Now().Add(-forgiven), time.Now()) {
			want = r.Want + "|" + overloaded
		}
		signed := func(c *call) {
			c.by(p, p.token())
			if r.Key != "" {
				c.header.Set("Idempotency-Key", r.Key)
			}
		}
		got := s.send(s.draw(row{r.Name, 1, r.Route, want, steps{signed, about(r.ID, r.Body), says(r.Says)}}))
		if got == nil {
			return contract.Envelope{}, false
		} else if !r.IsAnswer || got.Status != http.StatusServiceUnavailable || time.Since(began) > replyLimit {
			return got.envelope, true
		}
	}
}

// compareStore reads the embedded database that the service has closed: every answer that was acknowledged is there once.
func (s *soak) compareStore(ctx context.Context, t *testing.T) {
	const query = `SELECT s.p_mastered,
		(SELECT count(*) FROM attempts a WHERE a.student_id = s.student_id AND a.concept_id = s.concept_id)
		FROM states s WHERE s.student_id = ? AND s.concept_id = ?`
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "journey.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	stored := 0
	close(s.learners)
	for l := range s.learners {
		for concept := range l.Given {
			var mastery float64
			var attempts int
			err := db.QueryRowContext(ctx, query, l.ID, concept).Scan(&mastery, &attempts)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				t.Fatal(err)
			}
			stored += attempts
			if wrong := l.WrongInStore(concept, attempts, mastery); wrong != "" {
				s.complain("store", l.ID, "%s", wrong)
			}
		}
	}
	figure("answers in the store, each acknowledged once", stored)
}
