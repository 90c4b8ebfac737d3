package httpapi

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/journey-os/journey-api/core"
)

const (
	headerRateLimit       = "RateLimit"
	headerRateLimitPolicy = "RateLimit-Policy"
	// maxSpenders bounds the memory of one policy. Who was not heard of for longest is forgotten, and has a full budget.
	maxSpenders = 10_000
	// siteBits is the part of an IPv6 address that one customer of a network has to themselves (RFC 6177).
	siteBits = 64
)

// policy is a budget that each spender has: so many at once, and the same again in the course of a minute. It counts
// what this copy of the service sees.
type policy[K comparable] struct {
	// name is what the replies call it.
	name      string
	perMinute int
	budgets   *lru.Cache[K, *rate.Limiter]
}

// newPolicy returns nil where nothing is limited.
func newPolicy[K comparable](name string, perMinute int) *policy[K] {
	if perMinute == 0 {
		return nil
	}
	budgets, err := lru.New[K, *rate.Limiter](maxSpenders)
	if err != nil {
		panic(err) // it refuses a size below one, and nothing else
	}
	return &policy[K]{name: name, perMinute: perMinute, budgets: budgets}
}

// spend takes one from the spender's budget and returns what is left, or false where nothing was.
func (p *policy[K]) spend(spender K, now time.Time) (left float64, ok bool) {
	budget, known := p.budgets.Get(spender)
	if !known {
		budget = rate.NewLimiter(rate.Every(time.Minute/time.Duration(p.perMinute)), p.perMinute)
		if earlier, known, _ := p.budgets.PeekOrAdd(spender, budget); known {
			budget = earlier
		}
	}
	ok = budget.AllowN(now, 1)
	return max(0, budget.TokensAt(now)), ok
}

// left is what the spender could spend.
func (p *policy[K]) left(spender K, now time.Time) float64 {
	if budget, known := p.budgets.Get(spender); known {
		return max(0, budget.TokensAt(now))
	}
	return float64(p.perMinute)
}

// tell says in the reply how the spender stands (the IETF's RateLimit header fields, draft-ietf-httpapi-ratelimit-headers):
// what is left, and the seconds until all of it is there again.
func (p *policy[K]) tell(c *fiber.Ctx, left float64) {
	c.Set(headerRateLimitPolicy, fmt.Sprintf(`"%s";q=%d;w=60`, p.name, p.perMinute))
	c.Set(headerRateLimit, fmt.Sprintf(`"%s";r=%d;t=%d`, p.name, int(left), int(math.Ceil(p.until(float64(p.perMinute), left).Seconds()))))
}

// refuse is the error of a spender who has less than one left.
func (p *policy[K]) refuse(c *fiber.Ctx, left float64, message string) error {
	p.tell(c, left)
	return &core.Error{Code: codeRateLimited, Message: message, RetryAfter: p.until(1, left)}
}

// until is how long a budget takes from left to wanted.
func (p *policy[K]) until(wanted, left float64) time.Duration {
	return time.Duration((wanted - left) / float64(p.perMinute) * float64(time.Minute))
}

// admitAddress refuses an address that has failed to authenticate too often, before another token of it is looked at.
func (s *Server) admitAddress(c *fiber.Ctx, x *exchange) error {
	if s.failures == nil {
		return nil
	}
	if left := s.failures.left(siteOf(s.clientAddress(c, x)), time.Now()); left < 1 {
		return s.failures.refuse(c, left, "Too many failed sign-ins from this address: try again later")
	}
	return nil
}

// chargeAddress counts a token that was refused for what it is. A request without one is no attempt, and a token that
// could not be looked at is nobody's fault.
func (s *Server) chargeAddress(c *fiber.Ctx, x *exchange, refusal error) {
	known := errorOf(refusal)
	if s.failures != nil && known.Code == core.CodeAuthentication && known.Reason != core.ReasonTokenMissing {
		s.failures.spend(siteOf(s.clientAddress(c, x)), time.Now())
	}
}

// admitUser counts a verified caller's request.
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
	if !address.Is6() {
		return address
	}
	site, err := address.WithZone("").Prefix(siteBits)
	if err != nil {
		return address
	}
	return site.Addr()
}
