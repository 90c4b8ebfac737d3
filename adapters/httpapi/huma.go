package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
	"github.com/journey-os/journey-api/core"
)

// Huma makes all its errors with two constructors, which are global. They are set once for the process, and depend on
// no server.
func init() { //nolint:gochecknoinits // Huma offers no other way
	huma.ValidateStrictCasing = true // as the decoder does: "Score" is not "score"
	huma.NewError = func(int, string, ...error) huma.StatusError { return &failure{} }
	huma.NewErrorWithContext = noteHumaError
	huma.ErrorFormatter = withPlainNumbers //nolint:reassign // as above
}

// withPlainNumbers writes the numbers of a message without an exponent: 1000000, not 1e+06.
func withPlainNumbers(format string, values ...any) string {
	for i, value := range values {
		if number, ok := value.(float64); ok {
			values[i] = strconv.FormatFloat(number, 'f', -1, 64)
		}
	}
	return fmt.Sprintf(format, values...)
}

// GetStatus and Error make failure an error of Huma, from which the document gets its schema.
func (*failure) GetStatus() int { return http.StatusInternalServerError }
func (*failure) Error() string  { return "failure" }

// noteHumaError passes an error that Huma is about to write to the chain, which writes it instead (mapErrors).
func noteHumaError(ctx huma.Context, status int, message string, details ...error) huma.StatusError {
	c := humafiber.Unwrap(ctx)
	exchangeOf(c).failure = humaErrorOf(status, message, details)
	return &failure{}
}

// humaErrorOf converts an error of Huma: an error of the handler, or violations of the request.
func humaErrorOf(status int, message string, details []error) *core.Error {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return core.NewValidationError(violationsOf(message, details)...)
	case http.StatusUnsupportedMediaType:
		return errMediaType
	case http.StatusRequestEntityTooLarge:
		return errPayloadTooLarge
	}
	if len(details) == 1 {
		return errorOf(details[0])
	}
	return core.NewInternalError(fmt.Errorf("unexpected error %d of the route's framework: %s", status, message))
}

const (
	// maxViolations and maxField bound a reply, whatever is wrong in a request.
	maxViolations = 100
	maxField      = 200
)

func violationsOf(message string, details []error) []core.Violation {
	if len(details) == 0 {
		return []core.Violation{{Field: "/body", Message: message}}
	}
	violations := make([]core.Violation, 0, min(len(details), maxViolations+1))
	for i, detail := range details {
		if i == maxViolations {
			return append(violations, core.Violation{Field: "/", Message: "has more violations than are shown here"})
		}
		violation := core.Violation{Field: "/body", Message: "is not valid"}
		if known, ok := detail.(huma.ErrorDetailer); ok {
			violation = violationOf(known.ErrorDetail())
		}
		violations = append(violations, violation)
	}
	return violations
}

// violationOf drops the caller's value, which may be a secret.
func violationOf(detail *huma.ErrorDetail) core.Violation {
	field, message := pointerOf(detail.Location), detail.Message
	if end := strings.LastIndex(message, pointerEnd); end >= 0 { // a bodyFault
		field, message = field+message[:end], message[end+len(pointerEnd):]
	}
	if name, ok := missingProperty(message); ok { // Huma names the object that lacks it
		field += "/" + escapePointer(name)
	}
	if len(field) > maxField {
		field = strings.ToValidUTF8(field[:maxField], "") + "…"
	}
	return core.Violation{Field: field, Message: message}
}

var requiredProperty = regexp.MustCompile(`^expected required property (.+) to be present$`)

func missingProperty(message string) (string, bool) {
	match := requiredProperty.FindStringSubmatch(message)
	if match == nil {
		return "", false
	}
	return match[1], true
}

// pointerOf turns Huma's body.items[0].name into the JSON pointer /body/items/0/name (RFC 6901).
func pointerOf(location string) string {
	location = escapePointer(location)
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(location)
}

func escapePointer(text string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(text)
}

// writeJSON writes a value as strictjson.Write does, and one whose data was encoded earlier around that.
func writeJSON(w io.Writer, value any) error {
	if before, ok := value.(preEncoded); ok {
		if data, meta := before.encodedData(); data != nil {
			return writeEncoded(w, data, meta)
		}
	}
	return strictjson.Write(w, value)
}

// readJSON reads a body as strictjson.Read does; Huma makes a violation of its error.
func readJSON(data []byte, value any) error {
	err := strictjson.Read(data, value)
	if fault, ok := errors.AsType[*strictjson.Fault](err); ok {
		return bodyFault{fault}
	}
	return err
}

// bodyFault is a fault of a body as Huma takes it: of the error of a body Huma keeps the text alone, so the text begins
// with the pointer.
type bodyFault struct{ *strictjson.Fault }

// pointerEnd stands between the pointer and the message.
const pointerEnd = "\x00"

func (f bodyFault) Error() string { return f.Pointer + pointerEnd + f.Message }
