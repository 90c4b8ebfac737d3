package httpapi

import (
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
	"github.com/journey-os/journey-api/core"
)

// retryAfter is the Retry-After if a failure has none.
const retryAfter = time.Second

// success is the envelope of a successful reply.
type success[T any] struct {
	Data  T    `json:"data"`
	Error null `json:"error"`
	Meta  any  `json:"meta,omitempty"`
	// encoded is Data as Encode made it earlier, if set; Data is ignored then.
	encoded []byte
}

func (s success[T]) encodedData() (data []byte, meta any) { return s.encoded, s.Meta }

// preEncoded is a success whose data may have been encoded earlier.
type preEncoded interface {
	encodedData() (data []byte, meta any)
}

// writeEncoded writes the envelope around data that was encoded earlier.
func writeEncoded(w io.Writer, data []byte, meta any) error {
	end := []byte(`,"error":null}`)
	if meta != nil {
		encoded, err := Encode(meta)
		if err != nil {
			return err
		}
		end = slices.Concat([]byte(`,"error":null,"meta":`), encoded, []byte("}"))
	}
	for _, part := range [][]byte{[]byte(`{"data":`), data, end} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// failure is the envelope of a failure.
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
	Reason        core.Reason        `json:"reason,omitzero" doc:"Which rule it broke, for codes that cover several"`
	Violations    []violation        `json:"violations,omitempty" nullable:"false" doc:"All that is wrong with the request; on 422"`
	// Details are fields of their own in JSON; documentDetails describes them.
	Details map[string]string `json:",embed"`
}

// reservedMeta are the names in failureMeta that no detail may have.
var reservedMeta = []string{"correlation_id", "reason", "violations"}

type violation struct {
	Field   string `json:"field" doc:"JSON pointer that starts with body, path, query or header" example:"/body/score"`
	Message string `json:"message"`
}

// null is the JSON value null, also in the OpenAPI document.
type null struct{}

// MarshalJSON writes null.
func (null) MarshalJSON() ([]byte, error) { return jsonNull, nil }

var jsonNull = []byte("null")

// Schema is the schema of null.
func (null) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "null"} }

// fail writes the failure envelope, in place of anything written before it. A code without a status, or a message that
// is not UTF-8, becomes an internal error.
func (s *Server) fail(c *fiber.Ctx, x *exchange, err *core.Error) {
	row := s.registry.codes[err.Code]
	body, fault := strictjson.Marshal(envelopeOf(err, x.correlationID))
	if row == nil || fault != nil {
		s.fail(c, x, core.NewInternalError(errors.Join(err, fault)))
		return
	}
	x.failure = err
	s.auditRefusal(c, x)
	for _, header := range statusHeaders[row.Status] {
		if header.value != nil {
			c.Set(header.name, header.value(err))
		}
	}
	c.Response().ResetBody()
	c.Status(row.Status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(body)
}

func envelopeOf(err *core.Error, id core.CorrelationID) failure {
	envelope := failure{
		Fault: failureError{Code: err.Code, Message: err.Message},
		Meta:  failureMeta{CorrelationID: id, Reason: err.Reason, Details: err.Details},
	}
	for _, wrong := range err.Violations {
		envelope.Meta.Violations = append(envelope.Meta.Violations, violation{Field: placeOf(wrong.Field), Message: wrong.Message})
	}
	return envelope
}

// placeOf returns the JSON pointer (RFC 6901) of a field, which starts with body, path, query or header. A field named
// by core came with the body, except the idempotency key.
func placeOf(field string) string {
	switch {
	case strings.HasPrefix(field, "/"):
		return field
	case field == "":
		return "/body"
	case field == "idempotency_key":
		return "/header/Idempotency-Key"
	default:
		return "/body/" + field
	}
}

// retrySeconds returns a failure's Retry-After.
func retrySeconds(err *core.Error) string { return strconv.Itoa(wholeSeconds(err.RetryAfter)) }

// wholeSeconds rounds up, to at least one.
func wholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
