package irt

import (
	"context"
	"sync"
	"sync/atomic"
)

// workers runs a loop on several goroutines. Which goroutine takes which part is random, so a part writes only its own
// results. Sums across parts are taken afterwards, in order.
type workers struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call of Calibrate
	count int
}

// each calls part for the ranges [from, to) of at most size that make up [0, n). The number of the goroutine, below
// count, picks its scratch memory. If it returns the context's error, some ranges were left out.
func (w *workers) each(n, size int, part func(worker, from, to int)) error {
	var (
		next  atomic.Int64
		wait  sync.WaitGroup
		fault atomic.Pointer[any]
	)
	run := func(worker int) {
		defer func() {
			if cause := recover(); cause != nil {
				fault.Store(&cause)
			}
		}()
		for w.ctx.Err() == nil && fault.Load() == nil {
			from := int(next.Add(int64(size))) - size
			if from >= n {
				return
			}
			part(worker, from, min(from+size, n))
		}
	}
	for worker := 1; worker < min(w.count, (n+size-1)/size); worker++ {
		wait.Go(func() { run(worker) })
	}
	run(0)
	wait.Wait()
	if cause := fault.Load(); cause != nil {
		panic(*cause) // on the caller's goroutine, where it can be recovered
	}
	return w.ctx.Err()
}
