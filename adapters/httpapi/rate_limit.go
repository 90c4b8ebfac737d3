package httpapi

import (
	"context"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/journey-os/journey-api/core"
)

const (
	headerRateLimit       = "RateLimit"
	headerRateLimitPolicy = "RateLimit-Policy"
	// maxClients bounds the memory of one limit. The client that was not seen for longest is dropped, and has a full
	// budget again. An attacker who wants to be dropped needs as many other clients, each with a budget of its own, and
	// gains nothing. If new clients were refused, or shared a budget, a flood could lock everybody out.
	maxClients = 10_000
	// ipv6NetworkBits is the prefix of an IPv6 address that one customer of a network has (RFC 6177).
	ipv6NetworkBits = 64
)

// rateLimit gives each client a budget: a number of requests at once, refilled in the course of a minute. It counts
// only the requests of this copy of the service.
type rateLimit[K comparable] struct {
	perMinute int
	budgets   *lru.Cache[K, *rate.Limiter]
	// rule is the limit as replies describe it; remaining is the prefix of the header with what is left.
	rule, remaining string
}

// newPolicy returns nil if nothing is limited.
func newRateLimit[K comparable](name string, perMinute int) *rateLimit[K] {
	if perMinute == 0 {
		return nil
	}
	budgets, err := lru.New[K, *rate.Limiter](maxClients)
	if err != nil {
		panic(err) // it refuses a size below one, and nothing else
	}
	return &rateLimit[K]{
		perMinute: perMinute, budgets: budgets,
		rule: `"` + name + `";q=` + strconv.Itoa(perMinute) + ";w=60", remaining: `"` + name + `";r=`,
	}
}

// limiterOf returns the client's budget, a full one if the client has none yet.
func (p *rateLimit[K]) limiterOf(client K) *rate.Limiter {
	budget, known := p.budgets.Get(client)
	if known {
		return budget
	}
	budget = rate.NewLimiter(rate.Limit(float64(p.perMinute)/time.Minute.Seconds()), p.perMinute)
	if earlier, known, _ := p.budgets.PeekOrAdd(client, budget); known {
		return earlier
	}
	return budget
}

// dropFull drops the budgets that are full, as a new one is: they take up room, and contain personal data.
func (p *rateLimit[K]) dropFull(now time.Time) {
	if p == nil {
		return
	}
	for _, client := range p.budgets.Keys() {
		if budget, ok := p.budgets.Peek(client); ok && budget.TokensAt(now) >= float64(p.perMinute) {
			p.budgets.Remove(client)
		}
	}
}

// take takes one from the client's budget and returns what is left, or false if nothing was left. now must be read just
// before: a limiter that is given an earlier time counts the time since then twice.
func (p *rateLimit[K]) take(client K, now time.Time) (left float64, ok bool) {
	budget := p.limiterOf(client)
	ok = budget.AllowN(now, 1)
	return budget.TokensAt(now), ok
}

// writeHeaders writes into the reply what the client has left, and the seconds until there is more
// (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4).
func (p *rateLimit[K]) writeHeaders(c *fiber.Ctx, left float64) {
	header := &c.Response().Header
	header.Set(headerRateLimitPolicy, p.rule)
	var space [64]byte
	item := append(space[:0], p.remaining...)
	item = strconv.AppendInt(item, int64(max(0, left)), 10)
	item = append(item, ";t="...)
	item = strconv.AppendInt(item, int64(wholeSeconds(p.untilMore(left))), 10)
	header.SetBytesV(headerRateLimit, item)
}

// refuse returns the error of a client that has less than one left. Its Retry-After is the t of the reply.
func (p *rateLimit[K]) refuse(c *fiber.Ctx, left float64, message string) error {
	p.writeHeaders(c, left)
	return &core.Error{Code: codeRateLimited, Message: message, RetryAfter: p.untilMore(left)}
}

// untilMore is how long it takes until a client can spend one more than now.
func (p *rateLimit[K]) untilMore(left float64) time.Duration {
	missing := math.Floor(left) + 1 - left
	return time.Duration(missing / float64(p.perMinute) * float64(time.Minute))
}

// ForgetClients drops each minute the users and addresses whose budgets are full again, until ctx ends: no client is
// remembered for more than two minutes after the last request.
func (s *Server) ForgetClients(ctx context.Context) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for {
		select {
		case now := <-minute.C:
			s.requests.dropFull(now)
			s.failures.dropFull(now)
		case <-ctx.Done():
			return
		}
	}
}

// refusal returns the error for a caller whose token was refused: the refusal itself, or that of an address that failed
// too often. Verified callers are never limited by address, so nobody is refused for a neighbour's failures.
func (s *Server) refusal(c *fiber.Ctx, x *exchange, refusal error) error {
	if s.failures == nil || !isGuess(errorOf(refusal)) {
		return refusal
	}
	if left, ok := s.failures.take(networkOf(s.clientAddress(c, x)), time.Now()); !ok {
		return s.failures.refuse(c, left, "Too many failed sign-ins from this address: try again later")
	}
	return refusal
}

// isGuess reports whether a token may have been made up: nothing shows that it was ever issued. A token whose signature
// was verified is no guess, however old it is. Neither is a request without a token, or with one that could not be
// checked.
func isGuess(refusal *core.Error) bool {
	if refusal.Code != core.CodeAuthentication {
		return false
	}
	switch refusal.Reason {
	case core.ReasonTokenMalformed, core.ReasonAlgorithmRejected, core.ReasonKeyUnknown, core.ReasonSignatureInvalid:
		return true
	default:
		return false
	}
}

// admitUser counts a verified caller's request, and returns an error if there were too many.
func (s *Server) admitUser(c *fiber.Ctx, x *exchange) error {
	if s.requests == nil {
		return nil
	}
	left, ok := s.requests.take(x.caller.Subject, time.Now())
	if !ok {
		return s.requests.refuse(c, left, "Too many requests: try again later")
	}
	s.requests.writeHeaders(c, left)
	return nil
}

// networkOf returns the network that counts as one client: an IPv4 address itself, or the /64 of an IPv6 address, of
// which a caller may use any address.
func networkOf(address netip.Addr) netip.Addr {
	address = address.Unmap()
	if !address.Is6() {
		return address
	}
	site, err := address.WithZone("").Prefix(ipv6NetworkBits)
	if err != nil {
		return address
	}
	return site.Addr()
}
