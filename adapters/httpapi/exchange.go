package httpapi

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/correlation"
)

// exchange is the state of one request. It is the root of the request's context too.
type exchange struct {
	requestContext
	began         time.Time
	correlationID core.CorrelationID
	// route is nil if none matched.
	route *Route
	// parameters are the decoded path parameters; nil if the path has none.
	parameters map[string]string
	// caller is nil until a token is verified.
	caller *core.AuthTokenPayload
	// authentication is the outcome of the token's check, for Observation.
	authentication string
	// institution is the institution that the request names, on a route whose rule compares it.
	institution string
	// records is nil if the route is not about students' records.
	records *core.RecordAccess
	// body is the request's body, if its route takes one; bodyRead reports whether an awaited body was read to its end.
	body     []byte
	bodyRead bool
	// inFlight is the counter that this request is counted in; nil before that.
	inFlight *atomic.Int64
	// atEnd releases what the request holds; nil for nothing.
	atEnd func()
	// stream is the reply's body if it is sent piece by piece; nil otherwise.
	stream *stream
	// fiber is the request and its reply, until the chain has ended.
	fiber *fiber.Ctx
	// failure is nil if the reply is no failure.
	failure *core.Error
	// client is the address that it came from, once it was looked up.
	client netip.Addr
	// unreadable reports whether the request could not be parsed: nothing in it counts, and nothing of it is logged.
	unreadable bool
	// preflight reports whether the request is a CORS preflight.
	preflight bool
	// trace is nil if neither the caller nor the service traces the request.
	trace *requestTrace
}

type exchangeKey struct{}

// Value returns the exchange itself, or a value of the request's context.
func (x *exchange) Value(key any) any {
	if key == (exchangeKey{}) {
		return x
	}
	return x.requestContext.Value(key)
}

// end releases what the request holds, and ends its context.
func (x *exchange) end() {
	if x.inFlight != nil {
		x.inFlight.Add(-1)
	}
	if x.atEnd != nil {
		x.atEnd()
	}
	x.finish()
}

// excludeBodyTime excludes the time that a body took to arrive from the request's duration and its deadline.
func (x *exchange) excludeBodyTime(waited time.Duration) {
	x.began = x.began.Add(waited)
	x.extend(waited)
}

// exchangeOf returns the request's exchange; begin has put it there.
func exchangeOf(c *fiber.Ctx) *exchange { return exchangeFrom(c.UserContext()) }

// exchangeFrom returns the exchange of a request's context.
func exchangeFrom(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange) //nolint:forcetypeassert // a request without it is a bug, and a panic is recovered
}

// begin creates the exchange and sets the headers of every reply.
func (s *Server) begin(c *fiber.Ctx, unreadable bool) *exchange {
	x := &exchange{began: time.Now(), unreadable: unreadable, fiber: c}
	x.correlationID = correlationOf(c, unreadable)
	x.parent = core.WithCorrelationID(s.lifetime, x.correlationID)
	c.SetUserContext(x)
	if !unreadable {
		s.joinTrace(c, x)
	}
	c.Response().Header.DisableNormalizing() // X-Correlation-ID, not X-Correlation-Id
	c.Set(correlation.Header, string(x.correlationID))
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, policyOfReplies)
	return x
}

// correlationOf returns the caller's id if it is well formed, and otherwise a new one: a UUIDv7 (RFC 9562), so that ids
// sort by time.
func correlationOf(c *fiber.Ctx, unreadable bool) core.CorrelationID {
	if !unreadable {
		if id, ok := core.ParseCorrelationID(c.Get(correlation.Header)); ok {
			return id
		}
	}
	return core.CorrelationID(uuid.Must(uuid.NewV7()).String())
}

// correlate is the outermost handler of the chain. A request that was in flight when draining began closes its
// connection too.
func (s *Server) correlate(c *fiber.Ctx) error {
	x := s.begin(c, false)
	defer func() {
		x.fiber = nil
		if x.stream == nil {
			x.end()
		}
	}()
	err := c.Next()
	s.closeUnread(c, x)
	if s.draining.Load() {
		c.Context().SetConnectionClose()
	}
	return err
}
