package main

import (
	"fmt"
	"hash/maphash"
	"maps"
	"sync"
)

// entry is what is said of one request: by its reply, or by the line in the log.
type entry struct {
	status        int
	method, route string
}

// ledger pairs each reply with its line in the log, whichever comes first, by their correlation id. It keeps only what
// has no pair yet.
type ledger struct {
	seed   maphash.Seed
	shards [16]shard
	// complain is told of pairs that do not match.
	complain func(id, what string)
}

type shard struct {
	lock            sync.Mutex
	replied, logged map[string]entry
	// unsure are the requests that were cut off: the service may have answered them, or never seen them.
	unsure map[string]bool
}

func newLedger(complain func(id, what string)) *ledger {
	l := &ledger{seed: maphash.MakeSeed(), complain: complain}
	for i := range l.shards {
		l.shards[i] = shard{replied: map[string]entry{}, logged: map[string]entry{}, unsure: map[string]bool{}}
	}
	return l
}

func (l *ledger) shardOf(id string) *shard {
	return &l.shards[maphash.String(l.seed, id)%uint64(len(l.shards))]
}

// reply notes a reply.
func (l *ledger) reply(id string, e entry) {
	s := l.shardOf(id)
	l.pair(s, id, e, s.replied, s.logged)
}

// line notes a line of the log.
func (l *ledger) line(id string, e entry) {
	s := l.shardOf(id)
	l.pair(s, id, e, s.logged, s.replied)
}

func (l *ledger) pair(s *shard, id string, e entry, own, others map[string]entry) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, twice := own[id]; twice {
		l.complain(id, "it came twice")
	}
	other, known := others[id]
	if !known {
		own[id] = e
		return
	}
	delete(others, id)
	if other != e {
		l.complain(id, fmt.Sprintf("reply and log differ: %+v and %+v", e, other))
	}
}

// mayCome reports whether a request was sent and cut off.
func (l *ledger) mayCome(id string) {
	s := l.shardOf(id)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.unsure[id] = true
}

// waiting counts the replies that have no line yet.
func (l *ledger) waiting() (sum int) {
	for i := range l.shards {
		s := &l.shards[i]
		s.lock.Lock()
		sum += len(s.replied)
		s.lock.Unlock()
	}
	return sum
}

// settle ends the pairing so far: it complains about replies without a line and lines without a request. As many
// requests as cut may have been cut off before the service knew their id.
func (l *ledger) settle(cut int) {
	for i := range l.shards {
		s := &l.shards[i]
		s.lock.Lock()
		for id, e := range maps.All(s.replied) {
			l.complain(id, fmt.Sprintf("it was answered and has no line in the log: %+v", e))
		}
		for id, e := range maps.All(s.logged) {
			isUnread := e.method == "" && (e.status == 400 || e.status == 408)
			switch {
			case s.unsure[id] && e.status < 500:
			case isUnread && cut > 0:
				cut--
			default:
				l.complain(id, fmt.Sprintf("the log has a request that nobody sent: %+v", e))
			}
		}
		clear(s.replied)
		clear(s.logged)
		clear(s.unsure)
		s.lock.Unlock()
	}
}
