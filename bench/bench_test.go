package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/ports/portstest"
)

// answering is a server that gives one reply to everything.
func answering(t *testing.T, status int, body string) *server {
	t.Helper()
	replies := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(replies.Close)
	own, err := measure.Start(exec.Command("sleep", "60"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Stop() })
	return &server{Process: own, program: program{name: "a test's"}, address: strings.TrimPrefix(replies.URL, "http://")}
}

func TestALoadCountsItsRequestsAndFailsOnAnyWrongReply(t *testing.T) {
	for name, tt := range map[string]struct {
		status        int
		body          string
		accepted      []int
		counted, away int64
		wrong         string
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

func TestAFloodEndsWithItsTimeIsPacedAndHasToBeRefused(t *testing.T) {
	forge := func() string { return "forged" }
	for status, wrong := range map[int]bool{401: false, 200: true} {
		s := answering(t, status, "no")
		var perSecond float64
		var err error
		for deadline := time.Now().Add(startLimit); perSecond == 0 && err == nil && time.Now().Before(deadline); { // a busy machine may send nothing in time
			timed, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
			perSecond, err = flood(timed, s, forge)
			end()
		}
		if (err != nil) != wrong || perSecond > 1.5*floodRate {
			t.Errorf("%d: %v, %v a second", status, err, perSecond)
		}
	}
}

// A token that came before would be taken from the service's cache, and an answer that came before would be no new one.
func TestNoTokenAndNoAnswerComesTwice(t *testing.T) {
	b := &bench{secret: portstest.Secret, claims: "{}"}
	for name, next := range map[string]source{"HS256": fresh(b.newHS256(b.secret)), "ES256": fresh(b.newES256(portstest.NewES256Key("k"))), "answers": b.answers()} {
		seen := map[string]bool{}
		for i := range 1500 {
			var request fasthttp.Request
			next(i, &request, new(fasthttp.Response))
			if text := request.Header.String() + string(request.Body()); seen[text] {
				t.Fatalf("%s: twice after %d", name, i)
			} else {
				seen[text] = true
			}
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

func TestTheReportComparesRoundByRound(t *testing.T) {
	runs := func(counts ...int64) (all []measured) {
		for _, n := range counts {
			one := measured{latency: hdrhistogram.New(1, 1_000_000, 3), elapsed: time.Second, processor: time.Second, mallocs: float64(2 * n), bytes: float64(300 * n)}
			_ = one.latency.RecordValues(1000, n)
			all = append(all, one)
		}
		return all
	}
	b := &bench{rows: []*row{{label: "ours", bare: bareMe, runs: runs(300, 30, 300), resident: 50 << 20}, {label: bareMe, runs: runs(1000, 100, 1000)}}}
	want := []string{"ours", "300", "0.30", "–", "0.30", "1.00", "1.00", "3333.3", "2", "300", "50.0"}
	if diff := cmp.Diff(want, b.figures()[1]); diff != "" || b.notes() != "" {
		t.Errorf("%s%s", diff, b.notes())
	}
	b.rows[0].runs[0].elapsed, b.rows[0].runs[2].elapsed = 2*time.Second, 2*time.Second
	if !strings.Contains(b.notes(), "ours: the load") || !strings.Contains(b.notes(), "50 %") {
		t.Error(b.notes())
	}
}
