package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"os"
	"reflect"
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
	next    func() source
	want    string        // what a first reply contains, or the path of the service's reply that it has to equal
	readers int           // how many connections ask
	warm    int           // how many requests come before
	others  []int         // statuses of requests that are not counted
	flood   func() string // if set, makes forged tokens, which are sent beside
}

func questions() []question {
	p := shared()
	me, health := func() source { return get("/api/me", p.hs256) }, func() source { return get("/health", "") }
	opened := []int{http.StatusCreated, http.StatusConflict} // rounds end in the middle of an answer
	turnedAway := []int{http.StatusServiceUnavailable}
	stores := []string{ours, onPostgres, fastAPI}
	// firstMastery is what a right first answer makes of .1.
	const firstMastery = `"new_p_mastered":0.428571428571428`
	forgedHS256, forgedES256 := newHS256(portstest.OtherSecret), newES256(portstest.NewES256Key(p.key.ID))
	return []question{
		{"GET_me,HS256", []string{ours, bareFiber, chain}, me, "/api/me", connections, 0, nil, nil},
		{"GET_me,ES256", []string{ours}, func() source { return get("/api/me", p.es256) }, "/api/me", connections, 0, nil, nil},
		{"GET_me,new_HS256", []string{ours}, func() source { return fresh(newHS256(p.secret)) }, "", connections, 0, nil, nil},
		{"GET_me,new_ES256", []string{ours}, func() source { return fresh(newES256(p.key)) }, "", connections, 0, nil, nil},
		{"GET_health", []string{ours, bareFiber}, health, `"status"`, connections, 0, nil, nil},
		{"POST_update", stores, answers, firstMastery, connections, 0, nil, nil},
		{"GET_mastery,100_of_500,1_reader", []string{ours}, page, "", 1, wideStates, nil, nil},
		{"GET_next-item,8_readers", stores, func() source { return practice(false) }, "", 8, 0, opened, nil},
		{"POST_answers", stores, func() source { return practice(true) }, "", connections, 0, opened, nil},
		{"GET_me,beside_forged_HS256", []string{ours}, me, "", connections, 0, turnedAway, forgedHS256},
		{"GET_me,beside_forged_ES256", []string{ours}, me, "", connections, 0, turnedAway, forgedES256},
	}
}

// BenchmarkHTTP asks every server for one thing after the other.
func BenchmarkHTTP(b *testing.B) {
	running := map[string]*server{}
	replies := []string{"ME=", "HEALTH="} // the service's, which others have to give too
	start := func(name string) *server {
		if running[name] == nil {
			running[name] = programs()[name].start(b, replies...)
		}
		return running[name]
	}
	for _, q := range questions() {
		for _, name := range q.servers {
			next := q.next()
			begin := sync.OnceValue(func() *server {
				me, health := start(ours).ask(b, get("/api/me", shared().hs256)), start(ours).ask(b, get("/health", ""))
				replies = []string{"ME=" + me, "HEALTH=" + health}
				s := start(name)
				got := s.ask(b, next)
				if q.want == "/api/me" && !isSame(me, got) || q.want != "/api/me" && !strings.Contains(got, q.want) {
					b.Errorf("%s answers %s", name, got)
				}
				for range q.warm {
					s.ask(b, next)
				}
				return s
			})
			b.Run("ask="+q.name+"/server="+name, func(b *testing.B) {
				if !programs()[name].isThere {
					b.Skip("it is not here")
				}
				q.measure(b, begin(), next)
			})
		}
	}
}

// measure asks b.N times.
func (q question) measure(b *testing.B, s *server, next source) {
	ctx, end := context.WithCancel(b.Context())
	var flooding sync.WaitGroup
	if q.flood != nil {
		flooding.Go(func() { flood(ctx, b, s, q.flood) })
	}
	_ = s.log.Truncate(0)
	_, before := s.Usage()
	memory, _ := s.Scrape()
	b.ResetTimer()
	got := load(ctx, b, s, next, q.readers, b.N, append([]int{http.StatusOK}, q.others...))
	b.StopTimer()
	resident, after := s.Usage()
	allocated, _ := s.Scrape()
	end()
	flooding.Wait()
	count := float64(max(1, got.TotalCount()))
	each := func(name string) float64 { return (allocated.Sum(name) - memory.Sum(name)) / count }
	for unit, value := range map[string]float64{
		"ns/op": 0, "requests/s": count / b.Elapsed().Seconds(),
		"CPU-µs/request": float64((after - before).Microseconds()) / count,
		"p50-ms":         float64(got.ValueAtQuantile(50)) / 1000, "p99-ms": float64(got.ValueAtQuantile(99)) / 1000,
		"allocs/request": each("go_memstats_mallocs_total"), "B/request": each("go_memstats_alloc_bytes_total"),
		"%-of-a-core": 100 * (after - before).Seconds() / b.Elapsed().Seconds(), "resident-MB": float64(resident) / (1 << 20),
	} {
		if value > 0 || unit == "ns/op" { // FastAPI shows no allocations
			b.ReportMetric(value, unit)
		}
	}
	if strings.HasPrefix(q.name, "GET_me") {
		s.awaitLines(b, int(got.TotalCount()))
	}
}

// load keeps so many connections busy until ctx ends or all requests are sent. A reply has to have one of the statuses;
// those with the first are counted, in microseconds. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func load(
	ctx context.Context, b *testing.B, s *server, next source, readers, requests int, statuses []int,
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
	load(ctx, b, s, func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		get("/api/me", forge())(connection, to, last)
	}, floodConnections, math.MaxInt, []int{http.StatusUnauthorized, http.StatusServiceUnavailable})
	b.ReportMetric(float64(made.Load())/time.Since(began).Seconds(), "refused/s")
}

// isSame lets the members of an object stand in any order, which costs no more and no less.
func isSame(want, got string) bool {
	var wanted, given any
	err := errors.Join(json.Unmarshal([]byte(want), &wanted), json.Unmarshal([]byte(got), &given))
	return err == nil && len(strings.TrimSpace(want)) == len(strings.TrimSpace(got)) && reflect.DeepEqual(wanted, given)
}

// BenchmarkStart starts the service until its first reply, with both dependencies absent.
func BenchmarkStart(b *testing.B) {
	b.Run("ask=first_reply/server="+ours, func(b *testing.B) {
		for b.Loop() {
			started := programs()[ours].start(b)
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
	hs256, es256 := fresh(newHS256(portstest.Secret)), fresh(newES256(portstest.NewES256Key("k")))
	for name, next := range map[string]source{"HS256": hs256, "ES256": es256, "answers": answers()} {
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
		if isSame(want, got) != same {
			t.Error(got)
		}
	}
}
