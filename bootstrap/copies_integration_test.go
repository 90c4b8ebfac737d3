package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/student"
)

// copiesFor is how long clients answer in the test of two copies.
var copiesFor = flag.Duration("copies-for", 15*time.Second, "how long clients answer in TestIntegrationTwoCopiesAndAKill")

// copies sends each request to a copy at random, and again until one answers it. They are one service to a student.
type copies struct {
	addresses []string
	transport http.Transport
	repeats   atomic.Int64
}

// RoundTrip repeats a request until ctx of the request ends.
func (c *copies) RoundTrip(asked *http.Request) (*http.Response, error) {
	for {
		again := asked.Clone(asked.Context())
		again.URL.Host = c.addresses[rand.IntN(len(c.addresses))]
		again.Body, _ = asked.GetBody() // of a strings.Reader
		response, err := c.transport.RoundTrip(again)
		if err == nil && response.StatusCode < http.StatusInternalServerError || asked.Context().Err() != nil {
			return response, err
		} else if err == nil {
			_ = response.Body.Close()
		}
		c.repeats.Add(1)
		<-time.After(20 * time.Millisecond) // a client's pause before it repeats
	}
}

// replayed is the mastery after answers, by the formulas with their usual parameters.
func replayed(right []bool) float64 {
	const learn, guess, slip = .2, .25, .1
	p := .1
	for _, isRight := range right {
		known, luck := p*slip, (1-p)*(1-guess)
		if isRight {
			known, luck = p*(1-slip), (1-p)*guess
		}
		p = known / (known + luck)
		p += (1 - p) * learn
	}
	return p
}

func TestIntegrationTwoCopiesAndAKill(t *testing.T) {
	o := newTown(t)
	concepts := []string{"renal", "cardiac"}
	o.addSubConcepts(concepts...)
	settings := environment.Absent(t)
	maps.Copy(settings, o.settings)
	settings["LOG_FORMAT"] = "json"
	binary := build(t)
	first, second := serveApart(t, binary, settings), serveApart(t, binary, settings)
	const people = 32
	students, began := make([]*student.Student, people), time.Now()
	both := &copies{addresses: []string{first.address, second.address}}
	var working sync.WaitGroup
	for i := range students {
		s := student.New(o.id(fmt.Sprintf("student%02d", i)), uint64(i))
		s.Graded, s.Complain = o.id(concepts[i%2]), t.Errorf
		s.Ask = student.Over(t, &http.Client{Timeout: time.Minute, Transport: both}, "http://copies", o.token(s.ID))
		students[i] = s
		working.Go(func() {
			for time.Since(began) < *copiesFor && !t.Failed() {
				s.Answer()
			}
		})
	}
	time.AfterFunc(*copiesFor/2, func() { _ = first.Command.Process.Signal(syscall.SIGKILL) })
	working.Wait()
	both.transport.CloseIdleConnections()
	t.Logf("%d requests were repeated in %v", both.repeats.Load(), *copiesFor)
	if both.repeats.Load() == 0 {
		t.Error("the kill was noticed by nobody")
	}
	versions := o.countedOnce(students)
	took := within(t, 3*time.Minute, "the graph equals the table", func() bool {
		drawn := o.drawn()
		for key, want := range versions {
			if got := drawn[key]; len(got) != 1 || got[0] != want {
				return false
			}
		}
		return len(drawn) == len(versions)
	})
	t.Logf("the graph equals the table after %v", took)
}

// countedOnce holds the tables to what was acknowledged, and returns the states as the graph should have them.
func (o *town) countedOnce(students []*student.Student) map[string]graphState {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.servers.DatabaseURL())
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(o.t.Context())) }()
	schema := o.settings["DATABASE_SCHEMA"]
	states := map[string]graphState{}
	for _, s := range students {
		var attempts int
		var state graphState
		err := conn.QueryRow(o.t.Context(), "SELECT (SELECT count(*) FROM "+schema+".attempts WHERE student_id = $1), p_mastered, evidence, version FROM "+
			schema+".states WHERE student_id = $1", s.ID).Scan(&attempts, &state.mastery, &state.evidence, &state.version)
		if err != nil {
			o.t.Fatal(err)
		}
		if wrong := s.WrongInStore(s.Graded, attempts, state.mastery); wrong != "" || int(state.evidence) != attempts {
			o.t.Errorf("%d answers count: %s", state.evidence, wrong)
		}
		states[s.ID+"/"+s.Graded] = state
	}
	return states
}
