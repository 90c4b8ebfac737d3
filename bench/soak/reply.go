package main

import (
	"bytes"
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

	"github.com/journey-os/journey-api/core"
)

// reply is what came back.
type reply struct {
	status         int
	header         http.Header
	body           []byte
	closes         bool
	sent, received time.Time
	// data is the envelope's, failure what it says went wrong; replayed is true for the reply to a repeat.
	data     []byte
	failure  failure
	replayed bool
}

// failure is what a reply says went wrong; empty if nothing did.
type failure struct {
	code   core.Code
	reason core.Reason
}

// envelope is every JSON reply; anything more in it is wrong.
type envelope struct {
	Data  jsontext.Value `json:"data"`
	Error *struct {
		Code    core.Code `json:"code"`
		Message string    `json:"message"`
	} `json:"error"`
	Meta *struct {
		CorrelationID string         `json:"correlation_id"`
		Reason        core.Reason    `json:"reason"`
		Violations    jsontext.Value `json:"violations"`
		Replayed      bool           `json:"replayed"`
		SessionID     string         `json:"session_id"`
		RunID         string         `json:"run_id"`
	} `json:"meta"`
}

// readReply reads a response to its end, if there is one.
func readReply(response *http.Response, err error) (*reply, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return &reply{status: response.StatusCode, header: response.Header, body: body, closes: response.Close}, err
}

// is reports whether a reply is the failure that it should be.
func (r *reply) is(status int, code core.Code, reason core.Reason) bool {
	return r.status == status && r.failure == failure{code, reason}
}

// outcome is the reply in a word or two.
func (r *reply) outcome() string {
	return strings.TrimSpace(strconv.Itoa(r.status) + " " + string(r.failure.reason))
}

// members are those of a JSON object.
type members map[string]any

// differs compares the data with what it has to be; members with a free name may have any value, and lists any order.
func (r *reply) differs(want members, free ...string) string {
	var got, wanted any
	if err := errors.Join(json.Unmarshal([]byte(encode(want)), &wanted), json.Unmarshal(r.data, &got)); err != nil {
		return err.Error()
	}
	isFree := func(p cmp.Path) bool {
		member, isMember := p.Last().(cmp.MapIndex)
		return isMember && slices.Contains(free, member.Key().String())
	}
	idOf := func(member any) string {
		object, _ := member.(map[string]any)
		return fmt.Sprint(object["concept_id"], object["timestamp"], object["item_id"], object["key"])
	}
	inOrder := cmpopts.SortSlices(func(a, b any) bool { return idOf(a) < idOf(b) })
	return cmp.Diff(wanted, got, cmpopts.EquateApprox(0, precision), cmp.FilterPath(isFree, cmp.Ignore()), inOrder)
}

func encode(fields members) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return string(text)
}

// check returns what is wrong with a reply whatever was asked, and reads the envelope. While the service stops, every
// reply may close its connection.
func (r *reply) check(asked *call, draining bool) string {
	allowed := ""
	if asked.header.Get("Origin") == goodOrigin {
		allowed = goodOrigin
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Server": "", "Vary": "Origin", "Cache-Control": "no-store", "Access-Control-Allow-Origin": allowed,
	} {
		if got := r.header.Get(name); got != want {
			return fmt.Sprintf("%s is %q", name, got)
		}
	}
	id := r.header.Get("X-Correlation-ID")
	switch {
	case asked.id != "" && id != asked.id, asked.id == "" && len(id) != len("01a20b42-4b09-78c5-8793-7f98119e0939"):
		return fmt.Sprintf("the correlation id is %q", id)
	case r.closes != asked.closes && !draining:
		return fmt.Sprintf("it closes the connection: %t", r.closes)
	case asked.method == http.MethodHead, r.status == http.StatusNoContent, r.status == http.StatusFound, asked.route == "/openapi.json" && r.status == http.StatusOK:
		return ""
	case r.header.Get("Content-Type") != "application/json":
		return "it is not JSON: " + r.header.Get("Content-Type")
	}
	return r.checkEnvelope(id)
}

func (r *reply) checkEnvelope(id string) string {
	var got envelope
	if err := json.Unmarshal(r.body, &got, json.RejectUnknownMembers(true)); err != nil {
		return "it is not the envelope: " + err.Error()
	}
	isNull := bytes.Equal(got.Data, []byte("null"))
	switch {
	case got.Error == nil && (isNull || len(got.Data) == 0 || got.Meta != nil && (!got.Meta.Replayed || got.Meta.CorrelationID != "")):
		return "a success has data, and no meta but that it is replayed"
	case got.Error == nil:
		r.data, r.replayed = got.Data, got.Meta != nil
		return ""
	case !isNull || got.Meta == nil || got.Error.Message == "":
		return "a failure has null data, a message and meta"
	case got.Meta.CorrelationID != id:
		return "meta has another correlation id"
	}
	r.failure = failure{got.Error.Code, got.Meta.Reason}
	return r.checkFailure()
}

// checkFailure looks at the headers that tell a caller what to do.
func (r *reply) checkFailure() string {
	challenge := r.header.Get("WWW-Authenticate")
	seconds, _ := strconv.Atoi(r.header.Get("Retry-After"))
	is := func(status int) bool { return r.status == status }
	wantsReason := is(http.StatusUnauthorized) || is(http.StatusForbidden) || is(http.StatusServiceUnavailable)
	switch {
	case wantsReason && r.failure.reason == "", !wantsReason && !is(http.StatusConflict) && r.failure.reason != "":
		return fmt.Sprintf("its reason is %q", r.failure.reason)
	case is(http.StatusUnauthorized) && (!strings.HasPrefix(challenge, `Bearer realm="journey-api"`) ||
		strings.Contains(challenge, "error=") != (r.failure.reason != core.ReasonTokenMissing)),
		r.failure.reason == core.ReasonRoleNotAllowed && !strings.Contains(challenge, "insufficient_scope"):
		return fmt.Sprintf("the challenge is %q", challenge)
	case (is(http.StatusServiceUnavailable) || is(http.StatusTooManyRequests)) && seconds < 1:
		return fmt.Sprintf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	return ""
}
