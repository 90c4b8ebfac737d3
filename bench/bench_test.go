package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bench/figures"
	"github.com/journey-os/journey-api/ports/portstest"
)

const testSecret = "secret-of-the-benchmark-0123456789abcdef"

// BenchmarkRequest is for profiles: go test -run '^$' -bench Request/me/service -cpuprofile cpu.out ./bench
func BenchmarkRequest(b *testing.B) {
	c := testCredentials(b)
	log := logFile(b)
	for _, s := range subjects(c, serviceReplies(b, c, log)) {
		b.Run(s.name, func(b *testing.B) {
			server := serveSubject(b, s, log)
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := loadTimes(server.address, s.next, b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func TestEveryServerAnswersTheSame(t *testing.T) {
	c := testCredentials(t)
	log := logFile(t)
	want := serviceReplies(t, c, log)
	for _, s := range subjects(c, want) {
		if s.name == "health/service" {
			continue // its time of day has moved on
		}
		t.Run(s.name, func(t *testing.T) {
			body := want.me
			if strings.HasPrefix(s.name, "health/") {
				body = want.health
			}
			if err := wantSame(body, fetchOnce(t, serveSubject(t, s, log).address, s.next())); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRepliesThatOthersWouldNotEncodeTheSameAreRefused(t *testing.T) {
	const me, health = `{"data":{"sub":"s","email":"e","role":"student","institution_id":"i","is_course_director":false,"aud":"a","exp":2,"iat":1},"error":null}`,
		`{"data":{"status":"ok","version":"1","timestamp":"2026-01-01T00:00:00Z","uptime_seconds":1.5,"dependencies":{}},"error":null}`
	if _, err := newReplies([]byte(me+"\n"), []byte(health)); err != nil {
		t.Errorf("good replies: %v", err)
	}
	changed := map[string]struct{ me, health string }{
		"a field more": {strings.Replace(me, `"sub"`, `"new":1,"sub"`, 1), health},
		"a field less": {me, strings.Replace(health, `"version":"1",`, "", 1)},
		"another case": {strings.Replace(me, `"sub"`, `"Sub"`, 1), health},
		"a space more": {strings.Replace(me, `,"error"`, `, "error"`, 1), health},
		"no JSON":      {"ok", health},
	}
	for name, bodies := range changed {
		t.Run(name, func(t *testing.T) {
			if _, err := newReplies([]byte(bodies.me), []byte(bodies.health)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestALoadCountsItsRequests(t *testing.T) {
	address := answering(t, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
	request := always(requestFor("/", ""))
	got, err := loadTimes(address, request, 3*connections+1)
	if err != nil {
		t.Fatal(err)
	}
	if got.requests != 4*connections || got.p50 <= 0 || got.p99 < got.p50 {
		t.Errorf("%+v, want %d requests", got, 4*connections)
	}
	timed, err := loadFor(address, request, 50*time.Millisecond)
	if err != nil || timed.requests < connections || timed.elapsed < 50*time.Millisecond {
		t.Errorf("%+v, %v", timed, err)
	}
}

func TestALoadCountsApartThoseWhoAreTurnedAwayWhereItMay(t *testing.T) {
	address := answering(t, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno")
	request := always(requestFor("/", ""))
	got, err := loadFor(address, request, 10*time.Millisecond, http.StatusServiceUnavailable)
	if err != nil || got.requests != 0 || got.turnedAway < connections {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := loadFor(address, request, 10*time.Millisecond); err == nil {
		t.Errorf("accepted: %+v", got)
	}
}

func TestALoadFailsOnAnyReplyThatIsNoGood(t *testing.T) {
	for name, reply := range map[string]string{
		"another status": "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
		"another 2xx":    "HTTP/1.1 204 No Content\r\n\r\n",
		"no body":        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"bad length":     "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
		"no HTTP":        "hello\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := loadTimes(answering(t, reply), always(requestFor("/", "")), connections); err == nil {
				t.Errorf("accepted: %+v", got)
			}
		})
	}
}

func TestAFloodSendsEachForgedTokenOnceWhenItIsDue(t *testing.T) {
	requests := make([][]byte, floodRate/10)
	for i := range requests {
		requests[i] = requestFor("/", "forged")
	}
	for name, reply := range map[string]string{
		"refused":   "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
		"overfull":  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno",
		"let in":    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"forbidden": "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			refused, err := sendForged(t.Context(), answering(t, reply), requests)
			if isRefusal := name == "refused" || name == "overfull"; !isRefusal {
				if err == nil {
					t.Errorf("accepted, %d times", refused)
				}
				return
			}
			if took := time.Since(began); err != nil || refused != len(requests) || took < 95*time.Millisecond {
				t.Errorf("%d of %d refused in %s: %v", refused, len(requests), took, err)
			}
		})
	}
}

func TestNoTokenComesTwice(t *testing.T) {
	c := testCredentials(t)
	for name, token := range map[string]func() string{"HS256": c.newHS256(c.secret), "ES256": c.newES256(c.key)} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{c.hs256: true, c.es256: true}
			for range 100 {
				one := token()
				if seen[one] {
					t.Fatalf("twice: %s", one)
				}
				seen[one] = true
			}
		})
	}
}

func TestTheFiguresOfABenchmarkAreRead(t *testing.T) {
	var got verifier
	const output = "goos: linux\npkg: x\nBenchmarkVerifyWarmES256-2 \t 1000\t      1365.5 ns/op\t       1006 token-bytes\t    1152 B/op\t       1 allocs/op\nPASS\n"
	if err := got.read([]byte(output)); err != nil {
		t.Fatal(err)
	}
	want := verifier{nanoseconds: []float64{1365.5}, bytes: []float64{1152}, allocs: []float64{1}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(verifier{})); diff != "" {
		t.Error(diff)
	}
	for name, bad := range map[string]string{"none": "PASS\n", "two": output + output} {
		if err := got.read([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMedian(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		want   float64
	}{
		"none":                  {nil, 0},
		"one":                   {[]float64{7}, 7},
		"odd, out of order":     {[]float64{9, 1, 5}, 5},
		"even: of the two":      {[]float64{4, 1, 3, 100}, 3.5},
		"an outlier is ignored": {[]float64{10, 11, 12, 13, 9999}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			given := append([]float64(nil), c.values...)
			if got := figures.Median(c.values); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
			if diff := cmp.Diff(given, c.values); diff != "" {
				t.Errorf("the values were changed:\n%s", diff)
			}
		})
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for name, c := range map[string]struct {
		sorted []time.Duration
		p      float64
		want   time.Duration
	}{
		"none":               {nil, 50, 0},
		"of one":             {hundred[:1], 99, 1},
		"p50 of a hundred":   {hundred, 50, 50},
		"p99 of a hundred":   {hundred, 99, 99},
		"p100 is the last":   {hundred, 100, 100},
		"p0 is the first":    {hundred, 0, 1},
		"p99 of ten is last": {hundred[:10], 99, 10},
	} {
		t.Run(name, func(t *testing.T) {
			if got := figures.Percentile(c.sorted, c.p); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func TestTheFirstProcessorIsCutOffTheList(t *testing.T) {
	type cut struct {
		First, Others string
		OK            bool
	}
	for list, want := range map[string]cut{
		"0-1":   {"0", "1-1", true},
		"0-3,8": {"0", "1-3,8", true},
		"2,5-7": {"2", "5-7", true},
		"4":     {"4", "", false},
		"":      {},
		"a-b":   {},
	} {
		t.Run("of "+list, func(t *testing.T) {
			first, others, ok := cutFirst(list)
			if diff := cmp.Diff(want, cut{first, others, ok}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheReportComparesRoundByRound(t *testing.T) {
	runs := func(requests ...int) []run {
		var all []run
		for _, n := range requests {
			all = append(all, run{requests: n, elapsed: time.Second, p50: time.Millisecond, p99: 2 * time.Millisecond})
		}
		return all
	}
	busy := []time.Duration{time.Second, time.Second, time.Second}
	bare := &row{label: "bare", runs: runs(1000, 100, 1000), processor: busy}
	plain := &row{label: "plain", runs: runs(400, 40, 400), processor: busy, bare: bare}
	idle := []time.Duration{time.Second / 2, time.Second / 2, time.Second / 2}
	f := &field{
		rows: []*row{
			{label: "**ours**", runs: runs(300, 30, 300), processor: busy, bare: bare, plain: plain, ofBare: 0.3, ofPlain: 1,
				allocation: allocation{55.4, 5802}, resident: 50 << 20},
			{label: "new", runs: runs(100, 10, 100), processor: idle, bare: bare, plain: plain, isNew: true},
			bare, plain,
			{label: "health", runs: runs(500, 50, 500), processor: idle, bare: bare, ofBare: 0.5},
		},
		alone: runs(300, 100, 300),
		floods: []*flood{
			{label: "HS256", beside: runs(150, 60, 180), refused: []int{5000, 4000, 5000}, atOnce: 1, permits: 1, looks: 9,
				resident: []int64{20 << 20, 30 << 20, 29 << 20, 33 << 20}},
			{label: "ES256", beside: turnedAway(7, runs(90, 30, 90)), refused: []int{50, 40, 50}, atOnce: 3, permits: 2, looks: 8,
				resident: []int64{20 << 20, 30 << 20, 32 << 20, 38 << 20}},
		},
		verifiers: []verifier{
			{label: "warm HS256", nanoseconds: []float64{100, 900, 100}, bytes: []float64{32}, allocs: []float64{1}},
			{label: "warm ES256", nanoseconds: []float64{121, 121, 1}, bytes: []float64{32}, allocs: []float64{2}},
		},
		firstReplies: []time.Duration{9 * time.Millisecond, 400 * time.Millisecond, 8 * time.Millisecond},
		binarySize:   3 << 19,
	}
	want := strings.Join([]string{
		"|  | requests/s | of (a) | of (b) | p50 ms | p99 ms | CPU µs | allocs | bytes | resident MB |",
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
		"| **ours** | 300 | 0.30 | 0.75 | 1.00 | 2.00 | 3333.3 | 55 | 5802 | 50.0 |",
		"| new | 100 | 0.10 | 0.25 | 1.00 | 2.00 | 5000.0 | 0 | 0 | – |",
		"| bare | 1000 | – | – | 1.00 | 2.00 | 1000.0 | 0 | 0 | – |",
		"| plain | 400 | 0.40 | – | 1.00 | 2.00 | 2500.0 | 0 | 0 | – |",
		"| health | 500 | 0.50 | – | 1.00 | 2.00 | 1000.0 | 0 | 0 | – |",
		"",
		"|  | measured | by CPU | target |  |",
		"|---|---:|---:|---:|---:|",
		"| ours, of (a) | 0.30 | 0.30 | ≥ 0.30 | reached |",
		"| ours, of (b) | 0.75 | 0.75 | ≥ 1.00 | missed |",
		"| health, of (a) | 0.50 | 1.00 | ≥ 0.50 | reached |",
		"| good callers' speed beside forged HS256, none turned away | 0.60 |  | ≥ 0.50 | reached |",
		"| verifications at once, forged HS256, most in 9 looks | 1 |  | ≤ 1 | reached |",
		"| memory gained after the first round, forged HS256 | +3.0 MB |  | < 8 MB | reached |",
		"| good callers' speed beside forged ES256, none turned away | 0.30 |  | ≥ 0.50 | missed |",
		"| verifications at once, forged ES256, most in 8 looks | 3 |  | ≤ 2 | missed |",
		"| memory gained after the first round, forged ES256 | +8.0 MB |  | < 8 MB | missed |",
		"| warm ES256 of warm HS256, ns/op | 1.21 |  | ≤ 1.20 | missed |",
		"| warm ES256, allocs/op | 2 |  | 1, as HS256 | missed |",
		"| start to first reply, both dependencies absent, median of 5 | 9 ms |  | < 100 ms | reached |",
		"| resident after 1000000 requests | 50.0 MB |  | < 48 MB | missed |",
		"| size of the static binary, stripped | 1.5 MB |  | < 28 MB | reached |",
		"",
		"| good callers | requests/s | p50 ms | p99 ms | kept | turned away | forged/s | verified at once | resident MB |",
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|",
		"| alone | 300 | 1.00 | 2.00 | – | – | – | – | – |",
		"| beside forged HS256 | 150 | 1.00 | 2.00 | 0.60 | 0 | 5000 | 1 of 1 | 20.0 → 30.0 → 33.0 |",
		"| beside forged ES256 | 90 | 1.00 | 2.00 | 0.30 | 21 | 50 | 3 of 2 | 20.0 → 30.0 → 38.0 |",
		"",
		"|  | ns/op | B/op | allocs/op |",
		"|---|---:|---:|---:|",
		"| warm HS256 | 100 | 32 | 1 |",
		"| warm ES256 | 121 | 32 | 2 |",
		"",
		"",
		"In this run the load or other programs held these up, which used only a part of their core: health (50 %).",
		"",
	}, "\n")
	if diff := cmp.Diff(want, f.figures()+"\n"+f.targets()+"\n"+f.floodFigures()+"\n"+f.verifierFigures()+"\n"+f.warning()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if err := f.report(io.Discard); err != nil {
		t.Error(err)
	}
}

// turnedAway has so many good callers turned away in each run.
func turnedAway(count int, runs []run) []run {
	for i := range runs {
		runs[i].turnedAway = count
	}
	return runs
}

func testCredentials(t testing.TB) credentials {
	t.Helper()
	key := portstest.NewES256Key("bench")
	project, stop, err := publish(key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return newCredentials(testSecret, project, key)
}

func logFile(t testing.TB) *os.File {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func serveSubject(t testing.TB, s subject, log *os.File) inProcess {
	t.Helper()
	server, err := s.serve(log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func serviceReplies(t testing.TB, c credentials, log *os.File) replies {
	t.Helper()
	server, err := serveService(c, log)
	if err != nil {
		t.Fatal(err)
	}
	me := fetchOnce(t, server.address, requestFor("/api/me", c.hs256))
	health := fetchOnce(t, server.address, requestFor("/health", ""))
	if err := server.stop(); err != nil {
		t.Fatal(err)
	}
	got, err := newReplies(me, health)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func fetchOnce(t testing.TB, address string, request []byte) []byte {
	t.Helper()
	conn, err := dial(address, time.Now().Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body, err := conn.fetch(request)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// answering answers whatever comes with reply.
func answering(t testing.TB, reply string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				for buffer := make([]byte, 1024); ; {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					if _, err := conn.Write([]byte(reply)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
