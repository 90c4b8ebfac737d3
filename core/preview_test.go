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
					want = core.AllowedNot
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
