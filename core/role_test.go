package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
)

func TestRolesHaveTheStorysNamesAndLevelsStrongestFirst(t *testing.T) {
	type ranked struct {
		Name  string
		Level int
	}
	want := []ranked{
		{"superadmin", 100},
		{"institutional_admin", 80},
		{"faculty", 60},
		{"advisor", 40},
		{"student", 20},
	}
	var got []ranked
	for _, role := range core.Roles() {
		got = append(got, ranked{Name: string(role), Level: role.Level()})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestParseRoleAcceptsEveryRole(t *testing.T) {
	for _, role := range core.Roles() {
		if got, ok := core.ParseRole(string(role)); !ok || got != role {
			t.Errorf("ParseRole(%q) = %q, %t", role, got, ok)
		}
	}
}

func TestParseRoleRefusesWhatIsNotExactlyARole(t *testing.T) {
	for _, name := range []string{"", "Student", "STUDENT", " student", "student ", "student\n", "admin", "service_role", "authenticated"} {
		if _, ok := core.ParseRole(name); ok {
			t.Errorf("ParseRole(%q) was accepted", name)
		}
		if level := core.Role(name).Level(); level != 0 {
			t.Errorf("Role(%q).Level() = %d, want 0", name, level)
		}
	}
}

func TestRolesCannotBeChangedByACaller(t *testing.T) {
	core.Roles()[0] = core.RoleStudent
	if got := core.Roles()[0]; got != core.RoleSuperadmin {
		t.Errorf("the strongest role became %q", got)
	}
}
