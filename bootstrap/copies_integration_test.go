package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// copiesFor is how long clients answer in the test of two copies.
var copiesFor = flag.Duration("copies-for", 15*time.Second, "how long clients answer in TestIntegrationTwoCopiesAndAKill")

// client is a student with answers in order, each repeated until it was accepted.
type client struct {
	o       *town
	copies  []string
	id      string
	http    *http.Client
	right   []bool // what was acknowledged
	repeats int
}

// answer sends one answer, to a copy at random, until one acknowledges it.
func (c *client) answer(ctx context.Context, concept string) error {
	n, right := len(c.right), rand.IntN(3) > 0
	body := fmt.Sprintf(`{"student_id":%q,"concept_id":%q,"item_id":%q,"correct":%t,"latency_ms":900,"timestamp":%q}`,
		c.id, concept, "item-of-"+concept, right, time.Date(2025, 11, 3, 9, 0, n, 0, time.UTC).Format(time.RFC3339))
	for ctx.Err() == nil {
		asked, err := http.NewRequestWithContext(ctx, http.MethodPost, c.copies[rand.IntN(len(c.copies))]+"/api/bkt/update", strings.NewReader(body))
		if err != nil {
			return err
		}
		asked.Header.Set("Authorization", "Bearer "+c.o.token(c.id))
		asked.Header.Set("Content-Type", "application/json")
		asked.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", c.id, n))
		reply, err := c.http.Do(asked)
		if err == nil {
			text, _ := io.ReadAll(reply.Body)
			_ = reply.Body.Close()
			if reply.StatusCode == http.StatusOK {
				c.right = append(c.right, right)
				return nil
			}
			if reply.StatusCode < http.StatusInternalServerError {
				return fmt.Errorf("answered %d: %s", reply.StatusCode, text)
			}
		}
		c.repeats++
		select {
		case <-time.After(20 * time.Millisecond): // a client's pause before it repeats
		case <-ctx.Done():
		}
	}
	return ctx.Err()
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
	ctx, cancel := context.WithTimeout(t.Context(), *copiesFor+2*time.Minute)
	defer cancel()

	const people = 32
	clients, faults := make([]*client, people), make(chan error, people)
	began := time.Now()
	var working sync.WaitGroup
	for i := range clients {
		c := &client{
			o: o, id: o.id(fmt.Sprintf("student%02d", i)), copies: []string{"http://" + first.address, "http://" + second.address},
			http: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{}},
		}
		clients[i] = c
		working.Go(func() {
			defer c.http.CloseIdleConnections()
			for time.Since(began) < *copiesFor {
				if err := c.answer(ctx, o.id(concepts[i%2])); err != nil {
					faults <- err
					return
				}
			}
		})
	}
	time.AfterFunc(*copiesFor/2, func() { _ = first.Command.Process.Signal(syscall.SIGKILL) })
	working.Wait()
	close(faults)
	for err := range faults {
		t.Fatal(err)
	}
	total, repeats := 0, 0
	for _, c := range clients {
		total, repeats = total+len(c.right), repeats+c.repeats
	}
	t.Logf("%d answers were acknowledged in %v, %d requests were repeated", total, *copiesFor, repeats)
	if repeats == 0 {
		t.Error("the kill was noticed by nobody")
	}
	versions := o.countedOnce(clients, concepts)
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
func (o *town) countedOnce(clients []*client, concepts []string) map[string]graphState {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.servers.DatabaseURL())
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(o.t.Context())) }()
	schema := o.settings["DATABASE_SCHEMA"]
	states := map[string]graphState{}
	for i, c := range clients {
		var attempts int
		var state graphState
		err := conn.QueryRow(o.t.Context(), "SELECT (SELECT count(*) FROM "+schema+".attempts WHERE student_id = $1), p_mastered, evidence, version FROM "+
			schema+".states WHERE student_id = $1", c.id).Scan(&attempts, &state.mastery, &state.evidence, &state.version)
		if err != nil {
			o.t.Fatal(err)
		}
		if attempts != len(c.right) || int(state.evidence) != len(c.right) {
			o.t.Errorf("%s: %d answers were acknowledged, %d kept, and %d count", c.id, len(c.right), attempts, state.evidence)
		}
		if want := replayed(c.right); math.Abs(state.mastery-want) > 1e-9 {
			o.t.Errorf("%s: the state is %v, the replay %v", c.id, state.mastery, want)
		}
		states[c.id+"/"+o.id(concepts[i%2])] = state
	}
	return states
}
