package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

func TestALoadCountsItsRequestsAndFailsOnAnyWrongReply(t *testing.T) {
	for name, tt := range map[string]struct {
		status        int
		body          string
		counted, away bool
		wrong         string
	}{
		"good replies":    {200, "ok", true, false, "<nil>"},
		"turned away":     {503, "no", false, true, "<nil>"},
		"another status":  {401, "no", false, false, "answered 401: no"},
		"an empty answer": {200, "", false, false, "answered 200"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			count := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if count++; count == 12 {
					end()
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			got, err := load(ctx, strings.TrimPrefix(server.URL, "http://"), get("/", ""), 1, 200, 503)
			counted, away := got.latency.TotalCount() == 12, got.turnedAway == 12
			if counted != tt.counted || away != tt.away || !strings.Contains(fmt.Sprint(err), tt.wrong) {
				t.Errorf("%d counted, %d turned away, %v", got.latency.TotalCount(), got.turnedAway, err)
			}
		})
	}
}

// A token that came before would be taken from the service's cache, and an answer that came before would be no new one.
func TestNoTokenAndNoAnswerComesTwice(t *testing.T) {
	b := &bench{secret: portstest.Secret, claims: "{}"}
	es256 := fresh(b.newES256(portstest.NewES256Key("k")))
	for name, next := range map[string]source{"HS256": fresh(b.newHS256(b.secret)), "ES256": es256, "answers": b.answers()} {
		seen := map[string]bool{}
		for i := range 1100 {
			var request fasthttp.Request
			next(i, &request, new(fasthttp.Response))
			text := request.Header.String() + string(request.Body())
			if seen[text] {
				t.Fatalf("%s: twice after %d", name, i)
			}
			seen[text] = true
		}
	}
}

func TestOtherRepliesAreRefused(t *testing.T) {
	const want = `{"data":{"sub":"s","exp":2},"error":null}`
	for got, same := range map[string]bool{
		want + "\n": true, `{"error":null,"data":{"exp":2,"sub":"s"}}`: true, strings.Replace(want, `"s"`, `"t"`, 1): false,
		strings.Replace(want, `,"exp":2`, "", 1): false, strings.Replace(want, ":", ": ", 1): false, "ok": false,
	} {
		if err := wantSame(want, got); (err == nil) != same {
			t.Errorf("%s: %v", got, err)
		}
	}
}

func TestTheReportComparesRoundByRound(t *testing.T) {
	runs := func(counts ...int64) (all []measured) {
		for _, n := range counts {
			used := usage{processor: 1, mallocs: float64(2 * n), bytes: float64(300 * n)}
			all = append(all, measured{latency: hdrhistogram.New(1, 1_000_000, 3), elapsed: time.Second, used: used})
			_ = all[len(all)-1].latency.RecordValues(1000, n)
		}
		return all
	}
	b := &bench{rows: []*row{{label: "ours", bare: bareMe, runs: runs(300, 30, 300), resident: 50}, {label: bareMe, runs: runs(1000, 100, 1000)}}}
	want := []string{"ours", "300", "0.30", "–", "0.30", "1.00", "1.00", "3333.3", "2", "300", "50.0"}
	if diff := cmp.Diff(want, b.figures()[1]); diff != "" || b.notes() != "" {
		t.Errorf("%s%s", diff, b.notes())
	}
	b.rows[0].runs[0].elapsed, b.rows[0].runs[2].elapsed = 2*time.Second, 2*time.Second
	if !strings.Contains(b.notes(), "ours: the load") || !strings.Contains(b.notes(), "50 %") {
		t.Error(b.notes())
	}
}
