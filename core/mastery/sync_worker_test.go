package mastery_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/mastery"
)

// heldQueue has a job of the empty key that does not end. It keeps when the others came.
type heldQueue struct {
	mu    sync.Mutex
	began time.Time
	taken map[string]time.Duration
}

func (q *heldQueue) Enqueue(_ context.Context, _, key string) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, isHeld := q.taken[key]; key == "" || isHeld {
		return false, nil
	}
	q.taken[key] = time.Since(q.began)
	return true, nil
}

func (q *heldQueue) Cancel(context.Context, string, string) error { return nil }

// dueSince has one due state, of an age.
type dueSince struct {
	mastery.Outbox
	age time.Duration
}

func (d dueSince) DueStates(_ context.Context, now time.Time, limit int) ([]mastery.GraphState, error) {
	return []mastery.GraphState{{UpdatedAt: now.Add(-d.age)}}[:min(limit, 1)], nil
}

func TestStatesDoNotWaitForAJobThatADeadCopyHolds(t *testing.T) {
	for name, test := range map[string]struct {
		age  time.Duration
		want map[string]time.Duration
	}{
		"the states wait":                        {2 * time.Second, map[string]time.Duration{"spare": 1500 * time.Millisecond}},
		"another copy writes them, and is alive": {300 * time.Millisecond, map[string]time.Duration{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				queue, outbox := &heldQueue{began: time.Now(), taken: map[string]time.Duration{}}, dueSince{age: test.age}
				worker := mastery.NewSyncWorker(mastery.SyncWorkerConfig{
					Syncer: mastery.NewSyncer(mastery.SyncSources{Outbox: outbox}, time.Now, nil), Outbox: outbox, Jobs: queue,
				})
				ctx, cancel := context.WithCancel(t.Context())
				worker.Wake()
				var working sync.WaitGroup
				working.Go(func() { _ = worker.Run(ctx) })
				time.Sleep(20 * time.Second) //nolint:forbidigo // a bubble's clock costs no time
				cancel()
				working.Wait()
				if diff := cmp.Diff(test.want, queue.taken); diff != "" {
					t.Errorf("enqueued (-want +got):\n%s", diff)
				}
			})
		})
	}
}
