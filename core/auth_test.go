package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
)

// student is the valid caller that the tests of this package start from.
func student() core.AuthTokenPayload {
	return core.AuthTokenPayload{
		Subject:       "student-uuid-1",
		Email:         "marcus@msm.edu",
		Role:          core.RoleStudent,
		InstitutionID: "inst-uuid-1",
		Audience:      "authenticated",
		ExpiresAt:     time.Unix(1_740_000_000, 0),
		IssuedAt:      time.Unix(1_739_996_400, 0),
	}
}

func TestNewAuthTokenPayloadKeepsAValidCallerAsItIs(t *testing.T) {
	tests := map[string]func(*core.AuthTokenPayload){
		"a student":                      func(*core.AuthTokenPayload) {},
		"a course director":              func(c *core.AuthTokenPayload) { c.Role, c.IsCourseDirector = core.RoleFaculty, true },
		"a superadmin of no tenant":      func(c *core.AuthTokenPayload) { c.Role, c.InstitutionID = core.RoleSuperadmin, "" },
		"a superadmin of a tenant":       func(c *core.AuthTokenPayload) { c.Role = core.RoleSuperadmin },
		"an advisor":                     func(c *core.AuthTokenPayload) { c.Role = core.RoleAdvisor },
		"an institutional admin":         func(c *core.AuthTokenPayload) { c.Role = core.RoleInstitutionalAdmin },
		"the first second of token time": func(c *core.AuthTokenPayload) { c.IssuedAt = time.Unix(0, 0) },
		"the last second of token time":  func(c *core.AuthTokenPayload) { c.ExpiresAt = time.Unix(253402300799, 0) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			want := student()
			change(&want)
			got, err := core.NewAuthTokenPayload(want)
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewAuthTokenPayloadNamesTheClaimThatIsWrong(t *testing.T) {
	tests := map[string]struct {
		change  func(*core.AuthTokenPayload)
		message string
	}{
		"no sub":   {func(c *core.AuthTokenPayload) { c.Subject = "" }, "The token has no sub"},
		"no email": {func(c *core.AuthTokenPayload) { c.Email = "" }, "The account has no email"},
		"no role":  {func(c *core.AuthTokenPayload) { c.Role = "" }, "The account has no app_metadata.role yet"},
		"a role that is none": {
			func(c *core.AuthTokenPayload) { c.Role = "owner" },
			"The account's app_metadata.role is not a role of the platform",
		},
		"no institution": {
			func(c *core.AuthTokenPayload) { c.InstitutionID = "" },
			"The account has no app_metadata.institution_id yet",
		},
		"an institutional admin of no institution": {
			func(c *core.AuthTokenPayload) { c.Role, c.InstitutionID = core.RoleInstitutionalAdmin, "" },
			"The account has no app_metadata.institution_id yet",
		},
		"no aud": {func(c *core.AuthTokenPayload) { c.Audience = "" }, "The token has no aud"},
		"no exp": {func(c *core.AuthTokenPayload) { c.ExpiresAt = time.Time{} }, "The token's exp is out of range"},
		"an exp after the year 9999": {
			func(c *core.AuthTokenPayload) { c.ExpiresAt = time.Unix(253402300800, 0) },
			"The token's exp is out of range",
		},
		"no iat": {func(c *core.AuthTokenPayload) { c.IssuedAt = time.Time{} }, "The token's iat is out of range"},
		"an iat before 1970": {
			func(c *core.AuthTokenPayload) { c.IssuedAt = time.Unix(-1, 0) },
			"The token's iat is out of range",
		},
		"nothing at all": {func(c *core.AuthTokenPayload) { *c = core.AuthTokenPayload{} }, "The token has no sub"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			claims := student()
			test.change(&claims)
			got, err := core.NewAuthTokenPayload(claims)
			if got != (core.AuthTokenPayload{}) {
				t.Errorf("a refused caller came back: %+v", got)
			}
			reason := core.ReasonClaimsInvalid
			if strings.HasPrefix(test.message, "The account") {
				reason = core.ReasonAccountIncomplete
			}
			want := core.NewAuthenticationError(reason, test.message)
			if diff := cmp.Diff(want, core.AsError(err), cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContextCarriesTheCaller(t *testing.T) {
	if caller, ok := core.CallerFrom(t.Context()); ok {
		t.Errorf("a bare context has the caller %+v", caller)
	}
	want := student()
	got, ok := core.CallerFrom(core.WithCaller(t.Context(), want))
	if !ok {
		t.Fatal("the caller is lost")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("caller (-want +got):\n%s", diff)
	}
}
