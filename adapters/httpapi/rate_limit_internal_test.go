package httpapi

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"
)

func TestABudgetFillsUpAgainInTheCourseOfAMinute(t *testing.T) {
	p := newRateLimit[string]("user", 60)
	now := time.Unix(1_740_000_000, 0)
	for range 60 {
		if _, ok := p.take("a", now); !ok {
			t.Fatal("not all of it could be spent at once")
		}
	}
	for after, want := range map[time.Duration]int{0: 0, 999 * time.Millisecond: 0, time.Second: 1, 10 * time.Second: 10, time.Minute: 60, time.Hour: 60} {
		if left := int(p.limiterOf("a").TokensAt(now.Add(after))); left != want {
			t.Errorf("%d are left after %v, want %d", left, after, want)
		}
	}
	if _, ok := p.take("a", now.Add(999*time.Millisecond)); ok {
		t.Error("one more could be spent before its time")
	}
	if left, ok := p.take("a", now.Add(time.Second)); !ok || left != 0 {
		t.Errorf("one more could be spent: %v, %v left", ok, left)
	}
}

func TestTheTimeUntilThereIsMore(t *testing.T) {
	p := newRateLimit[string]("user", 6) // one more in ten seconds
	for left, want := range map[float64]time.Duration{0: 10 * time.Second, 0.5: 5 * time.Second, 1: 10 * time.Second, 4.9: time.Second} {
		if got := p.untilMore(left).Round(time.Millisecond); got != want {
			t.Errorf("with %v left it takes %v, want %v", left, got, want)
		}
	}
}

func TestAClientWhoseBudgetIsFullAgainIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{requests: newRateLimit[string]("user", 60)}
		go s.ForgetClients(t.Context())
		s.requests.take("a", time.Now())
		for range 10 { // ten seconds to fill up again: not by the first minute's end
			<-time.After(5900 * time.Millisecond)
			s.requests.take("b", time.Now())
			s.requests.take("b", time.Now())
		}
		<-time.After(2 * time.Second)
		if diff := cmp.Diff([]string{"b"}, s.requests.budgets.Keys()); diff != "" {
			t.Errorf("after a minute (-want +got):\n%s", diff)
		}
		<-time.After(time.Minute)
		if left := s.requests.budgets.Keys(); len(left) > 0 {
			t.Errorf("after two minutes %q are remembered", left)
		}
	})
}

func TestTheMemoryOfAPolicyIsBounded(t *testing.T) {
	p := newRateLimit[netip.Addr]("failed-sign-ins", 1)
	now := time.Unix(1_740_000_000, 0)
	network := netip.MustParseAddr("2001:db8::").As16()
	address := func(n int) netip.Addr {
		network[4], network[5], network[6] = byte(n>>16), byte(n>>8), byte(n)
		return networkOf(netip.AddrFrom16(network))
	}
	for n := range 3 * maxClients {
		if _, ok := p.take(address(n), now); !ok {
			t.Fatalf("newcomer %d was refused", n)
		}
		if _, ok := p.take(address(0), now); ok {
			t.Fatalf("who keeps asking was forgotten after %d others", n)
		}
	}
	if got := p.budgets.Len(); got != maxClients {
		t.Errorf("%d are remembered, want %d", got, maxClients)
	}
}

func TestManyWhoSpendAtOnceGetNoMoreThanThereIs(t *testing.T) {
	p := newRateLimit[string]("user", 100)
	now := time.Unix(1_740_000_000, 0)
	granted := make(chan int)
	for range 8 {
		go func() {
			got := 0
			for range 100 {
				if _, ok := p.take("a", now); ok {
					got++
				}
			}
			granted <- got
		}()
	}
	sum := 0
	for range 8 {
		sum += <-granted
	}
	if sum != 100 {
		t.Errorf("%d were granted, want 100", sum)
	}
}

func TestSiteOf(t *testing.T) {
	for of, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::",
		"fe80::1%eth0": "fe80::", "::1": "::", "0.0.0.0": "0.0.0.0",
	} {
		if got := networkOf(netip.MustParseAddr(of)); got != netip.MustParseAddr(want) {
			t.Errorf("%s stands for %s, want %s", of, got, want)
		}
	}
	if networkOf(netip.Addr{}).IsValid() {
		t.Error("no address became one")
	}
}

// Every request passes the limits: counting and writing headers must cost next to nothing.
func TestCountingARequestAllocatesNextToNothing(t *testing.T) {
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	users, addresses := newRateLimit[string]("user", 1_000_000), newRateLimit[netip.Addr]("failed-sign-ins", 1_000_000)
	address := netip.MustParseAddr("2001:db8::1")
	allocated := testing.AllocsPerRun(1000, func() {
		now := time.Now()
		if _, ok := addresses.take(networkOf(address), now); !ok {
			t.Error("refused")
		}
		left, _ := users.take("7c9e6679-7425-40de-944b-e07fc1f90ae7", now)
		users.writeHeaders(c, left)
	})
	if allocated > 1 {
		t.Errorf("%v allocations", allocated)
	}
	if got := string(c.Response().Header.Peek(headerRateLimitPolicy)); got != `"user";q=1000000;w=60` {
		t.Errorf("the policy is %s", got)
	}
}
