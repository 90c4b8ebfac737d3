package httpapi

import (
	"bytes"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// decodeParameters percent-decodes path parameters, once and after routing, so that %2F is a character of a value and
// never a separator (RFC 3986, section 2.4). It refuses path and query parameters that are not text, since stores and
// replies can't hold them.
func decodeParameters(c *fiber.Ctx) error {
	x := exchangeOf(c)
	var violations []core.Violation
	for _, name := range x.route.parameters {
		value, err := url.PathUnescape(c.Params(name))
		if err != nil || !isText(value) {
			violations = append(violations, core.Violation{Field: "/path/" + name, Message: "is not text"})
			continue
		}
		if x.parameters == nil {
			x.parameters = map[string]string{}
		}
		x.parameters[name] = value
	}
	for _, parameter := range x.route.query {
		violations = append(violations, parameter.violations(c)...)
	}
	for _, header := range x.route.headers {
		violations = append(violations, header.violations(c)...)
	}
	if len(violations) > 0 {
		return core.NewValidationError(violations...)
	}
	return c.Next()
}

// queryParameter is a parameter of the query that a route's input declares.
type queryParameter struct {
	name string
	// isNumber and isTime are set by its JSON Schema.
	isNumber, isTime bool
	mayBeEmpty       bool
}

func queryParameterOf(parameter *huma.Param) queryParameter {
	schema := parameter.Schema
	return queryParameter{
		name: parameter.Name, isNumber: schema.Type == huma.TypeNumber, isTime: schema.Format == "date-time", mayBeEmpty: takesEmpty(schema),
	}
}

// takesEmpty reports whether an empty string can be a value. Huma treats every empty parameter as missing.
func takesEmpty(schema *huma.Schema) bool {
	return schema.Type == huma.TypeString && (schema.Pattern == "" || schema.Pattern == textPattern) && schema.Format == "" &&
		schema.Enum == nil && (schema.MinLength == nil || *schema.MinLength == 0)
}

// jsonNumber is the grammar of a number (RFC 8259, section 6). Huma accepts NaN and infinities too.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func (p queryParameter) violations(c *fiber.Ctx) []core.Violation {
	wrong := ""
	for _, value := range c.Context().QueryArgs().PeekMulti(p.name) {
		switch {
		case !isText(string(value)):
			wrong = "is not text"
		case len(value) == 0 && !p.mayBeEmpty:
			wrong = "is empty"
		case p.isNumber && !jsonNumber.Match(value):
			wrong = "is not a number"
		case p.isTime && !isTime(string(value)):
			wrong = "is not an RFC 3339 time"
		}
	}
	if wrong == "" {
		return nil
	}
	return []core.Violation{{Field: "/query/" + p.name, Message: wrong}}
}

// dateTime is the grammar of a time (RFC 3339, section 5.6): time.Parse accepts a comma for the point too, and an hour
// of one digit.
var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil && dateTime.MatchString(text)
}

// headerParameter is a request header that a route's input declares.
type headerParameter struct {
	name string
	// isList reports whether the header's lines are joined into one list (RFC 9110, section 5.3); any other header may
	// come only once.
	isList bool
	// mayBeEmpty reports whether an empty header counts as missing.
	mayBeEmpty bool
}

func headerParameterOf(parameter *huma.Param) headerParameter {
	isList := parameter.Schema.Type == huma.TypeArray
	return headerParameter{name: parameter.Name, isList: isList, mayBeEmpty: isList || takesEmpty(parameter.Schema)}
}

func (h headerParameter) violations(c *fiber.Ctx) []core.Violation {
	lines := c.Request().Header.PeekAll(h.name)
	var wrong string
	switch {
	case slices.ContainsFunc(lines, func(line []byte) bool { return !isText(string(line)) }):
		wrong = "is not text"
	case !h.isList && len(lines) > 1:
		wrong = "is there more than once"
	case !h.mayBeEmpty && len(lines) == 1 && len(lines[0]) == 0:
		wrong = "is empty"
	default:
		return nil
	}
	return []core.Violation{{Field: "/header/" + h.name, Message: wrong}}
}

// isText reports whether value is UTF-8 without control characters.
func isText(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}

// decodedContext shows Huma the decoded parameters.
type decodedContext struct{ encodedContext }

// encodedContext is Huma's context under a name that leaves its method Context visible.
type encodedContext huma.Context

// Unwrap returns the wrapped context to Huma.
func (c decodedContext) Unwrap() huma.Context { return c.encodedContext }

// Param returns the decoded path parameter.
func (c decodedContext) Param(name string) string {
	return exchangeOf(humafiber.Unwrap(c.encodedContext)).parameters[name]
}

// Header returns all lines of a header, joined.
func (c decodedContext) Header(name string) string {
	lines := humafiber.Unwrap(c.encodedContext).Request().Header.PeekAll(name)
	if len(lines) > 1 {
		return string(bytes.Join(lines, []byte(",")))
	}
	return c.encodedContext.Header(name)
}

// BodyReader returns the body that readBody has read.
func (c decodedContext) BodyReader() io.Reader {
	return bytes.NewReader(exchangeOf(humafiber.Unwrap(c.encodedContext)).body)
}

func useDecoded(ctx huma.Context, next func(huma.Context)) { next(decodedContext{ctx}) }

// Prefers reports whether a Prefer header, declared as []string, has a preference of that name, such as respond-async
// (RFC 7240). Names are compared without case; a preference's value and parameters are ignored.
func Prefers(header []string, name string) bool {
	return slices.ContainsFunc(header, func(preference string) bool {
		token, _, _ := strings.Cut(preference, ";")
		token, _, _ = strings.Cut(token, "=")
		return strings.EqualFold(strings.TrimSpace(token), name)
	})
}
