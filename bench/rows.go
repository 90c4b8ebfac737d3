package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	bareMe, usualMe, bareHealth = "(a) bare Fiber, `GET /api/me`", "(b) the usual chain, `GET /api/me`", "(a) bare Fiber, `GET /health`"
	fastAPI                     = "(b) FastAPI, NumPy, psycopg, `POST /api/bkt/update`"
	// firstMastery is what a right first answer makes of .1.
	firstMastery = `"new_p_mastered":0.428571428571428`
	// many and manyAnswers are how many requests come before the memory is read.
	many, manyAnswers = 200_000, 5_000
	// studentCount is how many students answer in turn; the wide one has so many states.
	studentCount, wideStates = 1000, 500
)

// row is one line of the table: what is asked of which server, and what its speed is divided by.
type row struct {
	label, server string
	next          source
	// bare and usual are the labels of the rows that it is compared with, if any.
	bare, usual string
	// reply names the reply of the service that the server has to give too; first is what its first reply has.
	reply, first string
	// warm is how many requests are sent before the memory is read and the rounds begin.
	warm int
	// readers is how many connections ask, the usual number if it is 0.
	readers int
	// others are statuses of requests that are not counted.
	others []int
	// flood, if set, makes forged tokens, which are sent beside this row's requests.
	flood    func() string
	runs     []measured
	resident int64
}

// newRows are the lines of the table.
func (b *bench) newRows() []*row {
	me, health := get("/api/me", b.hs256), get("/health", "")
	// Sessions open, and rounds end in the middle of an answer; in a flood good callers may be turned away.
	opened, turnedAway := []int{http.StatusCreated, http.StatusConflict}, []int{http.StatusServiceUnavailable}
	forgedHS256, forgedES256 := b.newHS256(portstest.OtherSecret), b.newES256(portstest.NewES256Key(b.key.ID))
	all := []*row{
		{label: "**Journey API, `GET /api/me`, HS256**", server: "journey-api", next: me, bare: bareMe, usual: usualMe, reply: "/api/me", warm: many},
		{label: "**Journey API, `GET /api/me`, ES256**", server: "journey-api", next: get("/api/me", b.es256), bare: bareMe, usual: usualMe, reply: "/api/me"},
		{label: "Journey API, HS256, a new token each time", server: "journey-api", next: fresh(b.newHS256(b.secret)), bare: bareMe, usual: usualMe},
		{label: "Journey API, ES256, a new token each time", server: "journey-api", next: fresh(b.newES256(b.key)), bare: bareMe, usual: usualMe},
		{label: bareMe, server: "bare Fiber", next: me, reply: "/api/me", warm: many},
		{label: usualMe, server: "the usual chain", next: me, bare: bareMe, reply: "/api/me", warm: many},
		{label: "**Journey API, `GET /health`**", server: "journey-api", next: health, bare: bareHealth},
		{label: bareHealth, server: "bare Fiber", next: health, reply: "/health"},
		{label: "**Journey API, `POST /api/bkt/update`, embedded**", server: "journey-api", next: b.answers(), usual: fastAPI, first: firstMastery, warm: manyAnswers},
		{label: "**Journey API, `POST /api/bkt/update`, PostgreSQL**", server: "journey-api on PostgreSQL", next: b.answers(), usual: fastAPI, first: firstMastery, warm: manyAnswers},
		{label: fastAPI, server: "FastAPI", next: b.answers(), first: firstMastery, warm: manyAnswers},
		{label: "Journey API, `GET /api/bkt/mastery`, 100 of 500 states, embedded, one reader", server: "journey-api", next: b.page(), readers: 1, warm: wideStates},
		{label: "**Journey API, `GET /api/adaptive/next-item`, embedded, 8 readers**", server: "journey-api", next: b.practice(false), others: opened, readers: 8},
		{label: "**Journey API, `GET /api/adaptive/next-item`, PostgreSQL, 8 readers**", server: "journey-api on PostgreSQL", next: b.practice(false), others: opened, readers: 8},
		{label: "**Journey API, `POST …/answers` with its next item, embedded**", server: "journey-api", next: b.practice(true), usual: fastAPI, others: opened},
		{label: "**Journey API, `POST …/answers` with its next item, PostgreSQL**", server: "journey-api on PostgreSQL", next: b.practice(true), usual: fastAPI, others: opened},
		{label: "Journey API, `GET /api/me`, beside forged HS256", server: "journey-api", next: me, bare: bareMe, usual: usualMe, flood: forgedHS256, others: turnedAway},
		{label: "Journey API, `GET /api/me`, beside forged ES256", server: "journey-api", next: me, bare: bareMe, usual: usualMe, flood: forgedES256, others: turnedAway},
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

func post(to *fasthttp.Request, path, token, body string) {
	get(path, token)(0, to, nil)
	to.Header.SetMethod(http.MethodPost)
	to.Header.SetContentType("application/json")
	to.SetBodyString(body)
}

func fresh(token func() string) source {
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) { get("/api/me", token())(0, to, nil) }
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

// studentToken is one of a student; the claims are those of a Supabase project.
func (b *bench) studentToken(student string) string {
	return portstest.Token(b.secret, portstest.RealSizedClaims(time.Now()).With("sub", student).With("app_metadata.role", "student"))
}

func answer(to *fasthttp.Request, token, student, concept string, number int64) {
	post(to, "/api/bkt/update", token, fmt.Sprintf(`{"student_id":%q,"concept_id":%q,"item_id":"%s-1","correct":%t,"latency_ms":900,"timestamp":%q}`,
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

// page asks for some of the states of one student, who first answers to one concept after the other.
func (b *bench) page() source {
	token := b.studentToken("bench-wide")
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		if number := sent.Add(1); number <= wideStates {
			answer(to, token, "bench-wide", fmt.Sprintf("bench-wide-%d", number), number)
			return
		}
		get("/api/bkt/mastery/bench-wide?limit=100&offset=200", token)(0, to, nil)
	}
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
		switch {
		case own.session == "":
			post(to, "/api/adaptive/sessions", own.token, `{"scope_concept_ids":["anion-gap","cardiac-output","delta-ratio","stroke-volume"],"question_count":200}`)
		case !answers || own.item == "":
			get("/api/adaptive/next-item/"+own.session, own.token)(0, to, nil)
		default:
			post(to, "/api/adaptive/sessions/"+own.session+"/answers", own.token,
				fmt.Sprintf(`{"item_id":%q,"response":"A","latency_ms":900,"timestamp":%q}`, own.item, time.Now().UTC().Format(time.RFC3339Nano)))
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
