package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
	if c.id != "" && id != c.id || c.id == "" && len(id) != len("01a20b42-4b09-78c5-8793-7f98119e0939") {
		return fmt.Sprintf("the correlation id is %q", id)
	} else if r.closes != c.closes && c.over.Load() == nil {
		return fmt.Sprintf("it closes the connection: %t", r.closes)
	}
	if isEnvelope := c.path != "/openapi.json" && len(r.body) > 0; isEnvelope {
		if complaint := r.open(id); complaint != "" {
			return complaint
		}
	}
	if err := c.document.Check(c.request(context.Background()), r.status, r.header, r.body); err != nil {
		return err.Error()
	}
	wanted := strings.Split(c.want, "|")
	if c.want != "" && !slices.Contains(wanted, r.outcome) {
		return "it should be " + c.want
	}
	if c.judge != nil && (c.want == "" || r.outcome == wanted[0]) {
		return c.judge(r)
	}
	return ""
}

// open reads the envelope, whose members the document lists.
func (r *reply) open(id string) string {
	var got struct {
		Data  json.RawMessage
		Error struct{ Code string }
		Meta  struct {
			CorrelationID string `json:"correlation_id"`
			Reason        string
			Replayed      bool
		}
	}
	err := json.Unmarshal(r.body, &got)
	r.data, r.replayed = got.Data, got.Meta.Replayed
	r.outcome = strings.TrimSpace(fmt.Sprintf("%d %s %s", r.status, got.Error.Code, got.Meta.Reason))
	challenge := r.header.Get("WWW-Authenticate")
	isChallenged := strings.HasPrefix(challenge, `Bearer realm="journey-api"`) &&
		strings.Contains(challenge, "error=") == (got.Meta.Reason != "token_missing")
	mayRetry := r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests
	seconds, _ := strconv.Atoi(r.header.Get("Retry-After"))
	switch {
	case err != nil:
		return fmt.Sprintf("it is not the envelope: %v", err)
	case got.Error.Code == "": // a success
	case got.Meta.CorrelationID != id:
		return fmt.Sprintf("its meta has the correlation id %q", got.Meta.CorrelationID)
	case r.status == http.StatusUnauthorized && !isChallenged,
		got.Meta.Reason == "role_not_allowed" && !strings.Contains(challenge, "insufficient_scope"):
		return fmt.Sprintf("the challenge is %q", challenge)
	case mayRetry && seconds < 1:
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

// lacks compares the data with the members that it has to have. It may have more: the document knows which.
func (r *reply) lacks(want members) string {
	var got, wanted any
	if err := errors.Join(json.Unmarshal([]byte(want.String()), &wanted), json.Unmarshal(r.data, &got)); err != nil {
		return err.Error()
	}
	isMore := cmp.FilterPath(func(p cmp.Path) bool {
		member, isMember := p.Last().(cmp.MapIndex)
		if !isMember {
			return false
		}
		known, _ := member.Values()
		return !known.IsValid()
	}, cmp.Ignore())
	return cmp.Diff(wanted, got, cmpopts.EquateApprox(0, precision), isMore)
}

// opened is what is read of a reply about a session.
type opened struct {
	SessionID string `json:"session_id"`
	NextItem  struct {
		ItemID string `json:"item_id"`
	} `json:"next_item"`
}

// opened is empty if there is no reply or no session in it, which is noted.
func (r *reply) opened() (got opened) {
	if r != nil {
		_ = json.Unmarshal(r.data, &got)
	}
	return got
}
