package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
)

func TestEachReplyHasItsLineInTheLog(t *testing.T) {
	ok := entry{200, "GET", "/api/me"}
	tests := map[string]struct {
		do   func(*ledger)
		want []string
	}{
		"a reply, then its line":     {func(l *ledger) { l.reply("a", ok); l.line("a", ok) }, nil},
		"a line, then its reply":     {func(l *ledger) { l.line("a", ok); l.reply("a", ok) }, nil},
		"another status":             {func(l *ledger) { l.reply("a", ok); l.line("a", entry{500, "GET", "/api/me"}) }, []string{"differ"}},
		"another route":              {func(l *ledger) { l.reply("a", ok); l.line("a", entry{200, "GET", "/api/you"}) }, []string{"differ"}},
		"no line":                    {func(l *ledger) { l.reply("a", ok) }, []string{"no line"}},
		"no request":                 {func(l *ledger) { l.line("a", ok) }, []string{"nobody sent"}},
		"two lines":                  {func(l *ledger) { l.line("a", ok); l.line("a", ok); l.reply("a", ok) }, []string{"twice"}},
		"cut off, and served":        {func(l *ledger) { l.mayCome("a"); l.line("a", ok) }, nil},
		"cut off, and never seen":    {func(l *ledger) { l.mayCome("a") }, nil},
		"cut off, and an error here": {func(l *ledger) { l.mayCome("a"); l.line("a", entry{500, "GET", "/api/me"}) }, []string{"nobody sent"}},
		"cut off before its id":      {func(l *ledger) { l.line("fresh", entry{status: 400}) }, nil},
		"more of them than were cut off": {func(l *ledger) {
			l.line("fresh", entry{status: 400})
			l.line("fresher", entry{status: 408})
		}, []string{"nobody sent"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			l := newLedger(func(_, what string) { got = append(got, what) })
			tt.do(l)
			l.settle(1)
			if len(got) != len(tt.want) || len(got) > 0 && !strings.Contains(got[0], tt.want[0]) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if l.settle(0); len(got) != len(tt.want) {
				t.Errorf("it is told again: %q", got)
			}
		})
	}
}

func TestTheLogIsReadLineByLine(t *testing.T) {
	const ok = `{"time":"2027-01-15T08:00:50Z","level":"INFO","msg":"request","correlation_id":"a","method":"GET","route":"/api/me","status":200}`
	down := func(at, word string) string {
		return `{"time":"` + at + `","level":"WARN","msg":"dependency is down","dependency":"neo4j","fault":"` + word + `"}`
	}
	tests := map[string]struct{ text, wrong string }{
		"a request":                 {ok, ""},
		"no JSON":                   {"panic: oh", "no JSON"},
		"a member twice":            {strings.Replace(ok, `"status":200`, `"status":200,"status":201`, 1), "no JSON"},
		"a secret":                  {strings.Replace(ok, "/api/me", "/api/planted", 1), "secret"},
		"an error at INFO":          {strings.Replace(ok, "200", "503", 1), "level"},
		"a good request at ERROR":   {strings.Replace(ok, "INFO", "ERROR", 1), "level"},
		"a probe at INFO":           {strings.Replace(ok, "/api/me", "/health", 1), "level"},
		"a phase of the end":        {`{"level":"INFO","msg":"closing"}`, ""},
		"words of another program":  {`{"level":"ERROR","msg":"stopped serving"}`, "unexpected"},
		"a fault under its weather": {down("2027-01-15T08:01:48Z", "Timed out"), ""},
		"a fault in the calm":       {down("2027-01-15T08:00:50Z", "Timed out"), "nothing explains"},
		"a fault of another word":   {down("2027-01-15T08:01:48Z", "TLS failed"), "nothing explains"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var told []string
			l := &logReader{
				ledger: newLedger(func(string, string) {}), secrets: []string{"planted"},
				climate:  &climate{neo4j: stormy("neo4j", faultproxy.Swallow()), supabase: newWeather("supabase", nil)},
				complain: func(_, _, what string) { told = append(told, what) },
			}
			if err := l.read(strings.NewReader(tt.text + "\n")); err != nil {
				t.Fatal(err)
			}
			wantComplaint(t, strings.Join(told, "\n"), tt.wrong)
		})
	}
}

func TestTheMetricsAreHeldToTheLog(t *testing.T) {
	const page = `# HELP go_goroutines Number
go_goroutines 17
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/api/me",http_response_status_code="200",le="0.1"} 3
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/me",http_response_status_code="200"} 3
http_server_request_duration_seconds_count{http_request_method="",http_route="unmatched",http_response_status_code="400"} 2
journey_api_dependency_changes_total{dependency="neo4j",state="Timed out"} 1
journey_api_dependency_changes_total{dependency="neo4j",state="ok"} 2
`
	seen, err := parseMetrics(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if got := []float64{seen[goroutinesMetric], seen.sum(requestsMetric), seen.sum(changesMetric)}; !cmp.Equal(got, []float64{17, 5, 3}) {
		t.Errorf("%v", got)
	}
	for name, tt := range map[string]struct {
		logged map[entry]int
		want   int
	}{
		"the same":              {map[entry]int{{200, "GET", "/api/me"}: 3, {400, "", ""}: 2}, 0},
		"one that is missing":   {map[entry]int{{200, "GET", "/api/me"}: 4, {400, "", ""}: 2}, 1},
		"one of another status": {map[entry]int{{200, "GET", "/api/me"}: 2, {500, "GET", "/api/me"}: 1, {400, "", ""}: 2}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			told := 0
			seen.counted(tt.logged, func(_, _, _ string) { told++ })
			if told != tt.want {
				t.Errorf("%d complaints, want %d", told, tt.want)
			}
		})
	}
	if _, err := parseMetrics(strings.NewReader("nonsense\n")); err == nil {
		t.Error("nonsense is read")
	}
}

func TestALeakIsFound(t *testing.T) {
	of := func(goroutines func(i int) float64) *usage {
		u := &usage{}
		for i := range 100 {
			u.samples = append(u.samples, sample{megabytes: 40, goroutines: goroutines(i), files: 80})
		}
		return u
	}
	tests := map[string]struct {
		goroutines func(i int) float64
		want       bool
	}{
		"always the same":       {func(int) float64 { return 100 }, true},
		"a spike":               {func(i int) float64 { return 100 + map[bool]float64{true: 900}[i == 95] }, true},
		"it comes and goes":     {func(i int) float64 { return 100 + float64(i%10) }, true},
		"one more each second":  {func(i int) float64 { return 100 + float64(i) }, false},
		"a step that stays":     {func(i int) float64 { return 100 + map[bool]float64{true: 30}[i > 50] }, false},
		"no figures":            {func(int) float64 { return 0 }, false},
		"fewer than in the end": {func(i int) float64 { return 200 - float64(i) }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u := of(tt.goroutines)
			for _, r := range resources() {
				want := tt.want || r.name != "goroutines"
				if got := u.isFlat(r); got != want {
					t.Errorf("%s: flat is %t", r.name, got)
				}
			}
		})
	}
}

func TestALatencyIsRightToAFewPercent(t *testing.T) {
	var h histogram
	for v := range 10_000 {
		h.add(time.Duration(v) * time.Microsecond)
	}
	for p, want := range map[float64]float64{50: 5000, 99: 9900, 0: 0} {
		if got := float64(h.percentile(p).Microseconds()); got > want || got < want*0.96 {
			t.Errorf("p%.0f is %.0f", p, got)
		}
	}
	var all histogram
	all.merge(&h)
	if all.total != 10_000 || all.most != 9999*time.Microsecond || all.percentile(50) != h.percentile(50) {
		t.Errorf("%d, %s", all.total, all.most)
	}
	for _, v := range []uint64{0, 1, 31, 32, 33, 63, 64, 1000, 1 << 40} {
		if b := bucketOf(v); startOf(b) > v || startOf(b+1) <= v {
			t.Errorf("%d is in the bucket of %d to %d", v, startOf(b), startOf(b+1))
		}
	}
}

func TestTheSameSeedBringsTheSame(t *testing.T) {
	words := func(seed uint64) string {
		dice := newDice(seed, 3)
		return fmt.Sprint(pick(mix(), dice).name, roll(dice, shortestFault, faultSpread), string(spoiled(dice).bytes))
	}
	first, again, other := words(7), words(7), words(8)
	if first != again || first == other {
		t.Error("a seed is no seed")
	}
}
