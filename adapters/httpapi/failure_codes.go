package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// FailureCode is one row of the table from code to status, with its documentation.
type FailureCode struct {
	Code core.Code
	// Status is the HTTP status that the code is answered with, 400 to 599.
	Status int
	// When completes the sentence "The service answers this when …".
	When string
	// Example is a failure with this code, for the documentation.
	Example *core.Error
	// Reasons are the reasons that the code can come with.
	Reasons []core.Reason
	// Details are the names in core.Error.Details that the code can come with, with what each id identifies. They are
	// in meta, beside correlation_id.
	Details map[string]string
}

// platformCodes are the codes of the service itself. Engines add theirs by Registry.Failures.
var platformCodes = []FailureCode{
	{Code: codeBadRequest, Status: http.StatusBadRequest, When: "the request is not valid HTTP", Example: errBadRequest},
	{
		Code: core.CodeAuthentication, Status: http.StatusUnauthorized, When: "no token came, or one that is expired or not valid", Example: errNoToken,
		Reasons: []core.Reason{
			core.ReasonTokenMissing, core.ReasonTokenMalformed, core.ReasonAlgorithmRejected, core.ReasonKeyUnknown, core.ReasonSignatureInvalid,
			core.ReasonNotAUserToken, core.ReasonTokenExpired, core.ReasonTokenNotYetValid, core.ReasonAudienceInvalid, core.ReasonIssuerInvalid,
			core.ReasonClaimsInvalid, core.ReasonAccountIncomplete,
		},
	},
	{
		Code: core.CodeForbidden, Status: http.StatusForbidden, When: "the token is good, but this caller may not do this",
		Example: core.NewForbiddenError(core.ReasonRoleNotAllowed, "Your role may not do this"),
		Reasons: []core.Reason{
			core.ReasonRoleNotAllowed, core.ReasonCourseDirectorRequired, core.ReasonInstitutionMismatch, core.ReasonNotOwnRecord,
			core.ReasonNotThisMachine,
		},
	},
	{Code: core.CodeNotFound, Status: http.StatusNotFound, When: "there is no such route or thing", Example: errNoRoute},
	{Code: codeMethodNotAllowed, Status: http.StatusMethodNotAllowed, When: "the route is known, but not with this method", Example: errMethodNotAllowed},
	{Code: codeRequestTimeout, Status: http.StatusRequestTimeout, When: "the request did not arrive in time", Example: errRequestTimeout},
	{
		Code: core.CodeConflict, Status: http.StatusConflict, When: "the state of the thing does not allow it",
		Example: core.NewConflictError("It is there already"),
		Reasons: []core.Reason{core.ReasonAlreadyAnswered, core.ReasonIdempotencyKeyReused, core.ReasonNotTheGivenItem},
	},
	{Code: codePayloadTooLarge, Status: http.StatusRequestEntityTooLarge, When: "the body is over the limit", Example: errPayloadTooLarge},
	{Code: codeUnsupportedMediaType, Status: http.StatusUnsupportedMediaType, When: "the body is of another type", Example: errMediaType},
	{
		Code: core.CodeValidation, Status: http.StatusUnprocessableEntity, When: "a body or parameter does not parse or does not fit",
		Example: core.NewValidationError(core.Violation{Field: "/body/score", Message: "expected number <= 100"}),
	},
	{
		Code: codeRateLimited, Status: http.StatusTooManyRequests, When: "the caller asks too often; try again after `Retry-After`",
		Example: &core.Error{Code: codeRateLimited, Message: "Too many requests: try again later"},
	},
	{Code: codeHeadersTooLarge, Status: http.StatusRequestHeaderFieldsTooLarge, When: "the request line and headers are over the limit", Example: errHeadersTooLarge},
	{
		Code: core.CodeInternal, Status: http.StatusInternalServerError,
		When: "something unexpected happened here; it is logged under the correlation id", Example: core.NewInternalError(nil),
	},
	{
		Code: core.CodeUnavailable, Status: http.StatusServiceUnavailable, When: "it can't be done now; try again after `Retry-After`", Example: errOverloaded,
		Reasons: []core.Reason{
			core.ReasonStarting, core.ReasonDraining, core.ReasonOverloaded, core.ReasonDependencyUnavailable, core.ReasonKeysUnavailable,
		},
	},
}

// statusHeader is a header that belongs to the failures of a status.
type statusHeader struct {
	name string
	// value returns the header's value for a failure; nil if the code that refuses sets it itself.
	value func(*core.Error) string
}

// statusHeaders are the headers that come with a failure's status, for the reply and for the documentation.
var statusHeaders = map[int][]statusHeader{
	http.StatusUnauthorized:     {{fiber.HeaderWWWAuthenticate, challenge}},
	http.StatusForbidden:        {{fiber.HeaderWWWAuthenticate, challenge}},
	http.StatusMethodNotAllowed: {{fiber.HeaderAllow, nil}},
	http.StatusTooManyRequests: {
		{fiber.HeaderRetryAfter, retrySeconds}, {headerRateLimit, nil}, {headerRateLimitPolicy, nil},
	},
	http.StatusServiceUnavailable: {{fiber.HeaderRetryAfter, retrySeconds}},
}

// failureTable has the row of each code.
type failureTable map[core.Code]*FailureCode

func newFailureTable() failureTable {
	table := failureTable{}
	for _, row := range platformCodes {
		table[row.Code] = &row
	}
	return table
}

// reasons returns the reasons of every code, sorted.
func (t failureTable) reasons() []core.Reason {
	var reasons []core.Reason
	for _, row := range t {
		reasons = append(reasons, row.Reasons...)
	}
	slices.Sort(reasons)
	return slices.Compact(reasons)
}

// details returns the details of every code.
func (t failureTable) details() map[string]string {
	details := map[string]string{}
	for _, row := range t {
		maps.Copy(details, row.Details)
	}
	return details
}

// Failures adds an engine's codes to the table, before the routes that list them. It refuses a row that exists already,
// contradicts itself or lacks texts.
func (r *Registry) Failures(rows ...FailureCode) {
	for _, row := range rows {
		if err := r.codes.add(row); err != nil {
			r.faults = append(r.faults, fmt.Errorf("code %q: %w", row.Code, err))
		}
	}
}

// Reasons adds an engine's reasons to a code of the table. A reason that exists already changes nothing, so that
// several engines can share one.
func (r *Registry) Reasons(code core.Code, reasons ...core.Reason) {
	row := r.codes[code]
	if row == nil {
		r.faults = append(r.faults, fmt.Errorf("code %q: reasons were added to it, and it is not in the table", code))
		return
	}
	row.Reasons = slices.Concat(row.Reasons, reasons)
	slices.Sort(row.Reasons)
	row.Reasons = slices.Compact(row.Reasons)
}

func (t failureTable) add(row FailureCode) error {
	switch {
	case t[row.Code] != nil:
		return errors.New("it is in the table already")
	case row.Code == "" || row.When == "":
		return errors.New("it has no name, or does not say when it comes")
	case row.Status < http.StatusBadRequest || row.Status > 599:
		return fmt.Errorf("%d is no status of a failure", row.Status)
	case row.Example == nil || row.Example.Code != row.Code || row.Example.Message == "":
		return errors.New("its example is none of this code, or has no message")
	case row.Example.Reason != "" && !slices.Contains(row.Reasons, row.Example.Reason):
		return errors.New("the reason of its example is none of its reasons")
	}
	for name := range row.Details {
		if slices.Contains(reservedMeta, name) {
			return fmt.Errorf("the detail %s is a field of every failure's meta", name)
		}
	}
	row.Reasons, row.Details = slices.Clone(row.Reasons), maps.Clone(row.Details)
	t[row.Code] = &row
	return nil
}
