package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/contract"
)

// members are those of a JSON object.
type members = contract.Members

// reply is what came back.
type reply struct {
	contract.Reply
	outcome        string // status, code and reason
	data           []byte
	replayed       bool // whether it is the reply to a repeat
	sent, received time.Time
}

// check returns what is wrong with a reply. While the service stops, every reply may close its connection.
func (r *reply) check(c *call) string {
	var asked *http.Request
	if c.method != "" {
		asked = c.request(context.Background())
	}
	envelope, err := c.contract.Check(asked, r.Reply)
	r.outcome, r.data, r.replayed = r.Outcome(envelope), envelope.Data, envelope.Meta.Replayed
	if err != nil {
		return err.Error()
	} else if r.Closes != c.closes && c.over.Load() == nil {
		return fmt.Sprintf("it closes the connection: %t", r.Closes)
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
