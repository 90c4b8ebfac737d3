package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// floodRate is forged tokens a second. floodConnections are more than the requests that the service serves at once: were
	// a flood made to wait without a limit, nobody else would be served.
	floodRate, floodConnections = 5_000, 1_100
	lookPause                   = 20 * time.Millisecond
)

// flood is forged tokens beside good callers: each has the form of a good one, and the project never made its signature.
type flood struct {
	label         string
	forge         func() string // nil for good callers alone
	beside        []run
	refused       []float64 // forged tokens a second
	resident      []float64 // in MB, before the first round and after each
	atOnce, bound int       // verifications: the most seen, and the most there can be
}

// measureFloods lets good callers send alone, and beside each flood in turn. The service has taken every new token for new.
func (b *bench) measureFloods(ctx context.Context) error {
	b.floods = []*flood{
		{label: "alone"},
		{label: "beside forged HS256", forge: b.newHS256(portstest.OtherSecret)},
		{label: "beside forged ES256", forge: b.newES256(portstest.NewES256Key(b.key.ID))},
	}
	for range b.rounds {
		for _, one := range b.floods {
			if err := b.measureFlood(ctx, one); err != nil {
				return fmt.Errorf("%s: %w", one.label, err)
			}
		}
	}
	return b.checkNewTokens()
}

func (b *bench) measureFlood(ctx context.Context, one *flood) (err error) {
	good, s := b.rows[0], b.servers[b.rows[0].server]
	one.note(s)
	timed, end := context.WithTimeout(ctx, b.length)
	defer end()
	var flooding sync.WaitGroup
	var floodErr error
	if one.forge != nil {
		flooding.Go(func() { floodErr = one.send(timed, s) })
		flooding.Go(func() { one.watch(timed, b) })
	}
	beside, err := load(timed, s, good.next, connections, 0, http.StatusOK, http.StatusServiceUnavailable)
	flooding.Wait()
	one.beside = append(one.beside, beside)
	one.note(s)
	return errors.Join(err, floodErr, s.forgetLog(), ctx.Err())
}

func (f *flood) note(s *server) {
	resident, _ := s.Usage()
	f.resident = append(f.resident, float64(resident)/(1<<20))
}

// send sends each forged token when it is due at floodRate, or as soon after that as a connection is free, until ctx ends.
// Each has to be refused: with a 401, or a 503 if the service has no time for it.
func (f *flood) send(ctx context.Context, s *server) error {
	began := time.Now()
	var made atomic.Int64
	sent, err := load(ctx, s, func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		get("/api/me", f.forge())(connection, to, last)
	}, floodConnections, 0, http.StatusUnauthorized, http.StatusServiceUnavailable)
	f.refused = append(f.refused, float64(sent.turnedAway)/sent.elapsed.Seconds()+sent.perSecond())
	return err
}

// watch looks again and again how many tokens are verified at once.
func (f *flood) watch(ctx context.Context, b *bench) {
	for ctx.Err() == nil {
		if known, err := b.diagnose(); err == nil { // it may be turned away, as any caller
			for _, pool := range known.Data.Pools {
				if pool.Name == "token verifications" {
					f.atOnce, f.bound = max(f.atOnce, pool.InUse), pool.Capacity
				}
			}
		}
		time.Sleep(lookPause)
	}
}

// diagnostics is the part of GET /api/diagnostics that is read here.
type diagnostics struct {
	Data struct {
		Caches []struct {
			Name   string  `json:"name"`
			Misses float64 `json:"misses"`
		} `json:"caches"`
		Pools []struct {
			Name     string `json:"name"`
			InUse    int    `json:"in_use"`
			Capacity int    `json:"capacity"`
		} `json:"pools"`
	} `json:"data"`
}

func (b *bench) diagnose() (known diagnostics, err error) {
	s := b.servers["journey-api"]
	body, err := s.fetch(s.address, "/api/diagnostics", "Authorization", "Bearer "+portstest.Token(b.secret, portstest.SuperadminClaims(time.Now())))
	if err == nil {
		err = json.Unmarshal(body, &known)
	}
	return known, err
}

// checkNewTokens asks the service whether it remembered none of the tokens that were sent as new.
func (b *bench) checkNewTokens() error {
	known, err := b.diagnose()
	var sent int64
	for _, r := range b.rows {
		for _, one := range r.runs {
			if r.isNew {
				sent += one.latency.TotalCount()
			}
		}
	}
	for _, cache := range known.Data.Caches {
		if cache.Name == "token verdicts" && cache.Misses >= float64(sent) {
			return nil
		}
	}
	return fmt.Errorf("%d new tokens were sent, and the service did not take all of them for new: %w", sent, err)
}
