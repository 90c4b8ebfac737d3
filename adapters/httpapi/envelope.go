package httpapi

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// retryAfter is what a caller is told to wait where nothing better is known.
const retryAfter = time.Second

// success is the envelope of what went well.
type success[T any] struct {
	Data  T    `json:"data"`
	Error null `json:"error"`
	// encoded is the envelope as it is sent, where it was encoded before; Data does not count then.
	encoded []byte
}

func (s success[T]) envelope() []byte { return s.encoded }

// kept is a success whose envelope may have been encoded before.
type kept interface{ envelope() []byte }

// failure is the envelope of what did not.
type failure struct {
	Data  null         `json:"data"`
	Fault failureError `json:"error"`
	Meta  failureMeta  `json:"meta"`
}

type failureError struct {
	Code    core.Code `json:"code" doc:"What kind of failure it is; switch on this"`
	Message string    `json:"message" doc:"For people; its wording may change"`
}

type failureMeta struct {
	CorrelationID core.CorrelationID `json:"correlation_id" doc:"Quote this when asking for help"`
	Reason        core.Reason        `json:"reason,omitzero" doc:"Which rule it broke; on 401, 403 and 503"`
	Violations    []violation        `json:"violations,omitempty" nullable:"false" doc:"All that is wrong with the request; on 422"`
}

type violation struct {
	Field   string `json:"field" doc:"JSON pointer that starts with body, path, query or header" example:"/body/score"`
	Message string `json:"message"`
}

// null is the JSON value null, and says so in the OpenAPI document.
type null struct{}

// MarshalJSON writes null.
func (null) MarshalJSON() ([]byte, error) { return jsonNull, nil }

var jsonNull = []byte("null")

// Schema is the schema of null.
func (null) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "null"} }

// fail writes the one failure envelope, whatever was written before it. What can't be told, a code without a status or a
// message that is no UTF-8, is an internal error.
func (s *Server) fail(c *fiber.Ctx, x *exchange, err *core.Error) {
	known, ok := failures[err.Code]
	body, fault := json.Marshal(envelopeOf(err, x.correlationID))
	if !ok || fault != nil {
		s.fail(c, x, core.NewInternalError(errors.Join(err, fault)))
		return
	}
	x.failure = err
	switch known.status {
	case http.StatusForbidden:
		s.audit(c, x)
		c.Set(fiber.HeaderWWWAuthenticate, challenge(err))
	case http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, challenge(err))
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		c.Set(fiber.HeaderRetryAfter, retrySeconds(err.RetryAfter))
	}
	c.Response().ResetBody()
	c.Status(known.status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(body)
}

func envelopeOf(err *core.Error, id core.CorrelationID) failure {
	envelope := failure{
		Fault: failureError{Code: err.Code, Message: err.Message},
		Meta:  failureMeta{CorrelationID: id, Reason: err.Reason},
	}
	for _, wrong := range err.Violations {
		envelope.Meta.Violations = append(envelope.Meta.Violations, violation(wrong))
	}
	return envelope
}

// retrySeconds is a Retry-After.
func retrySeconds(after time.Duration) string { return strconv.Itoa(wholeSeconds(after)) }

// wholeSeconds rounds up, to at least one.
func wholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
