package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

// row is one line of the table: what is asked of which server, and what its speed is divided by.
type row struct {
	label, server string
	next          source
	// bare and usual are the labels of the rows that it is compared with, if any.
	bare, usual string
	// reply names the reply of the service that the server has to give too; first is what its first reply has.
	reply, first string
	// warm is how many requests are sent before the memory is read, by so many connections.
	warm   int
	before source
	// readers is how many connections ask, the usual number if it is 0.
	readers int
	// others are statuses of requests that are not counted.
	others   []int
	isNew    bool // a token each time that the service has not seen
	runs     []run
	resident int64
}

const (
	bareMe, usualMe, bareHealth = "(a) bare Fiber, `GET /api/me`", "(b) the usual chain, `GET /api/me`", "(a) bare Fiber, `GET /health`"
	fastAPI                     = "(b) FastAPI, NumPy, psycopg, `POST /api/bkt/update`"
	// firstMastery is what a right first answer makes of .1.
	firstMastery = `"new_p_mastered":0.428571428571428`
)

// opened are the statuses of opened sessions, and of those that are over.
var opened = []int{http.StatusCreated, http.StatusConflict}

// newRows are the lines of the table.
func (b *bench) newRows() []*row {
	me, health := get("/api/me", b.hs256), get("/health", "")
	all := []*row{
		{label: "**Journey API, `GET /api/me`, HS256**", server: "journey-api", next: me, bare: bareMe, usual: usualMe, reply: "me", warm: b.requests},
		{label: "**Journey API, `GET /api/me`, ES256**", server: "journey-api", next: get("/api/me", b.es256), bare: bareMe, usual: usualMe, reply: "me"},
		{label: "Journey API, HS256, a new token each time", server: "journey-api", next: b.fresh(b.newHS256(b.secret)), bare: bareMe, usual: usualMe, isNew: true},
		{label: "Journey API, ES256, a new token each time", server: "journey-api", next: b.fresh(b.newES256(b.key)), bare: bareMe, usual: usualMe, isNew: true},
		{label: bareMe, server: "bare Fiber", next: me, reply: "me", warm: b.requests},
		{label: usualMe, server: "the usual chain", next: me, bare: bareMe, reply: "me", warm: b.requests},
		{label: "**Journey API, `GET /health`**", server: "journey-api", next: health, bare: bareHealth},
		{label: bareHealth, server: "bare Fiber", next: health, reply: "health"},
		{label: "**Journey API, `POST /api/bkt/update`, embedded**", server: "journey-api", next: b.answers(), usual: fastAPI, first: firstMastery, warm: b.answersBefore},
		{label: "**Journey API, `POST /api/bkt/update`, PostgreSQL**", server: "journey-api on PostgreSQL", next: b.answers(), usual: fastAPI, first: firstMastery, warm: b.answersBefore},
		{label: fastAPI, server: "FastAPI", next: b.answers(), first: firstMastery, warm: b.answersBefore},
		{label: "Journey API, `GET /api/bkt/mastery`, 100 of 500 states, embedded, one reader", server: "journey-api", before: b.wide(), next: b.page(), readers: 1},
		{label: "**Journey API, `GET /api/adaptive/next-item`, embedded**", server: "journey-api", next: b.practice(false), others: opened},
		{label: "**Journey API, `POST …/answers` with its next item, embedded**", server: "journey-api", next: b.practice(true), others: opened},
	}
	wanted := regexp.MustCompile(b.only)
	return slices.DeleteFunc(all, func(r *row) bool { return !wanted.MatchString(r.label) })
}

func get(path, token string) source {
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		to.SetRequestURI(path)
		if token != "" {
			to.Header.Set("Authorization", "Bearer "+token)
		}
	}
}

// newHS256 makes tokens that differ in their kid, which HS256 ignores.
func (b *bench) newHS256(secret string) func() string {
	var made atomic.Uint64
	return func() string {
		return portstest.SignHS256(secret, fmt.Sprintf(`{"alg":"HS256","kid":"%07d","typ":"JWT"}`, made.Add(1)), b.claims)
	}
}

// newES256 makes tokens that differ in their signature, which holds a random number.
func (b *bench) newES256(key portstest.SigningKey) func() string {
	return func() string { return key.Sign(key.Header(), b.claims) }
}

func (b *bench) fresh(token func() string) source {
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) { get("/api/me", token())(0, to, nil) }
}

// studentCount is how many students answer in turn; a wide one has so many states.
const studentCount, wideStates = 1000, 500

// studentToken is one of a student; the claims are those of a Supabase project.
func (b *bench) studentToken(student string) string {
	return portstest.Token(b.secret, portstest.RealSizedClaims(time.Now()).With("sub", student).With("app_metadata.role", "student"))
}

func answer(to *fasthttp.Request, token, student, concept string, number int64) {
	get("/api/bkt/update", token)(0, to, nil)
	to.Header.SetMethod(http.MethodPost)
	to.Header.SetContentType("application/json")
	to.SetBodyString(fmt.Sprintf(`{"student_id":%q,"concept_id":%q,"item_id":"%s-1","correct":%t,"latency_ms":900,"timestamp":%q}`,
		student, concept, concept, number%3 > 0, time.Unix(1_700_000_000+number/studentCount, 0).UTC().Format(time.RFC3339)))
}

// answers are those of distinct students of this run, each later than the student's last.
func (b *bench) answers() source {
	run := rand.Text()
	var students, tokens [studentCount]string
	for i := range studentCount {
		students[i] = fmt.Sprintf("bench-%s-%d", run, i)
		tokens[i] = b.studentToken(students[i])
	}
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		number := sent.Add(1)
		i := number % studentCount
		answer(to, tokens[i], students[i], fmt.Sprintf("bench-concept-%d", i%20), number)
	}
}

// wide are answers of one student to a concept after the other.
func (b *bench) wide() source {
	token := b.studentToken("bench-wide")
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		number := sent.Add(1)
		answer(to, token, "bench-wide", fmt.Sprintf("bench-wide-%d", number), number)
	}
}

func (b *bench) page() source {
	return get("/api/bkt/mastery/bench-wide?limit=100&offset=200", b.studentToken("bench-wide"))
}

// practice has each connection practise as one student: it opens a session, which is not counted, and asks for the open
// question, or answers one after the other.
func (b *bench) practice(answers bool) source {
	type practising struct{ token, session, item string }
	all := make([]practising, connections)
	run := rand.Text()
	for i := range all {
		all[i].token = b.studentToken(fmt.Sprintf("bench-practice-%s-%d", run, i))
	}
	return func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		own := &all[connection]
		own.session, own.item = openQuestion(last, own.session, own.item)
		to.Header.SetContentType("application/json")
		switch {
		case own.session == "":
			get("/api/adaptive/sessions", own.token)(0, to, nil)
			to.Header.SetMethod(http.MethodPost)
			to.SetBodyString(`{"scope_concept_ids":["anion-gap","cardiac-output","delta-ratio","stroke-volume"],"question_count":200}`)
		case !answers || own.item == "":
			get("/api/adaptive/next-item/"+own.session, own.token)(0, to, nil)
		default:
			get("/api/adaptive/sessions/"+own.session+"/answers", own.token)(0, to, nil)
			to.Header.SetMethod(http.MethodPost)
			to.SetBodyString(fmt.Sprintf(`{"item_id":%q,"response":"A","latency_ms":900,"timestamp":%q}`, own.item, time.Now().UTC().Format(time.RFC3339Nano)))
		}
	}
}

// openQuestion is what the last reply makes of a session: 409 is for a question that was answered as a round ended, and then
// for a session that is over.
func openQuestion(last *fasthttp.Response, session, item string) (string, string) {
	type question struct {
		ItemID string `json:"item_id"`
	}
	var got struct {
		Data struct {
			question
			SessionID string   `json:"session_id"`
			NextItem  question `json:"next_item"`
		} `json:"data"`
	}
	isOver := last.StatusCode() == http.StatusConflict && item == ""
	if err := json.Unmarshal(last.Body(), &got); isOver || err == nil && session == "" {
		session = got.Data.SessionID
	}
	return session, cmp.Or(got.Data.ItemID, got.Data.NextItem.ItemID)
}

// warmUp asks each row for what its reply has to be, and then so often that the server's memory can be read. Each request
// has to be in the log of a server that logs.
func (b *bench) warmUp(ctx context.Context) error {
	for _, r := range b.rows {
		s := b.servers[r.server]
		if r.before != nil {
			if _, err := load(ctx, s, r.before, 50, wideStates, http.StatusOK); err != nil {
				return err
			}
		}
		var request fasthttp.Request
		var response fasthttp.Response
		r.next(0, &request, &response)
		request.SetHost(s.address)
		err := fasthttp.Do(&request, &response)
		if r.reply != "" {
			err = errors.Join(err, wantSame(b.replies[r.reply], response.Body()))
		}
		if err == nil && response.StatusCode() >= http.StatusBadRequest {
			err = errors.New("it is refused")
		}
		if err != nil || !bytes.Contains(response.Body(), []byte(r.first)) {
			return fmt.Errorf("%s: %w: %s", r.label, err, response.Body())
		}
		if r.warm == 0 {
			continue
		}
		if err := s.forgetLog(); err != nil {
			return err
		}
		sent, err := load(ctx, s, r.next, connections, r.warm, http.StatusOK)
		if err != nil {
			return err
		}
		r.resident, _ = s.Usage()
		if err := s.awaitLines(int(sent.latency.TotalCount())); err != nil {
			return err
		}
	}
	return nil
}

// wantSame lets the members of an object stand in any order, which costs no more and no less.
func wantSame(want, got []byte) error {
	want, got = bytes.TrimSpace(want), bytes.TrimSpace(got)
	var wanted, given any
	if err := errors.Join(json.Unmarshal(want, &wanted), json.Unmarshal(got, &given)); err != nil {
		return err
	}
	if len(want) != len(got) || !reflect.DeepEqual(wanted, given) {
		return fmt.Errorf("it does not answer the same:\nservice %s\nother   %s", want, got)
	}
	return nil
}

// measureRounds lets each round begin with another row.
func (b *bench) measureRounds(ctx context.Context) error {
	for round := range b.rounds {
		for i := range b.rows {
			r := b.rows[(round+i)%len(b.rows)]
			timed, end := context.WithTimeout(ctx, b.length)
			measured, err := load(timed, b.servers[r.server], r.next, cmp.Or(r.readers, connections), 0, append([]int{http.StatusOK}, r.others...)...)
			end()
			if err := errors.Join(err, b.servers[r.server].forgetLog(), ctx.Err()); err != nil {
				return err
			}
			r.runs = append(r.runs, measured)
		}
	}
	return nil
}
