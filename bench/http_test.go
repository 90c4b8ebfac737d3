package bench

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// connections is how many requests of good callers wait at any time.
	connections = 64
	// floodRate is forged tokens a second. floodConnections are more than the requests that the service serves at once: were
	// a flood made to wait without a limit, nobody else would be served.
	floodRate, floodConnections = 5_000, 1_100
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

// studentCount is how many students answer in turn; the wide one has so many states.
const studentCount, wideStates = 1000, 500

// questions are new ones at each call: no server is asked what another was.
func questions() []question {
	hs256, es256 := get("/api/me", always(newHS256(secret)())), get("/api/me", always(newES256(key)()))
	forgedHS256, forgedES256 := newHS256(portstest.OtherSecret), newES256(portstest.NewES256Key("bench"))
	wide, token := student("wide", 0)
	page := get("/api/bkt/mastery/"+wide+"?limit=100&offset=200", always(token))
	stores, only := []string{ours, onPostgres, fastAPI}, []string{ours}
	// mastery is what a right first answer makes of .1.
	const mastery, states, session = `"new_p_mastered":0.428571428571428`, `"total_concepts":500`, `"next_item":{"item_id":`
	return []question{
		{"GET_me,HS256", []string{ours, bareFiber, chain}, hs256, "", connections, nil, nil},
		{"GET_me,ES256", only, es256, "", connections, nil, nil},
		{"GET_me,new_HS256", only, get("/api/me", newHS256(secret)), "", connections, nil, nil},
		{"GET_me,new_ES256", only, get("/api/me", newES256(key)), "", connections, nil, nil},
		{"GET_health", []string{ours, bareFiber}, get("/health", always("")), `"status"`, connections, nil, nil},
		{"POST_update", stores, answers("turns", studentCount, 20), mastery, connections, nil, nil},
		{"GET_mastery,100_of_500,1_reader", only, page, states, 1, answers("wide", 1, wideStates), nil},
		{"GET_next-item,8_readers", stores, practice("readers", false), session, 8, nil, nil},
		{"POST_answers", stores, practice("writers", true), session, connections, nil, nil},
		{"GET_me,beside_forged_HS256", only, hs256, "", connections, nil, forgedHS256},
		{"GET_me,beside_forged_ES256", only, hs256, "", connections, nil, forgedES256},
	}
}

// BenchmarkHTTP asks every server for one thing after the other.
func BenchmarkHTTP(b *testing.B) {
	model := programs()[0].start(b)
	me, health := model.ask(b, get("/api/me", newHS256(secret))), model.ask(b, get("/health", always("")))
	_ = model.Stop()
	for _, p := range programs() {
		var s *server
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
					s.prepare(measured, q, me)
				}
				isReady = true
				q.measure(measured, s)
			})
		}
	}
}

// prepare sends what comes before a question, and holds the first reply to what it should be.
func (s *server) prepare(b *testing.B, q question, me string) {
	for i := 0; q.before != nil && i < wideStates; i++ {
		s.ask(b, q.before)
	}
	if got := s.ask(b, q.next); !strings.Contains(got, cmp.Or(q.want, strings.TrimSpace(me))) {
		b.Fatal("it answers " + got)
	}
}

// measure asks b.N times.
func (q question) measure(b *testing.B, s *server) {
	ctx, end := context.WithCancel(b.Context())
	var flooding sync.WaitGroup
	statuses := []int{http.StatusOK, http.StatusCreated} // a session that is opened is not counted
	if q.flood != nil {
		statuses[1] = http.StatusServiceUnavailable // for who is turned away
		flooding.Go(func() { flood(ctx, b, s, q.flood) })
	}
	_ = s.log.Truncate(0)
	_, before := s.Usage()
	memory, _ := s.Scrape()
	b.ResetTimer()
	got := s.load(ctx, b, q.next, q.readers, b.N, statuses...)
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

// load keeps so many connections busy until ctx ends or all requests are sent. A reply has to have one of the statuses;
// those with the first are counted, in microseconds. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func (s *server) load(
	ctx context.Context, b *testing.B, next source, readers, requests int, statuses ...int,
) *hdrhistogram.Histogram {
	client := &fasthttp.HostClient{Addr: s.Address, MaxConns: readers, ReadTimeout: time.Minute, MaxIdemponentCallAttempts: 1}
	defer client.CloseIdleConnections()
	latency := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	var sent atomic.Int64
	var sending sync.WaitGroup
	var lock sync.Mutex
	for connection := range readers {
		sending.Go(func() {
			var request fasthttp.Request
			var response fasthttp.Response
			for ctx.Err() == nil && sent.Add(1) <= int64(requests) {
				request.Reset()
				next(connection, &request, &response)
				request.SetHost("localhost")
				began := time.Now()
				err := client.Do(&request, &response)
				took := time.Since(began).Microseconds()
				if err != nil || len(response.Body()) == 0 || !slices.Contains(statuses, response.StatusCode()) {
					b.Errorf("%s: %v: %.500s", request.URI().Path(), err, response.String())
					return
				}
				if response.StatusCode() == statuses[0] {
					lock.Lock()
					_ = latency.RecordValue(max(1, took)) // the client's time-out bounds it
					lock.Unlock()
				}
			}
		})
	}
	sending.Wait()
	return latency
}

// flood sends each forged token when it is due at floodRate, or as soon after that as a connection is free, until ctx
// ends. Each has to be refused: with a 401, or a 503 if the service has no time for it.
func flood(ctx context.Context, b *testing.B, s *server, forge func() string) {
	began := time.Now()
	var made atomic.Int64
	attack := get("/api/me", forge)
	s.load(ctx, b, func(connection int, to *fasthttp.Request, reply *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		attack(connection, to, reply)
	}, floodConnections, math.MaxInt, http.StatusUnauthorized, http.StatusServiceUnavailable)
	b.ReportMetric(float64(made.Load())/time.Since(began).Seconds(), "refused/s")
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
