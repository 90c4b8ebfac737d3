package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/ports/portstest"
)

// source fills in the next request of one of the connections. It is told where the reply will be.
type source func(connection int, to *fasthttp.Request, reply *fasthttp.Response)

// get asks for a path each time, with a token unless that is "".
func get(path string, token func() string) source {
	return func(_ int, to *fasthttp.Request, _ *fasthttp.Response) { fill(to, path, token(), "") }
}

func always(token string) func() string { return func() string { return token } }

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
	var made atomic.Uint64
	return func() string {
		return portstest.SignHS256(secret, fmt.Sprintf(`{"alg":"HS256","kid":"%07d","typ":"JWT"}`, made.Add(1)), claims)
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
