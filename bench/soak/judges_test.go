package soak

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/process"
)

// at is a moment that the tests count from.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// testSoak is one whose Neo4j did not answer from 100 s to 110 s.
func testSoak() *soak {
	s := newSoak("")
	s.service = &process.Server{Address: "127.0.0.1:1"}
	rows := faulttable.Rows()
	swallow := rows[slices.IndexFunc(rows, func(r faulttable.Row) bool { return r.Fault == faultproxy.Swallow() })]
	s.schedules = map[string]*schedule{
		"neo4j":    {periods: []period{{rows[0], at(0)}, {swallow, at(100)}, {rows[0], at(110)}}},
		"supabase": {periods: []period{{rows[0], at(0)}}},
	}
	return s
}

func TestEveryRowIsARequestWithAJudge(t *testing.T) {
	s := testSoak()
	for _, r := range slices.Concat(cases(), newcomerCases(), greedyCases()) {
		asked := s.draw(r)
		asked.request(t.Context()) // which it can be
		got := &reply{outcome: "418", envelope: contract.Envelope{Data: []byte("{}")}, sent: at(50), received: at(50)}
		if asked.want == "" && asked.judge(got) == "" {
			t.Error(r.name + ": it takes any reply for right")
		}
	}
}

// TestEachJudgeTellsRightFromWrong has what each judge is shown, and a part of what it has to say, "" if nothing is wrong.
func TestEachJudgeTellsRightFromWrong(t *testing.T) {
	const up, late = `{"status":"ok","latency_ms":1.5}`, `{"status":"error","latency_ms":null,"error":"Timed out"}`
	const line = `{"time":"2027-01-15T08:00:50Z","level":"INFO","msg":"request","correlation_id":"a",` +
		`"method":"GET","route":"/api/me","status":200}` + "\n"
	const down = `{"time":"2027-01-15T08:01:48Z","level":"WARN","msg":"dependency is down","dependency":"neo4j",` +
		`"fault":"Timed out"}`
	const unknown, forged = auth + "key_unknown", auth + "signature_invalid"
	with := func(old, other string) string { return strings.Replace(line, old, other, 1) }
	for _, tt := range []struct{ told, want string }{
		{answered(200, "no-store", false), ""},
		{answered(200, "", false), "Cache-Control"},
		{answered(204, "no-store", false), "should be 200"},
		{answered(200, "no-store", true), "closes"},

		{health(108, 0, "503", "error", late), ""},
		{health(108, 0, "200", "ok", up), "neo4j"},
		{health(50, 0, "503", "error", late), "neo4j"},
		{health(50, 47, "503", "error", late), ""}, // after a stall
		{health(108, 0, "503", "error", strings.Replace(late, "Timed out", "Connection refused", 1)), "neo4j"},
		{health(108, 0, "200", "error", late), "should be 503"},
		{health(108, 0, "503", "error", strings.Replace(late, "null", "3", 1)), "latency"},
		{health(125, 0, "503", "error", late), "neo4j"}, // when it must be forgotten

		{signedBy(0, 0, 0, true, "200"), ""},
		{signedBy(0, 0, 0, true, unknown), "is published"},
		{signedBy(10, 0, 0, true, unavailable+"keys_unavailable"), "is published"},
		{signedBy(10, 15, 0, true, unknown), ""},
		{signedBy(10, 15, 18, true, "200"), "knew"},
		{signedBy(10, 0, 0, true, forged), "should be 200"},
		{signedBy(10, 0, 0, false, forged), ""},
		{signedBy(10, 0, 0, false, "200"), "should be"},

		{logged(line, 1), ""},
		{logged(with("200", "204"), 1), "differ"},
		{logged("", 0), "no line"},
		{logged(line+line, 2), "nobody sent"},
		{logged(line+with(`"a"`, `"b"`), 2), "nobody sent"},
		{logged(line+"panic: oh", 1), "no JSON"},
		{logged(line+`{"level":"DEBUG","msg":"`+plantedKey+`"}`, 1), "secret"},
		{logged(line+`{"level":"ERROR","msg":"stopped serving"}`, 1), "unexpected"},
		{logged(line+strings.Replace(down, "08:01:48", "08:00:50", 1), 1), "nothing explains"},
		{logged(line+down, 1), ""},
		{logged(line, 0), "beside the metrics"},

		{used(func(i int) int { return 100 + 900*(i/95) - 900*(i/96) }), ""}, // a spike
		{used(func(i int) int { return 100 + i%10 }), ""},
		{used(func(i int) int { return 100 + 3*i }), "goroutines"},
		{used(func(int) int { return 0 }), "goroutines"},
	} {
		if tt.want == "" && tt.told != "" || !strings.Contains(tt.told, tt.want) {
			t.Errorf("it is told %q, want %q", tt.told, tt.want)
		}
	}
}

// answered judges a reply to a HEAD, which has neither a body nor a place in the document.
func answered(status int, cache string, closes bool) string {
	asked := &call{soak: testSoak(), method: http.MethodHead, path: "/health/live", want: "200"}
	header := http.Header{"X-Correlation-Id": {"01a20b42-4b09-78c5-8793-7f98119e0939"}, "Cache-Control": {cache}}
	for name, value := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Vary": "Origin",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		header.Set(name, value)
	}
	return (&reply{Reply: contract.Reply{Status: status, Header: header, Closes: closes}}).check(asked)
}

func health(when, stall float64, status, overall, graph string) string {
	asked := &call{soak: testSoak()}
	asked.stalls = []time.Time{at(stall)}
	isHealth(asked)
	const body = `{"status":%q,"dependencies":{"database":{"status":"ok"},"neo4j":%s,"supabase":{"status":"ok"}}}`
	data := fmt.Sprintf(body, overall, graph)
	return asked.judge(&reply{
		outcome: status, envelope: contract.Envelope{Data: []byte(data)}, sent: at(when), received: at(when),
	})
}

// signedBy judges a reply from 20 s to 21 s under a key with such moments, 0 for never.
func signedBy(taught, withdrawn, untaught float64, isGood bool, outcome string) string {
	k, good := &key{}, func(*reply) string { return "" }
	for moment, seconds := range map[*moment]float64{&k.taught: taught, &k.withdrawn: withdrawn, &k.untaught: untaught} {
		if seconds > 0 {
			moment.set(at(seconds))
		}
	}
	if !isGood {
		good = nil
	}
	return k.judge(&reply{outcome: outcome, sent: at(20), received: at(21)}, good)
}

// logged judges a log and the count of the metrics after one request.
func logged(lines string, counted int) string {
	s := testSoak()
	s.log.reply("a", entry{200, "GET", "/api/me"})
	const name = "http_server_request_duration_seconds"
	page := fmt.Sprintf("# TYPE %s histogram\n%s_count%s %d\n", name, name,
		`{http_request_method="GET",http_route="/api/me",http_response_status_code="200"}`, counted)
	seen, _ := process.ReadMetrics(strings.NewReader(page))
	_ = s.log.read(strings.NewReader(lines))
	s.log.settle(0)
	s.log.compare(seen)
	return s.told
}

func used(goroutines func(i int) int) string {
	s := testSoak()
	for i := range 100 {
		s.usage = append(s.usage, sample{40, float64(goroutines(i)), 80})
	}
	s.holdUsage()
	return s.told
}
