package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

// question is what is asked of servers, which are compared.
type question struct {
	name    string
	servers []string
	next    source
	want    string        // what a first reply contains; if "", it is the service's to GET /api/me
	readers int           // how many connections ask
	before  source        // if set, makes as many requests before as the wide student has states
	flood   func() string // if set, makes forged tokens, which are sent beside
}

// studentCount is how many students answer in turn. wideStates is how many concepts the wide one has answered to.
const studentCount, wideStates = 1000, 500

// questions are new ones at each call: no server is asked what another was.
func questions() []question {
	hs256, es256 := get("/api/me", sync.OnceValue(newHS256(secret))), get("/api/me", sync.OnceValue(newES256(key)))
	wide, token := student("wide", 0)
	page := get("/api/bkt/mastery/"+wide+"?limit=100&offset=200", func() string { return token })
	stores, only := []string{ours, onPostgres, fastAPI}, []string{ours}
	// mastery is what a right first answer makes of .1.
	const mastery, states, session = `"new_p_mastered":0.428571428571428`, `"total_concepts":500`, `"next_item":{"item_id":`
	return []question{
		{"GET_me,HS256", []string{ours, bareFiber, chain}, hs256, "", connections, nil, nil},
		{"GET_me,ES256", only, es256, "", connections, nil, nil},
		{"GET_me,new_HS256", only, get("/api/me", newHS256(secret)), "", connections, nil, nil},
		{"GET_me,new_ES256", only, get("/api/me", newES256(key)), "", connections, nil, nil},
		{"GET_health", []string{ours, bareFiber}, get("/health", nobody), `"status"`, connections, nil, nil},
		{"POST_update", stores, answers("turns", studentCount, 20), mastery, connections, nil, nil},
		{"GET_mastery,100_of_500,1_reader", only, page, states, 1, answers("wide", 1, wideStates), nil},
		{"GET_next-item,8_readers", stores, practice("readers", false), session, 8, nil, nil},
		{"POST_answers", stores, practice("writers", true), session, connections, nil, nil},
		{"GET_me,beside_forged_HS256", only, hs256, "", connections, nil, newHS256(portstest.OtherSecret)},
		{"GET_me,beside_forged_ES256", only, hs256, "", connections, nil, newES256(portstest.NewES256Key("bench"))},
	}
}

// BenchmarkHTTP asks every server for one thing after the other.
func BenchmarkHTTP(b *testing.B) {
	model := programs()[0].start(b)
	me := strings.TrimSpace(ask(b, model, get("/api/me", newHS256(secret))))
	health := ask(b, model, get("/health", nobody))
	_ = model.Stop()
	for _, p := range programs() {
		var s *process.Server
		for _, q := range questions() {
			if !slices.Contains(q.servers, p.name) {
				continue
			}
			isReady := false
			b.Run("ask="+q.name+"/server="+p.name, func(measured *testing.B) {
				if s == nil {
					s = p.start(b, "ME="+me, "HEALTH="+health)
				}
				if !isReady {
					for i := 0; q.before != nil && i < wideStates; i++ {
						ask(measured, s, q.before)
					}
					if got := ask(measured, s, q.next); !strings.Contains(got, cmp.Or(q.want, me)) {
						measured.Fatal("it answers " + got)
					}
					isReady = true
				}
				q.measure(measured, s)
			})
		}
	}
}

// measure asks b.N times.
func (q question) measure(b *testing.B, s *process.Server) {
	ctx, end := context.WithCancel(b.Context())
	var flooding sync.WaitGroup
	statuses := []int{http.StatusOK, http.StatusCreated} // a session that is opened is not counted
	if q.flood != nil {
		statuses[1] = http.StatusServiceUnavailable // for who is turned away
		flooding.Go(func() { flood(ctx, b, s, q.flood) })
	}
	_ = s.Command.Stdout.(*os.File).Truncate(0) // its log
	_, before := s.Usage()
	memory, _ := s.Scrape()
	b.ResetTimer()
	got := load(ctx, b, s, q.next, q.readers, b.N, statuses...)
	b.StopTimer()
	resident, after := s.Usage()
	allocated, _ := s.Scrape()
	end()
	flooding.Wait()
	count := float64(max(1, got.TotalCount()))
	each := func(name string) float64 { return (allocated.Sum(name) - memory.Sum(name)) / count }
	if allocs := each("go_memstats_mallocs_total"); allocs > 0 { // FastAPI shows none
		b.ReportMetric(allocs, "allocs/request")
		b.ReportMetric(each("go_memstats_alloc_bytes_total"), "B/request")
	}
	b.ReportMetric(count/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64((after-before).Microseconds())/count, "CPU-µs/request")
	b.ReportMetric(float64(got.ValueAtQuantile(50))/1000, "p50-ms")
	b.ReportMetric(float64(got.ValueAtQuantile(99))/1000, "p99-ms")
	b.ReportMetric(float64(resident)/(1<<20), "resident-MB")
	b.ReportMetric(0, "ns/op") // it is left out
}

// BenchmarkStart starts the service until its first reply, with Neo4j absent.
func BenchmarkStart(b *testing.B) {
	b.Run("ask=first_reply/server="+ours, func(b *testing.B) {
		for b.Loop() {
			started := programs()[0].start(b)
			b.StopTimer()
			_ = started.Stop()
			b.StartTimer()
		}
		if binary, err := os.Stat("../bin/journey-api"); err == nil {
			b.ReportMetric(float64(binary.Size())/(1<<20), "binary-MB")
		}
	})
}

// source fills in the next request of one of the connections. It is told where the reply will be, for the one after.
type source func(connection int, to *fasthttp.Request, reply *fasthttp.Response)

// get asks for a path each time, with another token or the same; nobody has none.
func get(path string, token func() string) source {
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) { fill(to, path, token(), "") }
}

func nobody() string { return "" }

// fill makes a GET, or a POST if there is a body.
func fill(to *fasthttp.Request, path, token, body string) {
	to.SetRequestURI(path)
	if token != "" {
		to.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		to.Header.SetMethod(http.MethodPost)
		to.Header.SetContentType("application/json")
		to.SetBodyString(body)
	}
}

// newHS256 makes tokens that differ in their kid, which HS256 ignores.
func newHS256(secret string) func() string {
	return func() string {
		return portstest.SignHS256(secret, fmt.Sprintf(`{"alg":"HS256","kid":%q,"typ":"JWT"}`, rand.Text()), claims)
	}
}

// newES256 makes tokens that differ in their signature, which holds a random number.
func newES256(key portstest.SigningKey) func() string {
	return func() string { return key.Sign(key.Header(), claims) }
}

// student is one of a group of this run, and has a token of its own.
func student(group string, number int) (id, token string) {
	id = fmt.Sprintf("bench-%s-%s-%d", run, group, number)
	own := portstest.RealSizedClaims(time.Now()).With("sub", id).With("app_metadata.role", "student")
	return id, portstest.Token(secret, own)
}

// answers are those of so many students, who take turns, to so many concepts. Each is later than the student's last.
func answers(group string, students, concepts int) source {
	const body = `{"student_id":%q,"concept_id":%q,"item_id":"%s-1","correct":%t,"latency_ms":900,"timestamp":%q}`
	ids, tokens := make([]string, students), make([]string, students)
	for i := range ids {
		ids[i], tokens[i] = student(group, i)
	}
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		number := int(sent.Add(1))
		i, concept := number%students, fmt.Sprintf("bench-concept-%d", number%concepts)
		at := time.Unix(int64(1_700_000_000+number/students), 0).UTC().Format(time.RFC3339)
		fill(to, "/api/bkt/update", tokens[i], fmt.Sprintf(body, ids[i], concept, concept, number%3 > 0, at))
	}
}

// practice has each connection practise as one student, by what the last reply says: it opens a session, if none is open,
// and asks for the open question again and again, or answers one after the other.
func practice(group string, answers bool) source {
	const scope = `{"scope_concept_ids":["anion-gap","cardiac-output","delta-ratio","stroke-volume"],"question_count":200}`
	const body = `{"item_id":%q,"response":"A","latency_ms":900,"timestamp":%q}`
	type question struct {
		ItemID string `json:"item_id"`
	}
	var students [connections + 1]struct {
		token, session string
		last           *fasthttp.Response
	}
	for i := range students {
		_, students[i].token = student(group, i)
		students[i].last = new(fasthttp.Response)
	}
	return func(connection int, to *fasthttp.Request, reply *fasthttp.Response) {
		own := &students[connection]
		var got struct {
			Data struct {
				question
				SessionID string   `json:"session_id"`
				NextItem  question `json:"next_item"`
			} `json:"data"`
		}
		_ = json.Unmarshal(own.last.Body(), &got) // there is none at first
		own.last, own.session = reply, cmp.Or(got.Data.SessionID, own.session)
		switch item := cmp.Or(got.Data.ItemID, got.Data.NextItem.ItemID); {
		case item == "":
			fill(to, "/api/adaptive/sessions", own.token, scope)
		case answers:
			now := time.Now().UTC().Format(time.RFC3339Nano)
			fill(to, "/api/adaptive/sessions/"+own.session+"/answers", own.token, fmt.Sprintf(body, item, now))
		default:
			fill(to, "/api/adaptive/next-item/"+own.session, own.token, "")
		}
	}
}

// A token that came before would be taken from the service's cache, and an answer that came before would be no new one.
func TestNoTokenAndNoAnswerComesTwice(t *testing.T) {
	for name, next := range map[string]source{
		"HS256": get("", newHS256(secret)), "ES256": get("", newES256(key)), "answers": answers("test", studentCount, 20),
	} {
		seen := map[string]bool{}
		for range 1100 {
			var request fasthttp.Request
			next(0, &request, nil)
			seen[request.Header.String()+string(request.Body())] = true
		}
		if len(seen) < 1100 {
			t.Errorf("%s: %d of 1100 differ", name, len(seen))
		}
	}
}
