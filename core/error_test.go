package core_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
)

func TestConstructorsFillWhatTheCallerMaySee(t *testing.T) {
	violations := []core.Violation{
		{Field: "score", Message: "must be at most 1"},
		{Field: "/query/limit", Message: "must be a whole number"},
	}
	tests := map[string]struct {
		got  *core.Error
		want core.Error
	}{
		"authentication": {
			core.NewAuthenticationError(core.ReasonTokenExpired, "The token has expired"),
			core.Error{Code: "AUTHENTICATION_ERROR", Reason: "token_expired", Message: "The token has expired"},
		},
		"forbidden": {
			core.NewForbiddenError(core.ReasonRoleNotAllowed, "No"),
			core.Error{Code: "FORBIDDEN", Reason: "role_not_allowed", Message: "No"},
		},
		"not found": {
			core.NewNotFoundError("No such item"),
			core.Error{Code: "NOT_FOUND", Message: "No such item"},
		},
		"conflict": {
			core.NewConflictError("It exists already"),
			core.Error{Code: "CONFLICT", Message: "It exists already"},
		},
		"validation, with all violations at once": {
			core.NewValidationError(violations...),
			core.Error{Code: "VALIDATION_ERROR", Message: "The request is not valid", Violations: violations},
		},
		"unavailable": {
			core.NewUnavailableError(core.ReasonStarting, "Not yet", 3*time.Second),
			core.Error{Code: "SERVICE_UNAVAILABLE", Reason: "starting", Message: "Not yet", RetryAfter: 3 * time.Second},
		},
		"internal, with nothing of its cause": {
			core.NewInternalError(errors.New("password=hunter2")),
			core.Error{Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(&test.want, test.got, cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorTextIsForTheLogAndNamesTheCause(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"code and message":        {core.NewNotFoundError("No such item"), "NOT_FOUND: No such item"},
		"code, reason, message":   {core.NewForbiddenError(core.ReasonRoleNotAllowed, "No"), "FORBIDDEN (role_not_allowed): No"},
		"code, message and cause": {core.NewConflictError("Taken").WithCause(fs.ErrExist), "CONFLICT: Taken: file already exists"},
		"an internal error's cause": {
			core.NewInternalError(fs.ErrClosed), "INTERNAL_ERROR: An unexpected error occurred: file already closed",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.err.Error(); got != test.want {
				t.Errorf("Error() = %q, want %q", got, test.want)
			}
		})
	}
}

func TestErrorIsFoundThroughWrapping(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "keys", Err: fs.ErrPermission}
	inner := core.NewConflictError("Taken").WithCause(fmt.Errorf("insert: %w", cause))
	for name, err := range map[string]error{
		"bare":    inner,
		"wrapped": fmt.Errorf("save: %w", fmt.Errorf("store: %w", inner)),
		"joined":  errors.Join(errors.New("rollback failed"), inner),
	} {
		t.Run(name, func(t *testing.T) {
			if !errors.Is(err, inner) {
				t.Error("errors.Is does not find the error itself")
			}
			if !errors.Is(err, fs.ErrPermission) {
				t.Error("errors.Is does not find the cause")
			}
			var path *fs.PathError
			if !errors.As(err, &path) || path != cause {
				t.Errorf("errors.As found the cause %v", path)
			}
			if got := core.AsError(err); got != inner {
				t.Errorf("AsError = %v", got)
			}
			if got := core.CodeOf(err); got != core.CodeConflict {
				t.Errorf("CodeOf = %q", got)
			}
		})
	}
}

func TestTheOutermostErrorWins(t *testing.T) {
	inner := core.NewNotFoundError("No such item")
	outer := core.NewUnavailableError(core.ReasonOverloaded, "Later", time.Second).WithCause(inner)
	if got := core.CodeOf(fmt.Errorf("list: %w", outer)); got != core.CodeUnavailable {
		t.Errorf("CodeOf = %q", got)
	}
	if !errors.Is(outer, inner) {
		t.Error("the inner error is lost")
	}
}

func TestBecauseLeavesTheOriginalAlone(t *testing.T) {
	original := core.NewConflictError("Taken")
	first, second := original.WithCause(fs.ErrExist), original.WithCause(fs.ErrClosed)
	if original.Unwrap() != nil {
		t.Errorf("the original has the cause %v", original.Unwrap())
	}
	if !errors.Is(first, fs.ErrExist) || errors.Is(first, fs.ErrClosed) {
		t.Errorf("the first copy is %v", first)
	}
	if !errors.Is(second, fs.ErrClosed) || errors.Is(second, fs.ErrExist) {
		t.Errorf("the second copy is %v", second)
	}
	if diff := cmp.Diff(original, first, cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
		t.Errorf("the copy says something else to the caller (-original +copy):\n%s", diff)
	}
}

func TestWhateverIsNoErrorOfThePlatformIsInternal(t *testing.T) {
	var nilError *core.Error
	tests := map[string]error{
		"an error of the library":           fs.ErrNotExist,
		"a deadline":                        context.DeadlineExceeded,
		"a wrapped error":                   fmt.Errorf("query: %w", errors.New("syntax error near secret")),
		"a nil *Error returned as an error": nilError,
		"a wrapped nil *Error":              fmt.Errorf("save: %w", error(nilError)),
	}
	for name, err := range tests {
		t.Run(name, func(t *testing.T) {
			got := core.AsError(err)
			if got == nil || got.Code != core.CodeInternal || got.Message != "An unexpected error occurred" {
				t.Fatalf("AsError = %+v", got)
			}
			if got.Error() == "" || got.Unwrap() == nil {
				t.Errorf("nothing for the log: %q, cause %v", got.Error(), got.Unwrap())
			}
			if code := core.CodeOf(err); code != core.CodeInternal {
				t.Errorf("CodeOf = %q", code)
			}
		})
	}
}

func TestNoErrorHasNoCode(t *testing.T) {
	if got := core.AsError(nil); got != nil {
		t.Errorf("AsError(nil) = %v", got)
	}
	if got := core.CodeOf(nil); got != "" {
		t.Errorf("CodeOf(nil) = %q", got)
	}
}

func TestWithAddsADetailToACopy(t *testing.T) {
	plain := core.NewConflictError("A run is under way")
	one := plain.WithDetail("run_id", "r1")
	two := one.WithDetail("session_id", "s1")
	if plain.Details != nil || len(one.Details) != 1 {
		t.Errorf("the copied ones were changed: %v, %v", plain.Details, one.Details)
	}
	if diff := cmp.Diff(map[string]string{"run_id": "r1", "session_id": "s1"}, two.Details); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
}
