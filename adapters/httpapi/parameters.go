package httpapi

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// decodeParameters takes the percent-encoding off path parameters, once and after routing, so that %2F is a letter of a
// value and never a part of a path (RFC 3986, section 2.4). It refuses parameters, those of the query too, that are no text: no
// store takes them, and no reply could show them.
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
	for _, name := range x.route.query {
		if slices.ContainsFunc(c.Context().QueryArgs().PeekMulti(name), func(value []byte) bool { return !isText(string(value)) }) {
			violations = append(violations, core.Violation{Field: "/query/" + name, Message: "is not text"})
		}
	}
	if len(violations) > 0 {
		return core.NewValidationError(violations...)
	}
	return c.Next()
}

// isText: UTF-8 without control characters.
func isText(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}

// decodedContext shows Huma the decoded parameters.
type decodedContext struct{ encodedContext }

// encodedContext is Huma's context under a name that leaves its method Context visible.
type encodedContext huma.Context

// Unwrap is how Huma finds the context beneath.
func (c decodedContext) Unwrap() huma.Context { return c.encodedContext }

// Param is the decoded path parameter.
func (c decodedContext) Param(name string) string {
	return exchangeOf(humafiber.Unwrap(c.encodedContext)).parameters[name]
}

// Query shows a number, say, that is there and empty as a value that is none: Huma would take it for one that is not there.
func (c decodedContext) Query(name string) string {
	if value := c.encodedContext.Query(name); value != "" {
		return value
	}
	inner := humafiber.Unwrap(c.encodedContext)
	if slices.Contains(exchangeOf(inner).route.typed, name) && inner.Context().QueryArgs().Has(name) {
		return " "
	}
	return ""
}

func useDecoded(ctx huma.Context, next func(huma.Context)) { next(decodedContext{ctx}) }
