package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
	"github.com/journey-os/journey-api/core"
)

// The codes that only the transport causes.
const (
	codeBadRequest           core.Code = "BAD_REQUEST"
	codeMethodNotAllowed     core.Code = "METHOD_NOT_ALLOWED"
	codeRequestTimeout       core.Code = "REQUEST_TIMEOUT"
	codePayloadTooLarge      core.Code = "PAYLOAD_TOO_LARGE"
	codeUnsupportedMediaType core.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeRateLimited          core.Code = "RATE_LIMITED"
	codeHeadersTooLarge      core.Code = "HEADERS_TOO_LARGE"
)

// The errors that the wire, the router and the chain can cause.
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

// errorOf returns the *core.Error of an error that a handler, the router or a library returned. Only a *core.Error is
// shown to the caller; any other error is the cause of an internal error.
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
		return errTooSlow.WithCause(err)
	default:
		return core.NewInternalError(err)
	}
}

// socketErrorOf returns the error for a fault of fasthttp before there was a request. fasthttp's error texts quote the
// request, so they are not kept as a cause. Not all of its errors tell a time-out; late does.
func socketErrorOf(err error, late bool) *core.Error {
	var small *fasthttp.ErrSmallBuffer
	switch {
	case late:
		return errRequestTimeout
	case errors.As(err, &small):
		return errHeadersTooLarge
	default:
		return errBadRequest
	}
}

// mapErrors turns every error of the chain inside it into a reply.
func (s *Server) mapErrors(c *fiber.Ctx) error {
	x := exchangeOf(c)
	if err := c.Next(); err != nil {
		s.fail(c, x, errorOf(err))
	} else if x.failure != nil {
		s.fail(c, x, x.failure) // Huma's, noted by noteHumaError
	}
	return nil
}

// answerSocketFault answers input that never became a request. Fiber calls it on a context that no middleware has seen.
func (s *Server) answerSocketFault(c *fiber.Ctx, fault error) {
	if errors.Is(fault, net.ErrClosed) {
		return // we closed it ourselves, and nobody is there to be answered
	}
	conn := sockets.Of(c.Context().Conn())
	failure := socketErrorOf(fault, conn.IsLate())
	x := s.begin(c, true)
	s.varyByOrigin(c)
	s.fail(c, x, failure)
	s.finish(c, x)
	conn.Linger()
}
