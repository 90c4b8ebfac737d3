package bench

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

// source fills in the next request of one of the connections, which has got a reply to the one before; it is empty first.
type source func(connection int, to *fasthttp.Request, last *fasthttp.Response)

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
func newHS256(secret string) func() string {
	var made atomic.Uint64
	return func() string {
		return portstest.SignHS256(secret, fmt.Sprintf(`{"alg":"HS256","kid":"%07d","typ":"JWT"}`, made.Add(1)), shared().claims)
	}
}

// newES256 makes tokens that differ in their signature, which holds a random number.
func newES256(key portstest.SigningKey) func() string {
	return func() string { return key.Sign(key.Header(), shared().claims) }
}

// studentToken is one of a student; the claims are those of a Supabase project.
func studentToken(student string) string {
	claims := portstest.RealSizedClaims(time.Now()).With("sub", student).With("app_metadata.role", "student")
	return portstest.Token(shared().secret, claims)
}

func answer(to *fasthttp.Request, token, student, concept string, number int64) {
	const body = `{"student_id":%q,"concept_id":%q,"item_id":"%s-1","correct":%t,"latency_ms":900,"timestamp":%q}`
	at := time.Unix(1_700_000_000+number/studentCount, 0).UTC().Format(time.RFC3339)
	post(to, "/api/bkt/update", token, fmt.Sprintf(body, student, concept, concept, number%3 > 0, at))
}

// answers are those of distinct students of this run, each later than the student's last.
func answers() source {
	var students, tokens [studentCount]string
	for i, run := 0, rand.Text(); i < studentCount; i++ {
		students[i] = fmt.Sprintf("bench-%s-%d", run, i)
		tokens[i] = studentToken(students[i])
	}
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		number := sent.Add(1)
		i := number % studentCount
		answer(to, tokens[i], students[i], fmt.Sprintf("bench-concept-%d", i%20), number)
	}
}

// studentCount is how many students answer in turn; the wide one has so many states.
const studentCount, wideStates = 1000, 500

// page asks for some of the states of one student, who first answers to one concept after the other.
func page() source {
	token := studentToken("bench-wide")
	var sent atomic.Int64
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) {
		if number := sent.Add(1); number <= wideStates {
			answer(to, token, "bench-wide", fmt.Sprintf("bench-wide-%d", number), number)
			return
		}
		get("/api/bkt/mastery/bench-wide?limit=100&offset=200", token)(0, to, nil)
	}
}

// practising is a student who practises.
type practising struct{ token, session, item string }

// practice has each connection practise as one student: it opens a session, which is not counted, and asks for the open
// question, or answers one after the other.
func practice(answers bool) source {
	const scope = `{"scope_concept_ids":["anion-gap","cardiac-output","delta-ratio","stroke-volume"],"question_count":200}`
	const body = `{"item_id":%q,"response":"A","latency_ms":900,"timestamp":%q}`
	all := make([]practising, connections+1)
	for i, run := 0, rand.Text(); i <= connections; i++ {
		all[i].token = studentToken(fmt.Sprintf("bench-practice-%s-%d", run, i))
	}
	return func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		own := &all[connection]
		own.read(last)
		switch {
		case own.session == "":
			post(to, "/api/adaptive/sessions", own.token, scope)
		case !answers || own.item == "":
			get("/api/adaptive/next-item/"+own.session, own.token)(0, to, nil)
		default:
			now := time.Now().UTC().Format(time.RFC3339Nano)
			post(to, "/api/adaptive/sessions/"+own.session+"/answers", own.token, fmt.Sprintf(body, own.item, now))
		}
	}
}

// read takes session and open question from the last reply: 409 is for a question that was answered as a round ended, and
// then for a session that is over.
func (p *practising) read(last *fasthttp.Response) {
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
	isOver := last.StatusCode() == http.StatusConflict && p.item == ""
	if err := json.Unmarshal(last.Body(), &got); isOver || err == nil && p.session == "" {
		p.session = got.Data.SessionID
	}
	p.item = cmp.Or(got.Data.ItemID, got.Data.NextItem.ItemID)
}
