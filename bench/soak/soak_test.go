package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
)

// at is a moment that the tests count from.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// swallowed had a fault from 100 s to 110 s, if there is one.
func swallowed(name string, fault faultproxy.Fault) *schedule {
	s := newSchedule(name, nil, newBook(), &atomic.Int64{})
	pass := s.periods[0].Row
	held := faulttable.Rows()[slices.IndexFunc(faulttable.Rows(), func(r faulttable.Row) bool { return r.Fault == fault })]
	s.periods = []period{{pass, at(0)}, {held, at(100)}, {pass, at(110)}}
	return s
}

func TestEveryRowIsARequestWithAJudge(t *testing.T) {
	s := newScenario(newBook(), swallowed("neo4j", faultproxy.Swallow()), swallowed("supabase", faultproxy.Pass()), &atomic.Int64{})
	for _, rows := range [][]row{cases(), newcomerCases(), greedyCases(), {lookCase(), drainingCase()}} {
		for i, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				for seed := range uint64(20) {
					asked := s.call(&rows[i], "v-1", newDice(seed, 0))
					if asked.done != nil {
						asked.done()
					}
					got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(asked.bytes())))
					if err != nil || got.Header.Get("X-Correlation-ID") != "v-1" || got.Host != "soak.example" || r.share < 1 {
						t.Fatalf("%v: %s", err, asked.bytes())
					}
					if asked.judge(&reply{status: http.StatusTeapot, header: http.Header{}, sent: at(50), received: at(50)}) == "" {
						t.Fatal("it takes any reply for right")
					}
				}
			})
		}
	}
}

func wantComplaint(t *testing.T, got, want string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("it is told %q, want %q", got, want)
	}
}

func TestEveryReplyIsHeldToTheContract(t *testing.T) {
	const good = `{"data":{"a":1},"error":null}`
	const missing = `{"data":null,"error":{"code":"AUTHENTICATION_ERROR","message":"m"},"meta":{"correlation_id":"v-1","reason":"token_missing"}}`
	const busy = `{"data":null,"error":{"code":"SERVICE_UNAVAILABLE","message":"m"},"meta":{"correlation_id":"v-1","reason":"overloaded"}}`
	const bare = `Bearer realm="journey-api"`
	tests := map[string]struct {
		asked                    call
		status                   int
		body, name, value, wrong string
	}{
		"a success":                       {call{id: "v-1"}, 200, good, "", "", ""},
		"another correlation id":          {call{id: "v-2"}, 200, good, "", "", "correlation id"},
		"no fresh id":                     {call{}, 200, good, "", "", "correlation id"},
		"a fresh id":                      {call{}, 200, good, "X-Correlation-ID", "01a20b42-4b09-78c5-8793-7f98119e0939", ""},
		"a member too many":               {call{id: "v-1"}, 200, `{"data":{},"error":null,"debug":1}`, "", "", "not the envelope"},
		"null data":                       {call{id: "v-1"}, 200, `{"data":null,"error":null}`, "", "", "a success has data"},
		"a success with meta":             {call{id: "v-1"}, 200, `{"data":{},"error":null,"meta":{"correlation_id":"v-1"}}`, "", "", "no meta"},
		"replayed":                        {call{id: "v-1"}, 200, `{"data":{},"error":null,"meta":{"replayed":true}}`, "", "", ""},
		"plain text":                      {call{id: "v-1"}, 200, good, "Content-Type", "text/plain", "not JSON"},
		"it names its server":             {call{id: "v-1"}, 200, good, "Server", "fasthttp", "Server"},
		"it keeps a bad connection":       {call{id: "v-1", closes: true}, 200, good, "", "", "closes"},
		"it lets another origin read":     {call{id: "v-1", header: http.Header{"Origin": {badOrigin}}}, 200, good, "Access-Control-Allow-Origin", badOrigin, "Allow-Origin"},
		"a member twice":                  {call{id: "v-1"}, 200, `{"data":{"a":1,"a":2},"error":null}`, "", "", "not the envelope"},
		"two values":                      {call{id: "v-1"}, 200, good + good, "", "", "not the envelope"},
		"it may be stored":                {call{id: "v-1"}, 200, good, "Cache-Control", "private", "Cache-Control"},
		"it may be sniffed":               {call{id: "v-1"}, 200, good, "X-Content-Type-Options", "", "X-Content-Type-Options"},
		"it lets no page read":            {call{id: "v-1", header: http.Header{"Origin": {goodOrigin}}}, 200, good, "", "", "Allow-Origin"},
		"a refusal":                       {call{id: "v-1"}, 401, missing, "WWW-Authenticate", bare, ""},
		"turned away":                     {call{id: "v-1"}, 503, busy, "Retry-After", "1", ""},
		"a refusal without a challenge":   {call{id: "v-1"}, 401, missing, "", "", "challenge"},
		"a refusal of what never came":    {call{id: "v-1"}, 401, missing, "WWW-Authenticate", bare + `, error="invalid_token"`, "challenge"},
		"a refusal without a reason":      {call{id: "v-1"}, 401, strings.Replace(missing, `,"reason":"token_missing"`, "", 1), "WWW-Authenticate", bare, "reason"},
		"another id in meta":              {call{id: "v-1"}, 401, strings.Replace(missing, `"v-1"`, `"v-2"`, 1), "WWW-Authenticate", bare, "another correlation id"},
		"turned away for ever":            {call{id: "v-1"}, 503, busy, "Retry-After", "0", "Retry-After"},
		"a role that may not, unrevealed": {call{id: "v-1"}, 403, strings.Replace(missing, "token_missing", "role_not_allowed", 1), "", "", "challenge"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &reply{status: tt.status, body: []byte(tt.body), header: http.Header{}}
			for name, value := range map[string]string{
				"Content-Type": "application/json", "X-Correlation-ID": "v-1", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin", tt.name: tt.value,
			} {
				r.header.Set(name, value)
			}
			wantComplaint(t, r.check(&tt.asked, false), tt.wrong)
		})
	}
}

func TestTheCallerIsTheOneWhoseTokenWasSent(t *testing.T) {
	p := &person{number: 3, subject: "user-3", email: "3@soak.example", role: core.RoleFaculty, institution: "school-3", director: true}
	mine := fmt.Sprintf(`{"sub":%q,"email":%q,"role":%q,"institution_id":%q,"is_course_director":%t,"aud":"authenticated","exp":11800,"iat":1000}`,
		p.subject, p.email, p.role, p.institution, p.director)
	for data, wrong := range map[string]string{mine: "", strings.Replace(mine, "user-3", "user-4", 1): "sub", strings.Replace(mine, "11800", "11801", 1): "lives",
		strings.Replace(mine, `"aud"`, `"token":"x","aud"`, 1): "token"} {
		wantComplaint(t, p.isMe(&reply{data: []byte(data), header: http.Header{"Ratelimit": {`"user";r=5;t=1`}}}), wrong)
	}
}

func TestAHealthReportIsHeldToTheFaults(t *testing.T) {
	const up, late, refused = `{"status":"ok","latency_ms":1.5}`, `{"status":"error","latency_ms":null,"error":"Timed out"}`, `{"status":"error","latency_ms":null,"error":"Connection refused"}`
	tests := map[string]struct {
		when, stall          float64
		status               int
		overall, graph, rest string
		wrong                string
	}{
		"well before the fault":                {50, 0, 200, "ok", up, up, ""},
		"down under it":                        {108, 0, 503, "error", late, up, ""},
		"up under it":                          {108, 0, 200, "ok", up, up, "neo4j"},
		"down without it":                      {50, 0, 503, "error", late, up, "neo4j"},
		"down without it, after a stall":       {50, 47, 503, "error", late, up, ""},
		"down without it, long after a stall":  {50, 44, 503, "error", late, up, "neo4j"},
		"refused without it, after a stall":    {50, 47, 503, "error", refused, up, "neo4j"},
		"the wrong word":                       {108, 0, 503, "error", refused, up, "neo4j"},
		"another dependency down":              {50, 0, 200, "degraded", up, refused, "supabase"},
		"200 if a required one is down":        {108, 0, 200, "error", late, up, "should be 503"},
		"degraded if a required one is down":   {108, 0, 503, "degraded", late, up, "status"},
		"a latency of what is down":            {108, 0, 503, "error", strings.Replace(late, "null", "3", 1), up, "up or down"},
		"a dependency of another name":         {50, 0, 503, "error", `null,"mysql":` + up, up, "up or down"},
		"up again before it is forgotten":      {112, 0, 200, "ok", up, up, ""},
		"still down when it must be forgotten": {125, 0, 503, "error", late, up, "neo4j"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &scenario{neo4j: swallowed("neo4j", faultproxy.Swallow()), supabase: swallowed("supabase", faultproxy.Pass())}
			s.neo4j.stalled.Store(at(tt.stall).UnixNano())
			data := `{"status":"` + tt.overall + `","version":"1","timestamp":"2026-01-01T00:00:00Z","uptime_seconds":1,"dependencies":{"database":` + up + `,"neo4j":` + tt.graph + `,"supabase":` + tt.rest + `}}`
			asked := &call{}
			isHealth(s, nil, asked)
			wantComplaint(t, asked.judge(&reply{status: tt.status, data: []byte(data), sent: at(tt.when), received: at(tt.when)}), tt.wrong)
		})
	}
}

func TestAGoodTokenIsHeldToItsKey(t *testing.T) {
	unknown, unavailable := failure{core.CodeAuthentication, core.ReasonKeyUnknown}, failure{core.CodeUnavailable, core.ReasonKeysUnavailable}
	proven := func(k *key) { k.taught.set(at(10)) }
	revoked := func(k *key) { k.taught.set(at(10)); k.withdrawn.set(at(15)) }
	tests := map[string]struct {
		history func(*key)
		status  int
		failure failure
		wrong   string
	}{
		"let in under a new key":              {func(*key) {}, 200, failure{}, ""},
		"a new key that can't be had":         {func(*key) {}, 503, unavailable, ""},
		"a new key that is unknown":           {func(*key) {}, 401, unknown, "is published"},
		"a known key that can't be had":       {proven, 503, unavailable, "is published"},
		"let in under a key revoked just now": {revoked, 200, failure{}, ""},
		"refused under a revoked key":         {revoked, 401, unknown, ""},
		"a revoked key that can't be had":     {revoked, 503, unavailable, ""},
		"let in after the service was told":   {func(k *key) { revoked(k); k.untaught.set(at(18)) }, 200, failure{}, "knew"},
		"refused for its signature":           {proven, 401, failure{core.CodeAuthentication, core.ReasonSignatureInvalid}, "a good token"},
		"an internal error":                   {proven, 500, failure{core.CodeInternal, ""}, "a good token"},
		"revoked after the reply":             {func(k *key) { k.withdrawn.set(at(25)) }, 401, unknown, "is published"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := &key{}
			tt.history(k)
			r := &reply{status: tt.status, failure: tt.failure, sent: at(20), received: at(21)}
			wantComplaint(t, k.judge(r, func(*reply) string { return "" }), tt.wrong)
		})
	}
}

func TestEachReplyHasItsLineInTheLog(t *testing.T) {
	const line = `{"time":"2027-01-15T08:00:50Z","level":"INFO","msg":"request","correlation_id":"a","method":"GET","route":"/api/me","status":200}`
	const down = `{"time":"2027-01-15T08:01:48Z","level":"WARN","msg":"dependency is down","dependency":"neo4j","fault":"Timed out"}`
	ok := entry{200, "GET", "/api/me"}
	tests := map[string]struct {
		lines, id string
		replied   entry
		wrong     string
	}{
		"a reply and its line":      {line, "a", ok, ""},
		"another status":            {line, "a", entry{204, "GET", "/api/me"}, "differ"},
		"no line":                   {down, "a", ok, "no line"},
		"no request":                {line, "", ok, "nobody sent"},
		"two lines":                 {line + "\n" + line, "a", ok, "nobody sent"},
		"cut off before its id":     {line + "\n" + `{"level":"WARN","msg":"request","correlation_id":"b","status":400}`, "a", ok, ""},
		"more than were cut off":    {line + strings.Repeat("\n"+`{"level":"WARN","msg":"request","correlation_id":"b","status":408}`, 2), "a", ok, "twice"},
		"no JSON":                   {"panic: oh", "", ok, "no JSON"},
		"a secret":                  {strings.Replace(line, "/api/me", "/api/planted", 1), "a", entry{200, "GET", "/api/planted"}, "secret"},
		"an error at INFO":          {strings.Replace(line, "200", "503", 1), "a", entry{503, "GET", "/api/me"}, "level"},
		"words of another program":  {line + "\n" + `{"level":"ERROR","msg":"stopped serving"}`, "a", ok, "unexpected"},
		"a fault that there was":    {line + "\n" + down, "a", ok, ""},
		"a fault that nobody made":  {line + "\n" + strings.Replace(down, "08:01:48", "08:00:50", 1), "a", ok, "nothing explains"},
		"a fault of another word":   {line + "\n" + strings.Replace(down, "Timed out", "TLS failed", 1), "a", ok, "nothing explains"},
		"a database that went down": {line + "\n" + strings.Replace(down, "neo4j", "database", 1), "a", ok, "nothing explains"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			l := newServiceLog(b.complain)
			l.secrets, l.schedules = []string{"planted"}, map[string]*schedule{"neo4j": swallowed("neo4j", faultproxy.Swallow())}
			if tt.id != "" {
				l.reply(tt.id, tt.replied)
			}
			if err := l.read(strings.NewReader(tt.lines)); err != nil {
				t.Fatal(err)
			}
			l.settle(1)
			wantComplaint(t, strings.Join(b.first, "\n"), tt.wrong)
		})
	}
}

func TestTheMetricsAreHeldToTheLog(t *testing.T) {
	const page = `# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/me",http_response_status_code="200"} 3
http_server_request_duration_seconds_count{http_request_method="",http_route="unmatched",http_response_status_code="400"} 2
# TYPE journey_api_dependency_changes_total counter
journey_api_dependency_changes_total{dependency="neo4j",state="ok"} 2
`
	parser := expfmt.NewTextParser(model.UTF8Validation)
	seen, err := parser.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for want, logged := range []*serviceLog{
		{changes: 2, counts: map[entry]int{{200, "GET", "/api/me"}: 3, {400, "", ""}: 2}},
		{changes: 1, counts: map[entry]int{{200, "GET", "/api/me"}: 3, {400, "", ""}: 2}},
		{changes: 2, counts: map[entry]int{{200, "GET", "/api/me"}: 2, {500, "GET", "/api/me"}: 1, {400, "", ""}: 2}},
	} {
		told := 0
		logged.complain = func(_, _, _ string) { told++ }
		if logged.compare(seen); told != want {
			t.Errorf("%d complaints, want %d", told, want)
		}
	}
}

func TestALeakIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		goroutines func(i int) float64
		want       int
	}{
		"always the same":      {func(int) float64 { return 100 }, 0},
		"a spike":              {func(i int) float64 { return 100 + 900*float64(i/95) - 900*float64(i/96) }, 0},
		"it comes and goes":    {func(i int) float64 { return 100 + float64(i%10) }, 0},
		"one more each second": {func(i int) float64 { return 100 + float64(i) }, 1},
		"a step that stays":    {func(i int) float64 { return 100 + 30*math.Floor(float64(i)/51) }, 1},
		"no figures":           {func(int) float64 { return 0 }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &soak{book: newBook()}
			for i := range 100 {
				s.usage = append(s.usage, sample{40, tt.goroutines(i), 80})
			}
			if s.holdUsage(); s.faults["usage"] != tt.want {
				t.Errorf("%v", s.first)
			}
		})
	}
}

// The values are those of the engine's description, computed by hand.
func TestTheReplayIsTheModel(t *testing.T) {
	var answers []given
	for i, want := range []float64{.428571, .783784, .460674, .803681, .949166, .988273} {
		answers = append(answers, given{correct: i != 2})
		if got := replay(answers); math.Abs(got.mastery-want) > 1e-6 || got.evidence != i+1 {
			t.Errorf("after %d: %+v, want %v", i+1, got, want)
		}
	}
	l := &learner{person: &person{}, given: map[string][]given{}}
	for _, second := range []float64{3, 1, 2} {
		l.add(&attempt{concept: "c", given: given{at: at(second)}})
	}
	if diff := cmp.Diff([]time.Time{at(1), at(2), at(3)}, []time.Time{l.given["c"][0].at, l.given["c"][1].at, l.given["c"][2].at}); diff != "" {
		t.Error(diff)
	}
}

func TestALostAnswerIsMissedInTheStore(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "journey.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE states (student_id, concept_id, p_mastered); CREATE TABLE attempts (student_id, concept_id);
		INSERT INTO states VALUES ('s', 'c', 0.4285714285714286); INSERT INTO attempts VALUES ('s', 'c')`); err != nil {
		t.Fatal(err)
	}
	for acknowledged, want := range map[int]int{0: 1, 1: 0, 2: 1} {
		l := &learner{person: &person{subject: "s"}, given: map[string][]given{"c": make([]given, acknowledged)}}
		for i := range acknowledged {
			l.given["c"][i].correct = true
		}
		run := &soak{book: newBook(), folder: folder, scenario: &scenario{learners: []*learner{l}}}
		if err := run.compareStore(t.Context()); err != nil || run.faults["store"] != want {
			t.Errorf("%d acknowledged: %v, %v", acknowledged, run.first, err)
		}
	}
}
