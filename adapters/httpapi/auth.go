package httpapi

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/core"
)

// institutionParam is the path or query parameter that names a tenant.
const institutionParam = "institution_id"

// authenticate admits a request with a verified caller, and every request of a public route, whose token is not
// checked.
func (s *Server) authenticate(c *fiber.Ctx) error {
	x := exchangeOf(c)
	if x.route.Access.IsPublic() {
		return c.Next()
	}
	caller, err := s.verified(c)
	if err != nil {
		err = s.refusal(c, x, err)
		x.authentication = outcomeOf(err)
		return err
	}
	x.authentication = authenticated
	x.caller = &caller
	c.SetUserContext(core.WithCaller(c.UserContext(), caller))
	if err := s.admitUser(c, x); err != nil {
		return err
	}
	return c.Next()
}

func (s *Server) verified(c *fiber.Ctx) (core.AuthTokenPayload, error) {
	token, err := bearerToken(&c.Request().Header)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	return s.verifier.Verify(c.UserContext(), token)
}

// authorize checks the caller against the route's access rule.
func (s *Server) authorize(c *fiber.Ctx) error {
	x := exchangeOf(c)
	if x.route.Access.IsPublic() {
		return c.Next()
	}
	x.institution = institutionOf(c, x.route)
	if err := x.route.Access.Check(*x.caller, x.institution); err != nil {
		return err
	}
	if err := openRecords(c, x); err != nil {
		return err
	}
	return c.Next()
}

// institutionOf is the institution that the request names: the path's, or the query's if the path has none. A query
// that names several is treated as naming none.
func institutionOf(c *fiber.Ctx, route *Route) string {
	if !route.Access.NeedsInstitution() {
		return ""
	}
	if id := exchangeOf(c).parameters[institutionParam]; id != "" {
		return id
	}
	if named := c.Context().QueryArgs().PeekMulti(institutionParam); len(named) == 1 {
		return string(named[0])
	}
	return ""
}

// bearerToken returns the token of the only Authorization header (RFC 6750, section 2.1; the scheme is case-insensitive
// by RFC 9110, section 11.1).
func bearerToken(header *fasthttp.RequestHeader) (string, error) {
	values := header.PeekAll(fiber.HeaderAuthorization)
	if len(values) == 0 {
		return "", errNoToken
	}
	if len(values) > 1 {
		return "", core.NewAuthenticationError(core.ReasonTokenMalformed, "There is more than one Authorization header")
	}
	scheme, token, _ := strings.Cut(string(values[0]), " ")
	token = strings.TrimLeft(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", core.NewAuthenticationError(core.ReasonTokenMalformed, "The Authorization header must be Bearer and a token")
	}
	return token, nil
}

// challenge returns the WWW-Authenticate header of a refusal (RFC 6750, section 3); without credentials it has no
// error.
func challenge(err *core.Error) string {
	const realm = `Bearer realm="journey-api"`
	switch {
	case err.Code == core.CodeForbidden:
		return realm + `, error="insufficient_scope"`
	case err.Reason == core.ReasonTokenMissing:
		return realm
	default:
		return realm + `, error="invalid_token"`
	}
}
