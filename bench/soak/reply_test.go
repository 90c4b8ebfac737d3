package soak

import (
	"context"
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
	envelope       contract.Envelope
	outcome        string // status, code and reason
	sent, received time.Time
}

// check returns what is wrong with a reply. While the service stops, every reply may close its connection.
func (r *reply) check(c *call) string {
	var asked *http.Request
	if c.method != "" {
		asked = c.request(context.Background())
	}
	var err error
	r.envelope, err = c.contract.Check(asked, r.Reply)
	if r.outcome = r.Outcome(r.envelope); err != nil {
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
