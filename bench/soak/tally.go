package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// shownComplaints is how many wrong answers are told one by one.
const shownComplaints = 20

// tally is what one caller counted. It is not shared until its caller is done.
type tally struct {
	outcomes map[string]map[string]int // by kind and outcome
	// unanswered are the requests and connections that wanted no reply.
	unanswered int
	latency    histogram
}

func newTally() *tally { return &tally{outcomes: map[string]map[string]int{}} }

func (t *tally) count(kind, outcome string) {
	if t.outcomes[kind] == nil {
		t.outcomes[kind] = map[string]int{}
	}
	t.outcomes[kind][outcome]++
}

func (t *tally) merge(other *tally) {
	for kind, outcomes := range other.outcomes {
		for outcome, count := range outcomes {
			if t.outcomes[kind] == nil {
				t.outcomes[kind] = map[string]int{}
			}
			t.outcomes[kind][outcome] += count
		}
	}
	t.unanswered += other.unanswered
	t.latency.merge(&other.latency)
}

// requests counts all that were answered.
func (t *tally) requests() (sum int) {
	for _, outcomes := range t.outcomes {
		for _, count := range outcomes {
			sum += count
		}
	}
	return sum
}

// byOutcome sums over the kinds, the most frequent outcome first.
func (t *tally) byOutcome() string {
	sums := map[string]int{}
	for _, outcomes := range t.outcomes {
		for outcome, count := range outcomes {
			sums[outcome] += count
		}
	}
	return inOrder(sums)
}

// inOrder is counts in words, the largest first.
func inOrder(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	var words []string
	for _, name := range names {
		words = append(words, fmt.Sprintf("%s: %d", name, counts[name]))
	}
	return strings.Join(words, ", ")
}

// complaints are the wrong answers. Many callers may add to them at once.
type complaints struct {
	lock  sync.Mutex
	kinds map[string]int
	first []string
}

func newComplaints() *complaints { return &complaints{kinds: map[string]int{}} }

// add takes what is wrong with an answer, with what it takes to find it in the log.
func (c *complaints) add(kind, id, what string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.kinds[kind]++
	if len(c.first) < shownComplaints {
		c.first = append(c.first, fmt.Sprintf("%s %s %s: %s", time.Now().UTC().Format(time.TimeOnly), kind, id, what))
	}
}

func (c *complaints) count() (sum int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, count := range c.kinds {
		sum += count
	}
	return sum
}

// fault is nil if nothing was wrong.
func (c *complaints) fault() error {
	sum := c.count()
	c.lock.Lock()
	defer c.lock.Unlock()
	if sum == 0 {
		return nil
	}
	return fmt.Errorf("%d wrong answers: %s\n  %s", sum, inOrder(c.kinds), strings.Join(c.first, "\n  "))
}
