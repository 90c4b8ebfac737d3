package httpapi

import (
	"context"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// TimeLayout is the layout of a time in UTC in replies, with its microseconds.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

// ScopeOf returns the part of the bank that the caller of ctx sees.
func ScopeOf(ctx context.Context) bank.Scope {
	caller, _ := core.CallerFrom(ctx)
	if caller.Role == core.RoleSuperadmin {
		return bank.Everywhere()
	}
	return bank.Within(caller.InstitutionID)
}
