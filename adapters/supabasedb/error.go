package supabasedb

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/masking"
)

// retryAfter is the Retry-After while Supabase is unavailable.
const retryAfter = time.Second

// Codes of Postgres (appendix A of its manual) and of PostgREST (its reference, "Errors").
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
	notOneRow           = "PGRST116"
)

// failure is a failed reply, with the parts of PostgREST's error that have no values of the row.
type failure struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f failure) Error() string {
	return strings.TrimRight(fmt.Sprintf("status %d: %s %s", f.status, f.Code, f.Message), ": ")
}

// mapReply maps a failed reply to the errors that From documents, without the key.
func mapReply(status int, body []byte, key string) error {
	reply := failure{status: status}
	_ = json.Unmarshal(body, &reply) // a gateway's page has no code, and needs none
	reply.Code = fmt.Sprintf("%.100s", masked(reply.Code, key))
	reply.Message = fmt.Sprintf("%.500s", masked(reply.Message, key))
	cause := fmt.Errorf("supabase: %w", reply)
	switch {
	case reply.Code == uniqueViolation, reply.Code == foreignKeyViolation, status == http.StatusConflict:
		return core.NewConflictError("It conflicts with what is already there").WithCause(cause)
	case reply.Code == notOneRow:
		return core.NewNotFoundError("There is no such thing").WithCause(cause)
	case isUnavailable(status):
		return unavailable(cause)
	default:
		return cause
	}
}

// masked masks the key in the beginning of a text, which may be megabytes long. The text is shortened further after it,
// so that no part of a key is left at the end.
func masked(text, key string) string { return masking.Text(fmt.Sprintf("%.5000s", text), key) }

// isUnavailable reports whether the project or the connection to it failed, rather than the request: its faults, its
// limits, our key, a redirect.
func isUnavailable(status int) bool {
	return status >= 500 || status < 400 || status == http.StatusTooManyRequests ||
		status == http.StatusUnauthorized || status == http.StatusForbidden
}

func unavailable(cause error) error {
	return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", retryAfter).WithCause(cause)
}
