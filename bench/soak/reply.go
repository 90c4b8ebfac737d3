package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/core"
)

// header is a reply's header, with names as net/http writes them.
type header map[string][]string

func (h header) get(name string) string { return http.Header(h).Get(name) }

// envelope is every JSON reply; anything more in it is wrong.
type envelope struct {
	Data  jsontext.Value `json:"data"`
	Error *failureError  `json:"error"`
	Meta  *failureMeta   `json:"meta"`
}

type failureError struct {
	Code    core.Code `json:"code"`
	Message string    `json:"message"`
}

type failureMeta struct {
	CorrelationID string         `json:"correlation_id"`
	Reason        core.Reason    `json:"reason"`
	Violations    jsontext.Value `json:"violations"`
}

// failure is what a reply says went wrong; empty if nothing did.
type failure struct {
	code   core.Code
	reason core.Reason
}

// read takes one reply off the connection.
func read(from *bufio.Reader, to *request) (*reply, error) {
	response, err := http.ReadResponse(from, &http.Request{Method: to.method})
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.Close {
		response.Header.Set("Connection", "close")
	}
	return &reply{status: response.StatusCode, header: header(response.Header), body: body}, nil
}

func (r *reply) isClosing() bool { return strings.EqualFold(r.header.get("Connection"), "close") }

// is reports whether a reply is the failure that it should be.
func (r *reply) is(status int, code core.Code, reason core.Reason) bool {
	return r.status == status && r.failure == failure{code, reason}
}

// outcome is the reply in a word or two.
func (r *reply) outcome() string {
	if r.failure.reason != "" {
		return strconv.Itoa(r.status) + " " + string(r.failure.reason)
	}
	return strconv.Itoa(r.status)
}

// check says what is wrong with a reply whatever was asked, and reads what it says went wrong. Probing says that the
// service is stopping, when every reply closes its connection.
func (r *reply) check(asked *request, draining bool) string {
	id := r.header.get("X-Correlation-ID")
	switch {
	case asked.id != "" && id != asked.id:
		return fmt.Sprintf("the correlation id is %q", id)
	case asked.id == "" && len(id) != len("01a20b42-4b09-78c5-8793-7f98119e0939"):
		return fmt.Sprintf("the correlation id is %q, no fresh one", id)
	case r.header.get("X-Content-Type-Options") != "nosniff":
		return "it may be sniffed"
	case r.header.get("Server") != "":
		return "it names its server"
	case r.header.get("Vary") != "Origin":
		return "Vary is not Origin"
	case r.header.get("Cache-Control") != "no-store":
		return "it may be stored"
	case r.isClosing() != asked.closes && !draining:
		return fmt.Sprintf("it closes the connection: %t", r.isClosing())
	}
	if complaint := r.checkOrigin(asked); complaint != "" {
		return complaint
	}
	return r.checkEnvelope(asked, id)
}

func (r *reply) checkOrigin(asked *request) string {
	want := ""
	if asked.origin == goodOrigin {
		want = goodOrigin
	}
	if got := r.header.get("Access-Control-Allow-Origin"); got != want {
		return fmt.Sprintf("Access-Control-Allow-Origin is %q", got)
	}
	return ""
}

// checkEnvelope holds a JSON body to the envelope, and a failure to its headers.
func (r *reply) checkEnvelope(asked *request, id string) string {
	if r.status < http.StatusMultipleChoices && asked.route == "/openapi.json" ||
		asked.isHead() || r.status == http.StatusNoContent || r.status == http.StatusFound {
		return ""
	}
	if r.header.get("Content-Type") != "application/json" {
		return "it is not JSON: " + r.header.get("Content-Type")
	}
	var got envelope
	if err := json.Unmarshal(r.body, &got, json.RejectUnknownMembers(true)); err != nil {
		return "it is not the envelope: " + err.Error()
	}
	isNull := bytes.Equal(got.Data, []byte("null"))
	switch {
	case got.Error == nil && (got.Meta != nil || isNull || len(got.Data) == 0):
		return "a success has data and no meta"
	case got.Error == nil:
		r.data = got.Data
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
	challenge, retry := r.header.get("WWW-Authenticate"), r.header.get("Retry-After")
	wantsReason := r.status == http.StatusUnauthorized || r.status == http.StatusForbidden || r.status == http.StatusServiceUnavailable
	switch {
	case wantsReason != (r.failure.reason != ""):
		return fmt.Sprintf("its reason is %q", r.failure.reason)
	case r.status == http.StatusUnauthorized && strings.Contains(challenge, "error=") != (r.failure.reason != core.ReasonTokenMissing):
		return fmt.Sprintf("the challenge is %q", challenge)
	case r.status == http.StatusUnauthorized && !strings.HasPrefix(challenge, `Bearer realm="journey-api"`):
		return fmt.Sprintf("the challenge is %q", challenge)
	case r.status == http.StatusForbidden && !strings.Contains(challenge, "insufficient_scope"):
		return fmt.Sprintf("the challenge is %q", challenge)
	case r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests:
		if seconds, err := strconv.Atoi(retry); err != nil || seconds < 1 {
			return fmt.Sprintf("Retry-After is %q", retry)
		}
	}
	return ""
}
