package neo4jdb

import "testing"

func TestWhoDoesNotTraceAllocatesNothing(t *testing.T) {
	c := &Client{}
	if allocated := testing.AllocsPerRun(1000, func() {
		ctx, end := c.startSpan(t.Context(), "READ")
		defer func() { end(nil) }()
		_ = traceParent(ctx)
	}); allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
}
