package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// field is all that is measured.
type field struct {
	cores       cores
	folder      string
	service     string
	rivalPath   string
	credentials credentials

	replies    replies
	servers    []*server
	rows       []*row
	binarySize int64
	// firstReplies are the times from start to first reply.
	firstReplies []time.Duration
}

// row is one route of one server: a line of the table.
type row struct {
	label   string
	server  *server
	request []byte
	// bare and plain are the rows that this one is compared with, nil where there is none.
	bare, plain *row

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

func (f *field) stop() {
	for _, s := range f.servers {
		s.stop()
	}
}

func (f *field) measureStarts(ctx context.Context) error {
	for range starts {
		s, err := start(ctx, f.cores, serviceProgram(f.service, f.credentials), f.folder)
		if err != nil {
			return err
		}
		f.firstReplies = append(f.firstReplies, s.firstReply)
		s.stop()
	}
	return nil
}

func (f *field) startServers(ctx context.Context) error {
	me, health := requestFor("/api/me", f.credentials.token), requestFor("/health", "")
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
	bareMe := &row{label: "(a) bare Fiber, `GET /api/me`", server: bare, request: me}
	bareHealth := &row{label: "(a) bare Fiber, `GET /health`", server: bare, request: health}
	plainMe := &row{label: "(b) the usual chain, `GET /api/me`", server: plain, request: me, bare: bareMe}
	f.rows = []*row{
		{label: "**Journey API, `GET /api/me`**", server: service, request: me, bare: bareMe, plain: plainMe},
		bareMe,
		plainMe,
		{label: "**Journey API, `GET /health`**", server: service, request: health, bare: bareHealth},
		bareHealth,
	}
	return f.compareReplies()
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

// compareReplies asks the comparison servers for what the service answered.
func (f *field) compareReplies() error {
	for _, check := range []struct {
		row  *row
		want []byte
	}{{f.rows[1], f.replies.me}, {f.rows[2], f.replies.me}, {f.rows[4], f.replies.health}} {
		got, err := check.row.server.fetch(check.row.request)
		if err != nil {
			return err
		}
		if err := wantSame(check.want, got); err != nil {
			return err
		}
	}
	return nil
}

// measureMemory is the servers' warm-up as well. Where a server logs, each of its requests has to be in the log.
func (f *field) measureMemory(context.Context) error {
	for _, r := range f.rows[:3] {
		sent, err := loadTimes(r.server.address, r.request, memoryRequests)
		if err != nil {
			return fmt.Errorf("%s: %w", r.server.name, err)
		}
		r.resident = r.server.resident()
		lines, err := r.server.logged()
		if err != nil {
			return err
		}
		if r != r.bare && r.bare != nil && lines < sent.requests {
			return fmt.Errorf("%s: %d requests left %d log lines", r.server.name, sent.requests, lines)
		}
		if err := r.server.forgetLog(); err != nil {
			return err
		}
	}
	return nil
}

// measureRounds lets each round begin with another row.
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
	return nil
}

func (r *row) measure() error {
	before := r.server.processorTime()
	measured, err := loadFor(r.server.address, r.request, roundLength)
	if err != nil {
		return fmt.Errorf("%s: %w", r.server.name, err)
	}
	r.runs = append(r.runs, measured)
	r.processor = append(r.processor, r.server.processorTime()-before)
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
