package httpapi

import (
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
	// maxSpenders bounds the memory of one policy. Who was not heard of for longest is forgotten, and has a full budget
	// again. To be forgotten on purpose takes so many others, each with a budget of its own: whoever commands them gains
	// nothing by it. A table that refused newcomers, or had them share, would let a flood lock everybody out instead.
	maxSpenders = 10_000
	// longestDebt is how far a budget can be overdrawn, as the time to pay it back.
	longestDebt = 10 * time.Minute
	// siteBits is the part of an IPv6 address that one customer of a network has to themselves (RFC 6177).
	siteBits = 64
)

// policy is a budget that each spender has: so many at once, and the same again in the course of a minute. It counts
// what this copy of the service sees.
type policy[K comparable] struct {
	perMinute int
	budgets   *lru.Cache[K, *rate.Limiter]
	// rule is the policy as replies describe it, remaining the beginning of what they say is left of it.
	rule, remaining string
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
	return &policy[K]{
		perMinute: perMinute, budgets: budgets,
		rule: `"` + name + `";q=` + strconv.Itoa(perMinute) + ";w=60", remaining: `"` + name + `";r=`,
	}
}

// of is the spender's budget, a full one for who has none yet.
func (p *policy[K]) of(spender K) *rate.Limiter {
	budget, known := p.budgets.Get(spender)
	if known {
		return budget
	}
	budget = rate.NewLimiter(rate.Limit(float64(p.perMinute)/time.Minute.Seconds()), p.perMinute)
	if earlier, known, _ := p.budgets.PeekOrAdd(spender, budget); known {
		return earlier
	}
	return budget
}

// spend takes one from the spender's budget and returns what is left, or false where nothing was. The clock is read just
// before: a budget that hears of an earlier moment counts the time since then twice.
func (p *policy[K]) spend(spender K, now time.Time) (left float64, ok bool) {
	budget := p.of(spender)
	ok = budget.AllowN(now, 1)
	return budget.TokensAt(now), ok
}

// overdraw takes one from the spender's budget even where nothing is left, so that asking for many at once, before the
// first was taken, gains nothing.
func (p *policy[K]) overdraw(spender K, now time.Time) {
	budget := p.of(spender)
	if budget.TokensAt(now) > -longestDebt.Minutes()*float64(p.perMinute) {
		budget.ReserveN(now, 1)
	}
}

// left is what the spender could spend, below zero where they owe.
func (p *policy[K]) left(spender K, now time.Time) float64 {
	if budget, known := p.budgets.Get(spender); known {
		return budget.TokensAt(now)
	}
	return float64(p.perMinute)
}

// tell says in the reply how the spender stands: what is left, and the seconds until there is more
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

// refuse is the error of a spender who has less than one left. Its Retry-After is the t of the reply.
func (p *policy[K]) refuse(c *fiber.Ctx, left float64, message string) error {
	p.tell(c, left)
	return &core.Error{Code: codeRateLimited, Message: message, RetryAfter: p.untilMore(left)}
}

// untilMore is how long it takes until the spender can spend one more than now.
func (p *policy[K]) untilMore(left float64) time.Duration {
	missing := max(1, math.Floor(left)+1) - left
	return time.Duration(missing / float64(p.perMinute) * float64(time.Minute))
}

// admitAddress refuses an address that has failed to authenticate too often, before another token of it is looked at:
// one that would be good as well.
func (s *Server) admitAddress(c *fiber.Ctx, x *exchange) error {
	if s.failures == nil {
		return nil
	}
	if left := s.failures.left(siteOf(s.clientAddress(c, x)), time.Now()); left < 1 {
		x.authentication = string(codeRateLimited)
		return s.failures.refuse(c, left, "Too many failed sign-ins from this address: try again later")
	}
	return nil
}

// chargeAddress counts a token that was refused for what it is. A request without one is no attempt, and a token that
// could not be looked at is nobody's fault.
func (s *Server) chargeAddress(c *fiber.Ctx, x *exchange, refusal error) {
	if s.failures == nil {
		return
	}
	if known := errorOf(refusal); known.Code == core.CodeAuthentication && known.Reason != core.ReasonTokenMissing {
		s.failures.overdraw(siteOf(s.clientAddress(c, x)), time.Now())
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
