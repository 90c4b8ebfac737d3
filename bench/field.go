package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// field is all that is measured.
type field struct {
	cores       cores
	folder      string
	service     string
	rivalPath   string
	benchmarks  string
	credentials credentials
	stopProject func() error

	replies    replies
	servers    []*server
	rows       []*row
	floods     []*flood
	alone      []run
	verifiers  []verifier
	binarySize int64
	// firstReplies are the times from start to first reply.
	firstReplies []time.Duration
}

// row is one route of one server: a line of the table.
type row struct {
	label  string
	server *server
	next   source
	// want is the reply to each request; nil if it changes with the time of day.
	want []byte
	// bare and plain are the rows that this one is compared with, nil if there is none.
	bare, plain *row
	// ofBare and ofPlain are what the project wants of that comparison, 0 if it wants nothing.
	ofBare, ofPlain float64
	// isNew reports whether no token comes twice.
	isNew bool

	runs []run
	// processor is what the server used of its processor in each run.
	processor  []time.Duration
	allocation allocation
	// resident is the server's memory in bytes, on the row of its first route.
	resident int64
}

// findProgram returns the absolute path, since servers run in a folder of their own, and the size in bytes.
func findProgram(path string) (string, int64, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, fmt.Errorf("%w (make bench builds it)", err)
	}
	return path, info.Size(), nil
}

func (f *field) stop() error {
	for _, s := range f.servers {
		s.stop()
	}
	return f.stopProject()
}

func (f *field) measureStarts(ctx context.Context) error {
	alone := f.credentials
	alone.project = absentProject
	for range starts {
		s, err := start(ctx, f.cores, serviceProgram(f.service, alone), f.folder)
		if err != nil {
			return err
		}
		f.firstReplies = append(f.firstReplies, s.firstReply)
		s.stop()
	}
	return nil
}

func (f *field) startServers(ctx context.Context) error {
	c := f.credentials
	me, health := requestFor("/api/me", c.hs256), requestFor("/health", "")
	service, err := f.start(ctx, serviceProgram(f.service, f.credentials))
	if err != nil {
		return err
	}
	if f.replies, err = fetchReplies(service, me, health); err != nil {
		return err
	}
	bare, err := f.start(ctx, rivalProgram(f.rivalPath, "bare", f.credentials,
		"-me", string(f.replies.me), "-health", string(f.replies.health)))
	if err != nil {
		return err
	}
	plain, err := f.start(ctx, rivalProgram(f.rivalPath, "plain", f.credentials, "-secret", f.credentials.secret))
	if err != nil {
		return err
	}
	f.rows = f.newRows(service, bare, plain)
	return f.compareReplies()
}

// newRows are the lines of the table. The first row of each server is the one that its memory is measured on.
func (f *field) newRows(service, bare, plain *server) []*row {
	c, r := f.credentials, f.replies
	me, health := always(requestFor("/api/me", c.hs256)), always(requestFor("/health", ""))
	bareMe := &row{label: "(a) bare Fiber, `GET /api/me`", server: bare, next: me, want: r.me}
	plainMe := &row{label: "(b) the usual chain, HS256, `GET /api/me`", server: plain, next: me, want: r.me, bare: bareMe}
	bareHealth := &row{label: "(a) bare Fiber, `GET /health`", server: bare, next: health, want: r.health}
	ours := func(label string, next source) *row {
		return &row{label: label, server: service, next: next, want: r.me, bare: bareMe, plain: plainMe}
	}
	hs256 := ours("**Journey API, `GET /api/me`, HS256**", me)
	es256 := ours("**Journey API, `GET /api/me`, ES256**", always(requestFor("/api/me", c.es256)))
	newHS256 := ours("Journey API, `GET /api/me`, HS256, a new token each time", freshMe(c.newHS256(c.secret)))
	newES256 := ours("Journey API, `GET /api/me`, ES256, a new token each time", freshMe(c.newES256(c.key)))
	hs256.ofBare, hs256.ofPlain = meOfBare, meOfPlain
	es256.ofBare, es256.ofPlain = meOfBare, meOfPlain
	newHS256.isNew, newES256.isNew = true, true
	return []*row{
		hs256, es256, newHS256, newES256, bareMe, plainMe,
		{label: "**Journey API, `GET /health`**", server: service, next: health, bare: bareHealth, ofBare: healthOfBare},
		bareHealth,
	}
}

func (f *field) start(ctx context.Context, p program) (*server, error) {
	s, err := start(ctx, f.cores, p, f.folder)
	if err == nil {
		f.servers = append(f.servers, s)
	}
	return s, err
}

func fetchReplies(service *server, me, health []byte) (replies, error) {
	meBody, meErr := service.fetch(me)
	healthBody, healthErr := service.fetch(health)
	if err := errors.Join(meErr, healthErr); err != nil {
		return replies{}, err
	}
	return newReplies(meBody, healthBody)
}

// compareReplies asks every server for what the service answered.
func (f *field) compareReplies() error {
	for _, r := range f.rows {
		if r.want == nil {
			continue
		}
		got, err := r.server.fetch(r.next())
		if err != nil {
			return fmt.Errorf("%s: %w", r.label, err)
		}
		if err := wantSame(r.want, got); err != nil {
			return err
		}
	}
	return nil
}

// measureMemory is the servers' warm-up as well. If a server logs, each of its requests has to be in the log.
func (f *field) measureMemory(context.Context) error {
	for i, r := range f.rows {
		if slices.ContainsFunc(f.rows[:i], func(other *row) bool { return other.server == r.server }) {
			continue
		}
		requests := rivalRequests
		if r.server == f.rows[0].server {
			requests = serviceRequests
		}
		sent, err := loadTimes(r.server.address, r.next, requests)
		if err != nil {
			return fmt.Errorf("%s: %w", r.server.name, err)
		}
		r.resident = r.server.Resident()
		lines, err := r.server.logged()
		if err != nil {
			return err
		}
		if r.bare != nil && lines < sent.requests {
			return fmt.Errorf("%s: %d requests left %d log lines", r.server.name, sent.requests, lines)
		}
		if err := r.server.forgetLog(); err != nil {
			return err
		}
	}
	return nil
}

// measureRounds lets each round begin with another row. The service has to have known no new token.
func (f *field) measureRounds(ctx context.Context) error {
	for round := range rounds {
		for i := range f.rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f.rows[(round+i)%len(f.rows)].measure(); err != nil {
				return err
			}
		}
	}
	return f.checkNewTokens()
}

func (r *row) measure() error {
	before := r.server.ProcessorTime()
	measured, err := loadFor(r.server.address, r.next, roundLength)
	if err != nil {
		return fmt.Errorf("%s: %w", r.label, err)
	}
	r.runs = append(r.runs, measured)
	r.processor = append(r.processor, r.server.ProcessorTime()-before)
	return r.server.forgetLog()
}

func (f *field) measureAllocations(context.Context) error {
	log, err := os.Create(filepath.Join(f.folder, "allocations.log"))
	if err != nil {
		return err
	}
	for i, s := range subjects(f.credentials, f.replies) {
		if f.rows[i].allocation, err = measureAllocation(s, log); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", s.name, err), log.Close())
		}
	}
	return log.Close()
}
