package httpapi

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The code on the path of every request allocates nothing if nobody traces.
func TestWhoDoesNotTraceAllocatesNothing(t *testing.T) {
	app := fiber.New()
	var request fasthttp.RequestCtx
	request.Request.Header.Set("Authorization", "Bearer x")
	c := app.AcquireCtx(&request)
	defer app.ReleaseCtx(c)
	s, x := &Server{}, &exchange{route: &Route{Path: "/api/me"}}
	if allocated := testing.AllocsPerRun(1000, func() {
		s.joinTrace(c, x)
		s.startSpan(c, x)
		x.endSpan(200, 0)
		_ = x.traceAttrs(nil)
	}); allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
}
