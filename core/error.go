package core

import (
	"errors"
	"maps"
	"time"
)

// Code names a kind of failure to a caller. Clients switch on it, so a code never changes its meaning.
type Code string

// The codes that the domain or an engine can cause. What only a transport can cause (a body too large, say) is named
// by that transport.
const (
	CodeAuthentication Code = "AUTHENTICATION_ERROR"
	CodeForbidden      Code = "FORBIDDEN"
	CodeNotFound       Code = "NOT_FOUND"
	CodeConflict       Code = "CONFLICT"
	CodeValidation     Code = "VALIDATION_ERROR"
	CodeInternal       Code = "INTERNAL_ERROR"
	CodeUnavailable    Code = "SERVICE_UNAVAILABLE"
)

// The codes that engines alone cause.
const (
	// CodeInsufficientData is for too few answers to estimate anything from.
	CodeInsufficientData Code = "INSUFFICIENT_DATA"
	// CodeSessionNotFound is for a practice session that is not there.
	CodeSessionNotFound Code = "SESSION_NOT_FOUND"
	// CodeSessionCompleted is for a practice session that has ended, for any reason.
	CodeSessionCompleted Code = "SESSION_COMPLETED"
	// CodeSessionAlreadyActive is for a second practice session of a student.
	CodeSessionAlreadyActive Code = "SESSION_ALREADY_ACTIVE"
	// CodePoolExhausted is for concepts without a question left to practise.
	CodePoolExhausted Code = "POOL_EXHAUSTED"
	// CodeCalibrationInProgress is for a calibration that is asked for while another one is under way.
	CodeCalibrationInProgress Code = "CALIBRATION_IN_PROGRESS"
	// CodeItemNotFound is for an item that is not there, or has no parameters.
	CodeItemNotFound Code = "ITEM_NOT_FOUND"
)

// Reason says which rule a failure broke, for codes that cover several.
type Reason string

// Reasons of CodeAuthentication, in the order in which a token is checked.
const (
	ReasonTokenMissing      Reason = "token_missing"
	ReasonTokenMalformed    Reason = "token_malformed"
	ReasonAlgorithmRejected Reason = "algorithm_rejected"
	ReasonKeyUnknown        Reason = "key_unknown"
	ReasonSignatureInvalid  Reason = "signature_invalid"
	ReasonNotAUserToken     Reason = "not_a_user_token"
	ReasonTokenExpired      Reason = "token_expired"
	ReasonTokenNotYetValid  Reason = "token_not_yet_valid"
	ReasonAudienceInvalid   Reason = "audience_invalid"
	ReasonIssuerInvalid     Reason = "issuer_invalid"
	ReasonClaimsInvalid     Reason = "claims_invalid"
	// ReasonAccountIncomplete is for a good token whose account lacks what the platform needs. A fresh token of the
	// same account does not help; an administrator does.
	ReasonAccountIncomplete Reason = "account_incomplete"
)

// Reasons of CodeForbidden.
const (
	ReasonRoleNotAllowed         Reason = "role_not_allowed"
	ReasonCourseDirectorRequired Reason = "course_director_required"
	ReasonInstitutionMismatch    Reason = "institution_mismatch"
	ReasonNotOwnRecord           Reason = "not_own_record"
	// ReasonNotThisMachine is for what a service in development does for programs and pages on its own machine alone.
	ReasonNotThisMachine Reason = "not_this_machine"
)

// Reasons of CodeConflict.
const (
	ReasonIdempotencyKeyReused Reason = "idempotency_key_reused"
	ReasonNotTheGivenItem      Reason = "not_the_given_item"
	ReasonAlreadyAnswered      Reason = "already_answered"
)

// Reasons of CodeUnavailable.
const (
	ReasonStarting              Reason = "starting"
	ReasonDraining              Reason = "draining"
	ReasonOverloaded            Reason = "overloaded"
	ReasonDependencyUnavailable Reason = "dependency_unavailable"
	ReasonKeysUnavailable       Reason = "keys_unavailable"
)

// Violation is one thing wrong with what the caller sent.
type Violation struct {
	// Field is the value's name, with a slash before a part of it: item_id, stop/theta_sd, scope_concept_ids/3. "" is
	// the request as a whole. The adapter that read the value puts its place before the name, such as body or query.
	Field string
	// Message says what is wrong, without the value.
	Message string
}

// Error is the one error of the platform. Everything but the cause is meant for the caller. The cause is meant for the
// log and never leaves the service.
type Error struct {
	Code       Code
	Message    string
	Reason     Reason
	Violations []Violation
	// Details are ids of what the failure is about, such as run_id, by name.
	Details map[string]string
	// RetryAfter is how long the caller should wait before the same request can succeed; zero if waiting does not help.
	RetryAfter time.Duration

	cause error
}

// Error is the text for the log: the code, the reason and the cause.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Reason != "" {
		text += " (" + string(e.Reason) + ")"
	}
	text += ": " + e.Message
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// WithCause returns a copy of e with its cause.
func (e *Error) WithCause(cause error) *Error {
	because := *e
	because.cause = cause
	return &because
}

// WithDetail returns a copy of e with one more detail.
func (e *Error) WithDetail(name, id string) *Error {
	with := *e
	with.Details = maps.Clone(e.Details)
	if with.Details == nil {
		with.Details = map[string]string{}
	}
	with.Details[name] = id
	return &with
}

// NewAuthenticationError returns the error for a caller whose identity is not proved.
func NewAuthenticationError(reason Reason, message string) *Error {
	return &Error{Code: CodeAuthentication, Reason: reason, Message: message}
}

// NewForbiddenError returns the error for a known caller who may not do this.
func NewForbiddenError(reason Reason, message string) *Error {
	return &Error{Code: CodeForbidden, Reason: reason, Message: message}
}

// NewNotFoundError returns the error for something that does not exist, or does not exist for this caller.
func NewNotFoundError(message string) *Error {
	return &Error{Code: CodeNotFound, Message: message}
}

// NewConflictError returns the error for a request that the current state does not allow.
func NewConflictError(message string) *Error {
	return &Error{Code: CodeConflict, Message: message}
}

// NewValidationError returns the error for an invalid request, with all of its violations.
func NewValidationError(violations ...Violation) *Error {
	return &Error{Code: CodeValidation, Message: "The request is not valid", Violations: violations}
}

// NewUnavailableError returns the error for a request that cannot be served now. The same request may succeed after
// retryAfter.
func NewUnavailableError(reason Reason, message string, retryAfter time.Duration) *Error {
	return &Error{Code: CodeUnavailable, Reason: reason, Message: message, RetryAfter: retryAfter}
}

// NewInternalError returns the error for a fault of the service. Its message is fixed; the cause goes to the log.
func NewInternalError(cause error) *Error {
	return &Error{Code: CodeInternal, Message: "An unexpected error occurred", cause: cause}
}

// errNilError stands for a (*Error)(nil) that was returned as an error.
var errNilError = errors.New("a nil *core.Error was returned as an error")

// AsError returns the *Error in err's chain. If there is none, it returns an internal error with err as its cause. It
// returns nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	switch {
	case !errors.As(err, &known):
		return NewInternalError(err)
	case known == nil:
		return NewInternalError(errNilError)
	default:
		return known
	}
}

// CodeOf is the code of the *Error in err's chain, CodeInternal if there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return AsError(err).Code
}
