package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/bench/figures"
	"github.com/journey-os/journey-api/bench/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestMain(m *testing.M) {
	// fasthttp's clients tidy up for a while.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*TCPDialer).tcpAddrsClean"))
}

// answering is a server that gives one reply to everything.
func answering(t *testing.T, status int, body string) *server {
	t.Helper()
	replies := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(replies.Close)
	own, err := process.Start(t.Context(), process.Program{Line: []string{"sleep", "60"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop() })
	return &server{Process: own, program: program{name: "a test's"}, address: strings.TrimPrefix(replies.URL, "http://")}
}

func TestALoadCountsItsRequestsAndFailsOnAnyWrongReply(t *testing.T) {
	for name, tt := range map[string]struct {
		status   int
		body     string
		accepted []int
		counted  int64
		away     int
		wrong    string
	}{
		"good replies":      {200, "ok", []int{200}, 12, 0, ""},
		"turned away":       {503, "no", []int{200, 503}, 0, 12, ""},
		"another status":    {401, "no", []int{200, 503}, 0, 0, "answered 401: no"},
		"a reply of nobody": {200, "", []int{200}, 0, 0, "answered 200"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := load(t.Context(), answering(t, tt.status, tt.body), get("/", ""), 4, 12, tt.accepted...)
			if got.latency.TotalCount() != tt.counted || got.turnedAway != tt.away || !strings.Contains(fmt.Sprint(err), tt.wrong) || tt.wrong == "" && err != nil {
				t.Errorf("%d counted, %d turned away, %v", got.latency.TotalCount(), got.turnedAway, err)
			}
		})
	}
}

func TestALoadEndsWithItsTime(t *testing.T) {
	s := answering(t, 200, "ok")
	timed, end := context.WithTimeout(t.Context(), time.Second)
	defer end()
	if got, err := load(timed, s, get("/", ""), 4, 0, 200); err != nil || got.latency.TotalCount() == 0 {
		t.Errorf("%d requests in %s: %v", got.latency.TotalCount(), got.elapsed, err)
	}
}

func TestAFloodIsPacedAndHasToBeRefused(t *testing.T) {
	for status, wrong := range map[int]bool{401: false, 200: true} {
		f := &flood{forge: func() string { return "forged" }}
		s := answering(t, status, "no")
		var err error
		for sent := 0.; sent == 0 && err == nil; sent = f.refused[len(f.refused)-1] { // a busy machine may send nothing in time
			timed, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
			err = f.send(timed, s)
			end()
		}
		if (err != nil) != wrong || f.refused[len(f.refused)-1] > 1.5*floodRate {
			t.Errorf("%d: %v, %v a second", status, err, f.refused)
		}
	}
}

func TestNoTokenAndNoAnswerComesTwice(t *testing.T) {
	b := &bench{secret: "secret-of-the-benchmark-0123456789abcdef", key: portstest.NewES256Key("k"), claims: "{}"}
	answers := b.answers()
	for name, next := range map[string]source{"HS256": b.fresh(b.newHS256(b.secret)), "ES256": b.fresh(b.newES256(b.key)), "answers": answers} {
		seen := map[string]bool{}
		for i := range 2500 {
			var request fasthttp.Request
			next(i, &request, new(fasthttp.Response))
			text := request.Header.String() + string(request.Body())
			if seen[text] || i == 100 && name == "ES256" {
				break
			}
			seen[text] = true
		}
		if len(seen) < 100 {
			t.Errorf("%s: twice after %d", name, len(seen))
		}
	}
}

func TestOtherRepliesAreRefused(t *testing.T) {
	const want = `{"data":{"sub":"s","exp":2},"error":null}`
	for got, same := range map[string]bool{want + "\n": true, `{"error":null,"data":{"exp":2,"sub":"s"}}`: true, `{"data":{"sub":"t","exp":2},"error":null}`: false,
		`{"data":{"sub":"s"},"error":null}`: false, `{"data": {"sub":"s","exp":2},"error":null}`: false, "ok": false} {
		if err := wantSame([]byte(want), []byte(got)); (err == nil) != same {
			t.Errorf("%s: %v", got, err)
		}
	}
}

func TestEachRequestHasToBeInTheLog(t *testing.T) {
	s := &server{program: program{logs: true}, log: filepath.Join(t.TempDir(), "log")}
	if err := os.WriteFile(s.log, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.awaitLines(2); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(s.log); err != nil || len(content) > 0 {
		t.Errorf("it is not emptied: %q, %v", content, err)
	}
}

func TestTheReportComparesRoundByRound(t *testing.T) {
	runs := func(counts ...int64) (all []run) {
		for _, n := range counts {
			one := run{latency: hdrhistogram.New(1, 1_000_000, 3), elapsed: time.Second, processor: time.Second, allocated: allocation{float64(2 * n), float64(300 * n)}}
			_ = one.latency.RecordValues(1000, n)
			all = append(all, one)
		}
		return all
	}
	b := &bench{rows: []*row{
		{label: "ours", bare: bareMe, runs: runs(300, 30, 300), resident: 50 << 20},
		{label: bareMe, runs: runs(1000, 100, 1000)},
	}}
	want := strings.Join([]string{
		"| ours | 300 | 0.30 | – | 0.30 | 1.00 | 1.00 | 3333.3 | 2 | 300 | 50.0 |",
		"| (a) bare Fiber, `GET /api/me` | 1000 | – | – | – | 1.00 | 1.00 | 1000.0 | 2 | 300 | – |", "",
	}, "\n")
	got := figures.Markdown(b.figures())
	if diff := cmp.Diff(want, strings.SplitAfterN(got, "|\n", 3)[2]); diff != "" {
		t.Error(diff)
	}
	if b.warning() != "" {
		t.Error(b.warning())
	}
	b.rows[0].runs[0].elapsed, b.rows[0].runs[2].elapsed = 2*time.Second, 2*time.Second
	if !strings.Contains(b.warning(), "ours (50 %)") {
		t.Error(b.warning())
	}
}

func TestAServerThatIsNotThereIsTold(t *testing.T) {
	b := &bench{folder: t.TempDir()}
	p := program{name: "none", command: func(string, string) []string { return []string{"false"} }, ready: "/"}
	if _, err := b.start(t.Context(), p); err == nil || !strings.Contains(err.Error(), "start none") {
		t.Errorf("%v", err)
	}
}
