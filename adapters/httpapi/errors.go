package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/core"
)

// The codes that only a transport causes.
const (
	codeBadRequest           core.Code = "BAD_REQUEST"
	codeMethodNotAllowed     core.Code = "METHOD_NOT_ALLOWED"
	codeRequestTimeout       core.Code = "REQUEST_TIMEOUT"
	codePayloadTooLarge      core.Code = "PAYLOAD_TOO_LARGE"
	codeUnsupportedMediaType core.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeRateLimited          core.Code = "RATE_LIMITED"
	codeHeadersTooLarge      core.Code = "HEADERS_TOO_LARGE"
)

// What the wire, the router and the chain can cause.
var (
	errBadRequest       = &core.Error{Code: codeBadRequest, Message: "The request is not valid HTTP"}
	errNoToken          = core.NewAuthenticationError(core.ReasonTokenMissing, "Sign in: this needs an Authorization header with a bearer token")
	errNoRoute          = core.NewNotFoundError("There is nothing here")
	errMethodNotAllowed = &core.Error{Code: codeMethodNotAllowed, Message: "This method is not allowed here"}
	errRequestTimeout   = &core.Error{Code: codeRequestTimeout, Message: "The request did not arrive in time"}
	errPayloadTooLarge  = &core.Error{Code: codePayloadTooLarge, Message: "The body is too large"}
	errMediaType        = &core.Error{Code: codeUnsupportedMediaType, Message: "The body must be application/json, not compressed"}
	errHeadersTooLarge  = &core.Error{Code: codeHeadersTooLarge, Message: "The request line and headers are too large"}
	errOverloaded       = core.NewUnavailableError(core.ReasonOverloaded, "The service is overloaded", retryAfter)
	errTooSlow          = core.NewUnavailableError(core.ReasonDependencyUnavailable, "The request took too long", retryAfter)
)

// failures is the one table of codes: the status that each has, when it comes, and an example for the documentation.
var failures = map[core.Code]struct {
	status  int
	when    string
	example *core.Error
}{
	codeBadRequest:           {http.StatusBadRequest, "the request is not valid HTTP", errBadRequest},
	core.CodeAuthentication:  {http.StatusUnauthorized, "no token, or one that is expired or not valid", errNoToken},
	core.CodeForbidden:       {http.StatusForbidden, "the token is good, but this caller may not do this", core.NewForbiddenError(core.ReasonRoleNotAllowed, "Your role may not do this")},
	core.CodeNotFound:        {http.StatusNotFound, "there is no such route or thing", errNoRoute},
	codeMethodNotAllowed:     {http.StatusMethodNotAllowed, "the route is known, but not with this method", errMethodNotAllowed},
	codeRequestTimeout:       {http.StatusRequestTimeout, "the request did not arrive in time", errRequestTimeout},
	core.CodeConflict:        {http.StatusConflict, "the state of the thing does not allow it", core.NewConflictError("It is there already")},
	codePayloadTooLarge:      {http.StatusRequestEntityTooLarge, "the body is over the limit", errPayloadTooLarge},
	codeUnsupportedMediaType: {http.StatusUnsupportedMediaType, "the body is of another type", errMediaType},
	core.CodeValidation:      {http.StatusUnprocessableEntity, "a body or parameter does not parse or does not fit", core.NewValidationError(core.Violation{Field: "/body/score", Message: "expected number <= 100"})},
	codeRateLimited:          {http.StatusTooManyRequests, "the caller asks too often; try again after `Retry-After`", &core.Error{Code: codeRateLimited, Message: "Too many requests: try again later"}},
	codeHeadersTooLarge:      {http.StatusRequestHeaderFieldsTooLarge, "the request line and headers are over the limit", errHeadersTooLarge},
	core.CodeInternal:        {http.StatusInternalServerError, "something unexpected happened here; it is logged under the correlation id", core.NewInternalError(nil)},
	core.CodeUnavailable:     {http.StatusServiceUnavailable, "not now; try again after `Retry-After`", errOverloaded},
}

// errorOf finds the one error in whatever a handler, the router or a library returned. Only a *core.Error speaks to the
// caller; what is not known stays inside as the cause of an internal error.
func errorOf(err error) *core.Error {
	var known *core.Error
	var routing *fiber.Error
	switch {
	case errors.As(err, &known):
		return core.AsError(err) // a nil one is an error too
	case errors.As(err, &routing) && routing.Code == http.StatusNotFound:
		return errNoRoute
	case errors.As(err, &routing) && routing.Code == http.StatusMethodNotAllowed:
		return errMethodNotAllowed
	case errors.Is(err, context.DeadlineExceeded):
		return errTooSlow.Because(err)
	default:
		return core.NewInternalError(err)
	}
}

// socketErrorOf names what fasthttp met before there was a request. Its error texts quote the request, so they are no
// cause either, and not all of its errors say that the time was over: the connection knows.
func socketErrorOf(err error, late bool) *core.Error {
	var small *fasthttp.ErrSmallBuffer
	switch {
	case late:
		return errRequestTimeout
	case errors.As(err, &small):
		return errHeadersTooLarge
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return errPayloadTooLarge
	default:
		return errBadRequest
	}
}

// mapErrors is where every error of the chain inside it becomes a reply.
func (s *Server) mapErrors(c *fiber.Ctx) error {
	x := exchangeOf(c)
	if err := c.Next(); err != nil {
		s.fail(c, x, errorOf(err))
	} else if x.failure != nil {
		s.fail(c, x, x.failure) // Huma's, noted by noteHumaError
	}
	return nil
}

// answerSocketFault answers what never became a request. Fiber calls it on a context that no middleware has seen.
func (s *Server) answerSocketFault(c *fiber.Ctx, fault error) {
	if errors.Is(fault, net.ErrClosed) {
		return // we closed it ourselves, and nobody is there to be answered
	}
	conn := connectionOf(c.Context())
	failure := socketErrorOf(fault, conn != nil && conn.late)
	// Only a body whose announced length is over the limit leaves the headers readable: fasthttp forgets them otherwise.
	unreadable := failure != errPayloadTooLarge || c.Request().Header.ContentLength() <= 0
	x := s.begin(c, unreadable)
	if unreadable {
		s.varyByOrigin(c)
	} else {
		s.allowOrigin(c)
	}
	s.fail(c, x, failure)
	s.finish(c, x)
	lingerOn(c)
}
