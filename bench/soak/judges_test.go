package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
)

// at is a moment that the tests count from.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// testSoak is one whose Neo4j did not answer from 100 s to 110 s.
func testSoak() *soak {
	s := newSoak("", "", time.Minute, 1)
	rows := faulttable.Rows()
	swallow := rows[slices.IndexFunc(rows, func(r faulttable.Row) bool { return r.Fault == faultproxy.Swallow() })]
	s.schedules = map[string]*schedule{
		"neo4j":    {periods: []period{{rows[0], at(0)}, {swallow, at(100)}, {rows[0], at(110)}}},
		"supabase": {periods: []period{{rows[0], at(0)}}},
	}
	return s
}

// wantComplaint holds what a judge says of something wrong, "" if nothing is.
func wantComplaint(t *testing.T, name, got, want string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("%s: it is told %q, want %q", name, got, want)
	}
}

func TestEveryRowIsARequestWithAJudge(t *testing.T) {
	s := testSoak()
	for _, r := range slices.Concat(cases(), newcomerCases(), greedyCases(), lookCases()) {
		for range 20 {
			asked := s.draw(r)
			asked.request(t.Context()) // which it can be
			got := &reply{outcome: "418", data: []byte("{}"), header: http.Header{}, sent: at(50), received: at(50)}
			if asked.want == "" && asked.judge(got) == "" {
				t.Fatal(r.name + ": it takes any reply for right")
			}
		}
	}
}

func TestEveryReplyIsHeldToTheContract(t *testing.T) {
	const good = `{"data":{"a":1},"error":null}`
	const missing = `{"data":null,"error":{"code":"AUTHENTICATION_ERROR","message":"m"},` +
		`"meta":{"correlation_id":"v-1","reason":"token_missing"}}`
	const bare = `Bearer realm="journey-api"`
	reason := func(other string) string { return strings.Replace(missing, "token_missing", other, 1) }
	for _, tt := range []struct {
		status                   int
		body, name, value, wrong string
	}{
		{200, good, "", "", ""},
		{200, good, "X-Correlation-ID", "v-2", "correlation id"},
		{200, `{"data":{},"error":null,"debug":1}`, "", "", "not the envelope"},
		{200, `{"data":{},"error":null,"meta":{"correlation_id":"v-1"}}`, "", "", "no meta"},
		{200, `{"data":{"a":1},"error":null,"meta":{"replayed":true}}`, "", "", ""},
		{200, `{"data":{"a":2},"error":null}`, "", "", "-"},
		{201, good, "", "", "should be 200"},
		{200, good, "Server", "fasthttp", "Server"},
		{200, good, "Connection", "close", "closes"},
		{200, good, "Access-Control-Allow-Origin", badOrigin, "Allow-Origin"},
		{401, missing, "WWW-Authenticate", bare, ""},
		{401, reason("token_expired"), "WWW-Authenticate", bare + `, error="x"`, "should be"},
		{401, missing, "WWW-Authenticate", bare + `, error="invalid_token"`, "challenge"},
		{503, reason("overloaded"), "Retry-After", "0", "Retry-After"},
		{403, reason("role_not_allowed"), "", "", "challenge"},
	} {
		asked := &call{soak: testSoak(), id: "v-1", want: "200|" + auth + "token_missing"}
		says(members{"a": 1})(asked)
		r := &reply{status: tt.status, outcome: fmt.Sprint(tt.status), body: []byte(tt.body), header: http.Header{}}
		r.closes = tt.value == "close"
		for name, value := range map[string]string{
			"Content-Type": "application/json", "X-Correlation-ID": "v-1", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff", "Vary": "Origin", tt.name: tt.value,
		} {
			r.header.Set(name, value)
		}
		wantComplaint(t, fmt.Sprint(tt), r.check(asked), tt.wrong)
	}
}

func TestAHealthReportIsHeldToTheFaults(t *testing.T) {
	const up, late = `{"status":"ok","latency_ms":1.5}`, `{"status":"error","latency_ms":null,"error":"Timed out"}`
	refused, slow := strings.Replace(late, "Timed out", "Connection refused", 1), strings.Replace(late, "null", "3", 1)
	for _, tt := range []struct {
		when, stall           float64
		status                int
		overall, graph, wrong string
	}{
		{108, 0, 503, "error", late, ""},
		{108, 0, 200, "ok", up, "neo4j"},
		{50, 0, 503, "error", late, "neo4j"},
		{50, 47, 503, "error", late, ""}, // after a stall
		{108, 0, 503, "error", refused, "neo4j"},
		{108, 0, 200, "error", late, "should be 503"},
		{108, 0, 503, "error", slow, "latency"},
		{125, 0, 503, "error", late, "neo4j"}, // when it must be forgotten
	} {
		s := testSoak()
		s.stalled.Store(at(tt.stall).UnixNano())
		data := fmt.Sprintf(`{"status":%q,"dependencies":{"database":%s,"neo4j":%s,"supabase":%s}}`, tt.overall, up, tt.graph, up)
		asked := &call{soak: s}
		isHealth(asked)
		got := &reply{outcome: fmt.Sprint(tt.status), data: []byte(data), sent: at(tt.when), received: at(tt.when)}
		wantComplaint(t, fmt.Sprint(tt), asked.judge(got), tt.wrong)
	}
}

func TestATokenIsHeldToItsKey(t *testing.T) {
	const unknown, keysUnavailable, forged = auth + "key_unknown", unavailable + "keys_unavailable", auth + "signature_invalid"
	right := func(*reply) string { return "" }
	for _, tt := range []struct {
		taught, withdrawn, untaught float64 // 0 is never
		good                        func(*reply) string
		outcome, wrong              string
	}{
		{0, 0, 0, right, "200", ""},
		{0, 0, 0, right, unknown, "is published"},
		{10, 0, 0, right, keysUnavailable, "is published"},
		{10, 15, 0, right, unknown, ""},
		{10, 15, 18, right, "200", "knew"},
		{10, 0, 0, right, forged, "should be 200"},
		{10, 0, 0, nil, forged, ""},
		{10, 0, 0, nil, "200", "should be"},
	} {
		k := &key{}
		for moment, seconds := range map[*moment]float64{&k.taught: tt.taught, &k.withdrawn: tt.withdrawn, &k.untaught: tt.untaught} {
			if seconds > 0 {
				moment.set(at(seconds))
			}
		}
		got := k.judge(&reply{outcome: tt.outcome, sent: at(20), received: at(21)}, tt.good)
		wantComplaint(t, fmt.Sprint(tt.outcome, tt.wrong), got, tt.wrong)
	}
}

func TestLogAndMetricsAreHeldToTheReplies(t *testing.T) {
	const line = `{"time":"2027-01-15T08:00:50Z","level":"INFO","msg":"request","correlation_id":"a",` +
		`"method":"GET","route":"/api/me","status":200}` + "\n"
	const down = `{"time":"2027-01-15T08:01:48Z","level":"WARN","msg":"dependency is down","dependency":"neo4j",` +
		`"fault":"Timed out"}`
	with := func(old, other string) string { return strings.Replace(line, old, other, 1) }
	for _, tt := range []struct {
		lines   string
		counted int
		wrong   string
	}{
		{line, 1, ""},
		{with("200", "204"), 1, "differ"},
		{"", 0, "no line"},
		{line + line, 2, "nobody sent"},
		{line + with(`"a"`, `"b"`), 2, "nobody sent"},
		{line + "panic: oh", 1, "no JSON"},
		{line + `{"level":"DEBUG","msg":"` + plantedKey + `"}`, 1, "secret"},
		{with("200", "503"), 1, "level"},
		{line + `{"level":"ERROR","msg":"stopped serving"}`, 1, "unexpected"},
		{line + strings.Replace(down, "08:01:48", "08:00:50", 1), 1, "nothing explains"},
		{line + down, 1, "changes of dependencies"},
		{line, 0, "beside the metrics"},
	} {
		s := testSoak()
		s.log.reply("a", entry{200, "GET", "/api/me"})
		parser := expfmt.NewTextParser(model.UTF8Validation)
		seen, err := parser.TextToMetricFamilies(strings.NewReader(fmt.Sprintf("# TYPE http_server_request_duration_seconds histogram\n"+
			`http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/me",`+
			`http_response_status_code="200"} %d`+"\n", tt.counted)))
		if readErr := s.log.read(strings.NewReader(tt.lines)); err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		s.log.settle(0)
		s.log.compare(seen)
		wantComplaint(t, tt.lines, strings.Join(s.first, "\n"), tt.wrong)
	}
}

func TestALeakIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		goroutines func(i int) float64
		wrong      string
	}{
		"a spike":              {func(i int) float64 { return 100 + 900*float64(i/95) - 900*float64(i/96) }, ""},
		"it comes and goes":    {func(i int) float64 { return 100 + float64(i%10) }, ""},
		"one more each second": {func(i int) float64 { return 100 + float64(i) }, "goroutines"},
		"no figures":           {func(int) float64 { return 0 }, "goroutines"},
	} {
		s := testSoak()
		for i := range 100 {
			s.usage = append(s.usage, sample{40, tt.goroutines(i), 80})
		}
		s.holdUsage()
		wantComplaint(t, name, strings.Join(s.first, "\n"), tt.wrong)
	}
}

func TestALostAnswerIsMissedInTheStore(t *testing.T) {
	for stored, wrong := range map[int]string{1: "acknowledged", 2: "", 3: "acknowledged"} {
		s := testSoak()
		l := &learner{soak: s, person: s.people[0], given: map[string][]*given{}}
		l.counts(&given{concept: "c", correct: true})
		l.counts(&given{concept: "c"})
		l.isStored("c", stored, replay(l.given["c"]).Mastery)
		wantComplaint(t, fmt.Sprint(stored), strings.Join(s.first, "\n"), wrong)
	}
}
