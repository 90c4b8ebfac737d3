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
	// maxClients bounds the memory of one policy. The client that was not seen for longest is forgotten, and has a full
	// budget again. To be forgotten on purpose takes so many others, each with a budget of its own: whoever commands them
	// gains nothing by it. A table that refused newcomers, or had them share, would let a flood lock everybody out.
	maxClients = 10_000
	// siteBits is the part of an IPv6 address that one customer of a network has to themselves (RFC 6177).
	siteBits = 64
)

// policy is a budget that each client has: so many requests at once, and the same again in the course of a minute. It counts
// what this copy of the service sees.
type policy[K comparable] struct {
	perMinute int
	budgets   *lru.Cache[K, *rate.Limiter]
	// rule is the policy as replies describe it, remaining the beginning of what they say is left of it.
	rule, remaining string
}

// newPolicy returns nil if nothing is limited.
func newPolicy[K comparable](name string, perMinute int) *policy[K] {
	if perMinute == 0 {
		return nil
	}
	budgets, err := lru.New[K, *rate.Limiter](maxClients)
	if err != nil {
		panic(err) // it refuses a size below one, and nothing else
	}
	return &policy[K]{
		perMinute: perMinute, budgets: budgets,
		rule: `"` + name + `";q=` + strconv.Itoa(perMinute) + ";w=60", remaining: `"` + name + `";r=`,
	}
}

// of returns the client's budget, a full one if the client has none yet.
func (p *policy[K]) of(client K) *rate.Limiter {
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

// forgetFull drops the budgets that are full, as a new one is: they would take up room, and hold whose they are.
func (p *policy[K]) forgetFull(now time.Time) {
	if p == nil {
		return
	}
	for _, client := range p.budgets.Keys() {
		if budget, ok := p.budgets.Peek(client); ok && budget.TokensAt(now) >= float64(p.perMinute) {
			p.budgets.Remove(client)
		}
	}
}

// spend takes one from the client's budget and returns what is left, or false if nothing was. The clock is read just
// before: a budget that hears of an earlier moment counts the time since then twice.
func (p *policy[K]) spend(client K, now time.Time) (left float64, ok bool) {
	budget := p.of(client)
	ok = budget.AllowN(now, 1)
	return budget.TokensAt(now), ok
}

// tell writes into the reply what the client has left, and the seconds until there is more
// (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4).
func (p *policy[K]) tell(c *fiber.Ctx, left float64) {
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
func (p *policy[K]) refuse(c *fiber.Ctx, left float64, message string) error {
	p.tell(c, left)
	return &core.Error{Code: codeRateLimited, Message: message, RetryAfter: p.untilMore(left)}
}

// untilMore is how long it takes until a client can spend one more than now.
func (p *policy[K]) untilMore(left float64) time.Duration {
	missing := math.Floor(left) + 1 - left
	return time.Duration(missing / float64(p.perMinute) * float64(time.Minute))
}

// ForgetClients forgets each minute the users and addresses whose budgets are full again, until ctx ends: nobody is
// remembered for more than two minutes after their last request.
func (s *Server) ForgetClients(ctx context.Context) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for {
		select {
		case now := <-minute.C:
			s.requests.forgetFull(now)
			s.failures.forgetFull(now)
		case <-ctx.Done():
			return
		}
	}
}

// refusal returns the error for a caller whose token was refused: the refusal itself, or that their address has failed
// too often. A verified caller never comes here, so nobody is refused for what a neighbour does.
func (s *Server) refusal(c *fiber.Ctx, x *exchange, refusal error) error {
	if s.failures == nil || !isGuess(errorOf(refusal)) {
		return refusal
	}
	if left, ok := s.failures.spend(siteOf(s.clientAddress(c, x)), time.Now()); !ok {
		return s.failures.refuse(c, left, "Too many failed sign-ins from this address: try again later")
	}
	return refusal
}

// isGuess reports whether a token may have been made up: nothing shows that it was ever issued. A token whose signature was
// verified is nobody's guess, however old it is; nor is a request without a token, or one that could not be looked at.
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
	left, ok := s.requests.spend(x.caller.Subject, time.Now())
	if !ok {
		return s.requests.refuse(c, left, "Too many requests: try again later")
	}
	s.requests.tell(c, left)
	return nil
}

// siteOf is whom an address stands for: an IPv4 address for itself, an IPv6 address for its network of 64 bits, from
// which a caller may take as many as they like.
func siteOf(address netip.Addr) netip.Addr {
	address = address.Unmap()
	if !address.Is6() {
		return address
	}
	site, err := address.WithZone("").Prefix(siteBits)
	if err != nil {
		return address
	}
	return site.Addr()
}
