package httpapi

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

type requestKey struct{}

// How a request's context ends, whether or not somebody waited for it, and seen through a context made of it as well.
func TestARequestsContextEndsAsAnyOther(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout time.Duration
		act     func(*requestContext, context.CancelFunc)
		want    error
	}{
		"it goes on until its deadline":        {time.Second, func(*requestContext, context.CancelFunc) { pass(time.Second - 1) }, nil},
		"it ends at its deadline":              {time.Second, func(*requestContext, context.CancelFunc) { pass(time.Second) }, context.DeadlineExceeded},
		"it ends with the service":             {time.Second, func(_ *requestContext, stop context.CancelFunc) { stop() }, context.Canceled},
		"it ends with the request":             {time.Second, func(r *requestContext, _ context.CancelFunc) { r.finish() }, context.Canceled},
		"it goes on while it is extended":      {time.Second, func(r *requestContext, _ context.CancelFunc) { r.extend(time.Second); pass(2*time.Second - 1) }, nil},
		"it ends at the later deadline":        {time.Second, func(r *requestContext, _ context.CancelFunc) { r.extend(time.Second); pass(2 * time.Second) }, context.DeadlineExceeded},
		"nothing limits what had no limit":     {0, func(r *requestContext, _ context.CancelFunc) { r.extend(time.Second); pass(time.Hour) }, nil},
		"it ends with the request of no limit": {0, func(r *requestContext, _ context.CancelFunc) { r.finish() }, context.Canceled},
		"it goes on if nothing limits it":      {0, func(*requestContext, context.CancelFunc) { pass(time.Hour) }, nil},
	} {
		for how, wait := range map[string]bool{"unwatched": false, "watched": true} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					parent, stop := context.WithCancel(t.Context())
					defer stop()
					request := &requestContext{parent: parent}
					defer request.finish()
					if test.timeout > 0 {
						request.deadline = time.Now().Add(test.timeout)
					}
					if wait {
						_ = request.Done()
					}
					test.act(request, stop)
					synctest.Wait()
					if err := request.Err(); !errors.Is(err, test.want) {
						t.Errorf("ended with %v", err)
					}
					child, cancel := context.WithCancel(request)
					defer cancel()
					synctest.Wait()
					if err := child.Err(); !errors.Is(err, test.want) {
						t.Errorf("a context of it ended with %v", err)
					}
					if ended := isClosed(request.Done()); ended != (test.want != nil) {
						t.Errorf("its end was told: %v", ended)
					}
				})
			})
		}
	}
}

func TestWhoWaitsForARequestsContextIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		request := &requestContext{parent: context.WithValue(t.Context(), requestKey{}, "of the parent"), deadline: time.Now().Add(time.Second)}
		before, began := request.Value(requestKey{}), time.Now()
		<-request.Done()
		if took := time.Since(began); took != time.Second {
			t.Errorf("after %v", took)
		}
		at, limited := request.Deadline()
		got := []any{before, request.Value(requestKey{}), at.Sub(began), limited, context.Cause(request)}
		want := []any{"of the parent", "of the parent", time.Second, true, context.DeadlineExceeded}
		if diff := cmp.Diff(want, got, cmp.Comparer(errors.Is)); diff != "" {
			t.Error(diff)
		}
		request.finish()
	})
}

func pass(d time.Duration) { <-time.After(d) }

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
