package core_test

import (
	"testing"

	"github.com/journey-os/journey-api/core"
)

func TestPreviewSaysWhatCheckWillSay(t *testing.T) {
	rules := map[string]core.Access{
		"public": core.Public(), "signed in": core.SignedIn(), "own": core.SignedIn().OwnInstitution(),
		"faculty": core.AllowRoles(core.RoleFaculty), "directors": core.SignedIn().CourseDirector(),
		"faculty directors of their own": core.AllowRoles(core.RoleFaculty).CourseDirector().OwnInstitution(),
	}
	for name, rule := range rules {
		for _, role := range core.Roles() {
			for _, director := range []bool{false, true} {
				caller := core.AuthTokenPayload{Role: role, InstitutionID: "own", IsCourseDirector: director}
				allowed, reason := rule.Preview(caller)
				own, other := rule.Check(caller, "own"), rule.Check(caller, "other")
				want := core.Allowed
				switch {
				case own != nil:
					want = core.NotAllowed
				case other != nil:
					want = core.AllowedDepends
				}
				if allowed != want || (own != nil) != (reason != "") || own != nil && core.AsError(own).Reason != reason {
					t.Errorf("%s for %s (director %v): %s %s, but Check says %v and %v", name, role, director, allowed, reason, own, other)
				}
			}
		}
	}
}

func TestPreviewOfARecordDependsOnTheRecordUnlessTheCallerReachesAny(t *testing.T) {
	type heard struct {
		Allowed core.Allowance
		Reason  core.Reason
	}
	depends, yes, no := heard{core.AllowedDepends, ""}, heard{core.Allowed, ""}, heard{core.NotAllowed, core.ReasonRoleNotAllowed}
	tests := map[core.RecordAction]map[core.Role]heard{
		core.RecordRead:     {"superadmin": yes, "institutional_admin": depends, "faculty": depends, "advisor": depends, "student": depends},
		core.RecordAnswer:   {"superadmin": yes, "institutional_admin": depends, "faculty": depends, "advisor": no, "student": depends},
		core.RecordPractice: {"superadmin": no, "institutional_admin": no, "faculty": no, "advisor": no, "student": depends},
		core.RecordExport:   {"superadmin": yes, "institutional_admin": depends, "faculty": no, "advisor": no, "student": depends},
		core.RecordDelete:   {"superadmin": yes, "institutional_admin": depends, "faculty": no, "advisor": no, "student": no},
	}
	for action, want := range tests {
		for role, want := range want {
			allowed, reason := core.OnRecord(action).Preview(core.AuthTokenPayload{Role: role, InstitutionID: "own"})
			if got := (heard{allowed, reason}); got != want {
				t.Errorf("%s by %s: %v, want %v", action, role, got, want)
			}
		}
	}
}
