package supabasedb

import (
	"net/http"
	"net/url"
	"testing"
)

func TestWhoDoesNotTraceAllocatesNothing(t *testing.T) {
	c, request := &call{}, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/rest/v1/items"}, Header: http.Header{}}
	if allocated := testing.AllocsPerRun(1000, func() {
		ctx, end := c.startSpan(t.Context(), request)
		defer func() { end(nil) }()
		tellTrace(ctx, request.Header)
		noteStatus(ctx, http.StatusOK)
	}); allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
}
