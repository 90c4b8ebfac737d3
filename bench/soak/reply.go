package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// reply is what came back.
type reply struct {
	status         int
	outcome        string // status, code and reason
	header         http.Header
	body, data     []byte
	closes         bool
	replayed       bool // whether it is the reply to a repeat
	sent, received time.Time
}

// read reads a response to its end, if there is one.
func read(response *http.Response, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return &reply{
		status: response.StatusCode, outcome: strconv.Itoa(response.StatusCode), header: response.Header, body: body,
		closes: response.Close,
	}, err
}

// check returns what is wrong with a reply. While the service stops, every reply may close its connection.
func (r *reply) check(c *call) string {
	origin := c.header.Get("Origin")
	if origin != goodOrigin {
		origin = ""
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Server": "", "Vary": "Origin", "Cache-Control": "no-store",
		"Access-Control-Allow-Origin": origin,
	} {
		if got := r.header.Get(name); got != want {
			return fmt.Sprintf("%s is %q", name, got)
		}
	}
	id := r.header.Get("X-Correlation-ID")
	isEmpty := c.method == http.MethodHead || r.status == http.StatusNoContent || r.status == http.StatusFound
	complaint := ""
	switch {
	case c.id != "" && id != c.id, c.id == "" && len(id) != len("01a20b42-4b09-78c5-8793-7f98119e0939"):
		return fmt.Sprintf("the correlation id is %q", id)
	case r.closes != c.closes && !c.draining.Load():
		return fmt.Sprintf("it closes the connection: %t", r.closes)
	case isEmpty, c.route == "/openapi.json" && r.status == http.StatusOK:
	case r.header.Get("Content-Type") != "application/json":
		return "it is not JSON: " + r.header.Get("Content-Type")
	default:
		complaint = r.open(id)
	}
	if complaint == "" && c.want != "" && !slices.Contains(strings.Split(c.want, "|"), r.outcome) {
		complaint = "it should be " + c.want
	}
	if complaint == "" && c.judge != nil && (c.want == "" || r.outcome == strings.Split(c.want, "|")[0]) {
		complaint = c.judge(r)
	}
	return complaint
}

// open reads the envelope, which is every JSON reply; anything more in it is wrong.
func (r *reply) open(id string) string {
	type meta struct {
		CorrelationID string         `json:"correlation_id"`
		Reason        string         `json:"reason"`
		Violations    jsontext.Value `json:"violations"`
		Replayed      bool           `json:"replayed"`
		SessionID     string         `json:"session_id"`
		RunID         string         `json:"run_id"`
	}
	var got struct {
		Data  jsontext.Value `json:"data"`
		Error *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		Meta *meta `json:"meta"`
	}
	if err := json.Unmarshal(r.body, &got, json.RejectUnknownMembers(true)); err != nil {
		return "it is not the envelope: " + err.Error()
	}
	isNull := string(got.Data) == "null"
	isOdd := got.Meta != nil && (!got.Meta.Replayed || got.Meta.CorrelationID != "")
	switch {
	case got.Error == nil && (isNull || len(got.Data) == 0 || isOdd):
		return "a success has data, and no meta but that it is replayed"
	case got.Error == nil:
		r.data, r.replayed = got.Data, got.Meta != nil
		return ""
	case !isNull || got.Meta == nil || got.Error.Message == "" || got.Meta.CorrelationID != id:
		return "a failure has null data, a message, and meta with its correlation id"
	}
	r.outcome = strings.TrimSpace(fmt.Sprintf("%d %s %s", r.status, got.Error.Code, got.Meta.Reason))
	return r.checkAdvice(got.Meta.Reason)
}

// checkAdvice looks at the headers that tell a caller what to do about a failure.
func (r *reply) checkAdvice(reason string) string {
	challenge := r.header.Get("WWW-Authenticate")
	seconds, _ := strconv.Atoi(r.header.Get("Retry-After"))
	isChallenged := strings.HasPrefix(challenge, `Bearer realm="journey-api"`) &&
		strings.Contains(challenge, "error=") == (reason != "token_missing")
	switch {
	case r.status == http.StatusUnauthorized && !isChallenged,
		reason == "role_not_allowed" && !strings.Contains(challenge, "insufficient_scope"):
		return fmt.Sprintf("the challenge is %q", challenge)
	case (r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests) && seconds < 1:
		return fmt.Sprintf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	return ""
}

// members are those of a JSON object.
type members map[string]any

func (m members) String() string {
	text, err := json.Marshal(map[string]any(m))
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return string(text)
}

// differs compares the data with what it has to be, lists in any order. Members with a free name may have any value; if
// "*" is free there may be others.
func (r *reply) differs(want members, free ...string) string {
	var got, wanted any
	if err := errors.Join(json.Unmarshal([]byte(want.String()), &wanted), json.Unmarshal(r.data, &got)); err != nil {
		return err.Error()
	}
	isFree := func(p cmp.Path) bool {
		member, isMember := p.Last().(cmp.MapIndex)
		if !isMember {
			return false
		}
		known, _ := member.Values()
		return slices.Contains(free, member.Key().String()) || !known.IsValid() && slices.Contains(free, "*")
	}
	idOf := func(one any) string {
		object, isObject := one.(map[string]any)
		if !isObject {
			return fmt.Sprint(one)
		}
		return fmt.Sprint(object["concept_id"], object["timestamp"], object["item_id"], object["key"])
	}
	inOrder := cmpopts.SortSlices(func(a, b any) bool { return idOf(a) < idOf(b) })
	return cmp.Diff(wanted, got, cmpopts.EquateApprox(0, precision), cmp.FilterPath(isFree, cmp.Ignore()), inOrder)
}

// decode reads some members of the data, if there are any.
func decode[T any](r *reply) (got T) {
	if r != nil {
		_ = json.Unmarshal(r.data, &got) // what it lacks was noted
	}
	return got
}
