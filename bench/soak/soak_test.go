package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
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
func testSoak(folder string) *soak {
	s := newSoak("", folder, time.Minute, 1)
	rows := faulttable.Rows()
	swallow := rows[slices.IndexFunc(rows, func(r faulttable.Row) bool { return r.Fault == faultproxy.Swallow() })]
	s.schedules = map[string]*schedule{
		"neo4j":    {periods: []period{{rows[0], at(0)}, {swallow, at(100)}, {rows[0], at(110)}}},
		"supabase": {periods: []period{{rows[0], at(0)}}},
	}
	return s
}

func wantComplaint(t *testing.T, got, want string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("it is told %q, want %q", got, want)
	}
}

func TestEveryRowIsARequestWithAJudge(t *testing.T) {
	s := testSoak("")
	for _, r := range slices.Concat(cases(), newcomerCases(), greedyCases(), lookCases()) {
		t.Run(r.name, func(t *testing.T) {
			for range 20 {
				asked := s.draw([]row{r})
				asked.request(t.Context()) // which it can be
				got := &reply{outcome: "418", data: []byte("{}"), header: http.Header{}, sent: at(50), received: at(50)}
				if asked.want == "" && asked.judge(got) == "" {
					t.Fatal("it takes any reply for right")
				}
			}
		})
	}
}

func TestEveryReplyIsHeldToTheContract(t *testing.T) {
	const good = `{"data":{"a":1},"error":null}`
	const missing = `{"data":null,"error":{"code":"AUTHENTICATION_ERROR","message":"m"},` +
		`"meta":{"correlation_id":"v-1","reason":"token_missing"}}`
	const bare = `Bearer realm="journey-api"`
	forbidden := strings.Replace(missing, "token_missing", "role_not_allowed", 1)
	busy, expired := strings.Replace(missing, "token_missing", "overloaded", 1), strings.Replace(missing, "missing", "expired", 1)
	for name, tt := range map[string]struct {
		status                   int
		body, name, value, wrong string
	}{
		"a success":                      {200, good, "", "", ""},
		"another correlation id":         {200, good, "X-Correlation-ID", "v-2", "correlation id"},
		"a member too many":              {200, `{"data":{},"error":null,"debug":1}`, "", "", "not the envelope"},
		"a success with meta":            {200, `{"data":{},"error":null,"meta":{"correlation_id":"v-1"}}`, "", "", "no meta"},
		"replayed":                       {200, `{"data":{"a":1},"error":null,"meta":{"replayed":true}}`, "", "", ""},
		"other data":                     {200, `{"data":{"a":2},"error":null}`, "", "", "-"},
		"another status":                 {201, good, "", "", "should be 200"},
		"it names its server":            {200, good, "Server", "fasthttp", "Server"},
		"it hangs up":                    {200, good, "Connection", "close", "closes"},
		"it lets another origin read":    {200, good, "Access-Control-Allow-Origin", badOrigin, "Allow-Origin"},
		"a refusal":                      {401, missing, "WWW-Authenticate", bare, ""},
		"another reason":                 {401, expired, "WWW-Authenticate", bare + `, error="x"`, "should be"},
		"a challenge to what never came": {401, missing, "WWW-Authenticate", bare + `, error="invalid_token"`, "challenge"},
		"turned away for ever":           {503, busy, "Retry-After", "0", "Retry-After"},
		"a role that may not":            {403, forbidden, "", "", "challenge"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := &call{soak: testSoak(""), id: "v-1", want: "200|" + auth + "token_missing"}
			asked.judgeData(members{"a": 1})
			r := &reply{status: tt.status, outcome: fmt.Sprint(tt.status), body: []byte(tt.body), header: http.Header{}}
			r.closes = tt.value == "close"
			for name, value := range map[string]string{
				"Content-Type": "application/json", "X-Correlation-ID": "v-1", "Cache-Control": "no-store",
				"X-Content-Type-Options": "nosniff", "Vary": "Origin", tt.name: tt.value,
			} {
				r.header.Set(name, value)
			}
			wantComplaint(t, r.check(asked), tt.wrong)
		})
	}
}

func TestAHealthReportIsHeldToTheFaults(t *testing.T) {
	const up, late = `{"status":"ok","latency_ms":1.5}`, `{"status":"error","latency_ms":null,"error":"Timed out"}`
	refused := strings.Replace(late, "Timed out", "Connection refused", 1)
	for name, tt := range map[string]struct {
		when, stall          float64
		status               int
		overall, graph, rest string
		wrong                string
	}{
		"down under it":                        {108, 0, 503, "error", late, up, ""},
		"up under it":                          {108, 0, 200, "ok", up, up, "neo4j"},
		"down without it":                      {50, 0, 503, "error", late, up, "neo4j"},
		"down without it, after a stall":       {50, 47, 503, "error", late, up, ""},
		"the wrong word":                       {108, 0, 503, "error", refused, up, "neo4j"},
		"200 if a required one is down":        {108, 0, 200, "error", late, up, "should be 503"},
		"a latency of what is down":            {108, 0, 503, "error", strings.Replace(late, "null", "3", 1), up, "latency"},
		"still down when it must be forgotten": {125, 0, 503, "error", late, up, "neo4j"},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSoak("")
			s.stalled.Store(at(tt.stall).UnixNano())
			data := fmt.Sprintf(`{"status":%q,"version":"1","timestamp":"2026-01-01T00:00:00Z","uptime_seconds":1,`+
				`"dependencies":{"database":%s,"neo4j":%s,"supabase":%s}}`, tt.overall, up, tt.graph, tt.rest)
			asked := &call{soak: s}
			isHealth(asked)
			got := &reply{outcome: fmt.Sprint(tt.status), data: []byte(data), sent: at(tt.when), received: at(tt.when)}
			wantComplaint(t, asked.judge(got), tt.wrong)
		})
	}
}

func TestATokenIsHeldToItsKey(t *testing.T) {
	const unknown, keysUnavailable = auth + "key_unknown", unavailable + "keys_unavailable"
	right := func(*reply) string { return "" }
	taught := func(k *key) { k.taught.set(at(10)) }
	revoked := func(k *key) { k.taught.set(at(10)); k.withdrawn.set(at(15)) }
	for name, tt := range map[string]struct {
		history        func(*key)
		good           func(*reply) string
		outcome, wrong string
	}{
		"let in under a new key":            {func(*key) {}, right, "200", ""},
		"a new key that is unknown":         {func(*key) {}, right, unknown, "is published"},
		"a known key that can't be had":     {taught, right, keysUnavailable, "is published"},
		"refused under a revoked key":       {revoked, right, unknown, ""},
		"let in after the service was told": {func(k *key) { revoked(k); k.untaught.set(at(18)) }, right, "200", "knew"},
		"refused for its signature":         {taught, right, auth + "signature_invalid", "should be 200"},
		"a forged token":                    {taught, nil, auth + "signature_invalid", ""},
		"a forged token let in":             {taught, nil, "200", "should be"},
	} {
		t.Run(name, func(t *testing.T) {
			k := &key{}
			tt.history(k)
			wantComplaint(t, k.judge(&reply{outcome: tt.outcome, sent: at(20), received: at(21)}, tt.good), tt.wrong)
		})
	}
}

func TestEachReplyHasItsLineInTheLogAndItsPlaceInTheMetrics(t *testing.T) {
	const line = `{"time":"2027-01-15T08:00:50Z","level":"INFO","msg":"request","correlation_id":"a",` +
		`"method":"GET","route":"/api/me","status":200}`
	const down = `{"time":"2027-01-15T08:01:48Z","level":"WARN","msg":"dependency is down","dependency":"neo4j",` +
		`"fault":"Timed out"}`
	const metrics = "# TYPE http_server_request_duration_seconds histogram\nhttp_server_request_duration_seconds_count" +
		`{http_request_method="GET",http_route="/api/me",http_response_status_code="200"} 1` + "\n"
	with := func(old, other string) string { return strings.Replace(line, old, other, 1) }
	for name, tt := range map[string]struct{ lines, metrics, wrong string }{
		"a reply and its line":     {line, metrics, ""},
		"another status":           {with("200", "204"), metrics, "differ"},
		"no line":                  {"", "", "no line"},
		"two lines":                {line + "\n" + line, strings.Replace(metrics, "} 1", "} 2", 1), "nobody sent"},
		"nobody's line":            {line + "\n" + with(`"a"`, `"b"`), strings.Replace(metrics, "} 1", "} 2", 1), "nobody sent"},
		"no JSON":                  {line + "\npanic: oh", metrics, "no JSON"},
		"a secret":                 {line + "\n" + `{"level":"DEBUG","msg":"` + plantedKey + `"}`, metrics, "secret"},
		"an error at INFO":         {with("200", "503"), metrics, "level"},
		"words of another program": {line + "\n" + `{"level":"ERROR","msg":"stopped serving"}`, metrics, "unexpected"},
		"a fault of nobody's":      {line + "\n" + strings.Replace(down, "08:01:48", "08:00:50", 1), metrics, "nothing explains"},
		"a fault without a count":  {line + "\n" + down, metrics, "changes of dependencies"},
		"a request not counted":    {line, strings.Replace(metrics, "} 1", "} 0", 1), "beside the metrics"},
	} {
		t.Run(name, func(t *testing.T) {
			s := testSoak("")
			s.log.reply("a", entry{200, "GET", "/api/me"})
			parser := expfmt.NewTextParser(model.UTF8Validation)
			seen, metricsErr := parser.TextToMetricFamilies(strings.NewReader(tt.metrics))
			if err := s.log.read(strings.NewReader(tt.lines)); err != nil || metricsErr != nil {
				t.Fatal(err, metricsErr)
			}
			s.log.settle(0)
			s.log.compare(seen)
			wantComplaint(t, strings.Join(s.first, "\n"), tt.wrong)
		})
	}
}

func TestALeakIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		goroutines func(i int) float64
		want       int
	}{
		"a spike":              {func(i int) float64 { return 100 + 900*float64(i/95) - 900*float64(i/96) }, 0},
		"it comes and goes":    {func(i int) float64 { return 100 + float64(i%10) }, 0},
		"one more each second": {func(i int) float64 { return 100 + float64(i) }, 1},
		"no figures":           {func(int) float64 { return 0 }, 1},
	} {
		s := testSoak("")
		for i := range 100 {
			s.usage = append(s.usage, sample{40, tt.goroutines(i), 80})
		}
		if s.holdUsage(); s.faults["usage"] != tt.want {
			t.Errorf("%s: %v", name, s.first)
		}
	}
}

func TestALostAnswerIsMissedInTheStore(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "journey.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE states (student_id, concept_id, p_mastered);
		CREATE TABLE attempts (student_id, concept_id); INSERT INTO attempts VALUES ('soak-user-0', 'c');
		INSERT INTO states VALUES ('soak-user-0', 'c', 0.4285714285714286)`); err != nil {
		t.Fatal(err)
	}
	for acknowledged, want := range map[int]int{0: 1, 1: 0, 2: 1} {
		l := &learner{person: &person{subject: "soak-user-0"}, given: map[string][]*given{"c": {}}}
		for range acknowledged {
			l.counts(&given{concept: "c", correct: true})
		}
		s := testSoak(folder)
		s.learners = make(chan *learner, 1)
		s.learners <- l
		if err := s.compareStore(t.Context()); err != nil || s.faults["store"] != want {
			t.Errorf("%d acknowledged: %v, %v", acknowledged, s.first, err)
		}
	}
}
