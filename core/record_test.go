package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
)

// The caller of these tests has the id "me" and belongs to "here".
var (
	mine       = core.Record{StudentID: "me", InstitutionID: "here"}
	neighbours = core.Record{StudentID: "neighbour", InstitutionID: "here"}
	strangers  = core.Record{StudentID: "stranger", InstitutionID: "elsewhere"}
	moved      = core.Record{StudentID: "me", InstitutionID: "elsewhere"}
	homeless   = core.Record{StudentID: "stranger"}
)

var errMissing = core.NewNotFoundError("There is no such student")

func asking(role core.Role, action core.RecordAction) *core.RecordAccess {
	return core.NewRecordAccess(action, core.AuthTokenPayload{Subject: "me", Role: role, InstitutionID: "here"})
}

// recordRules is the platform's table: for each action and role, the outcome for the caller's own record, the own one
// in another institution, another student's, another's in another institution, and one without an institution. y lets
// in; r refuses the role, o the record of somebody else, and n is as if there were none.
var recordRules = map[core.RecordAction]map[core.Role]string{
	core.RecordRead: {
		"superadmin": "yyyyy", "institutional_admin": "ynynn", "faculty": "ynynn", "advisor": "ynynn", "student": "yyooo", "": "rrrrr",
	},
	core.RecordAnswer: {
		"superadmin": "yyyyy", "institutional_admin": "ynynn", "faculty": "ynynn", "advisor": "rrrrr", "student": "yyooo", "": "rrrrr",
	},
	core.RecordPractice: {
		"superadmin": "rrrrr", "institutional_admin": "rrrrr", "faculty": "rrrrr", "advisor": "rrrrr", "student": "yyooo", "": "rrrrr",
	},
	core.RecordExport: {
		"superadmin": "yyyyy", "institutional_admin": "ynynn", "faculty": "rrrrr", "advisor": "rrrrr", "student": "yyooo", "": "rrrrr",
	},
	core.RecordDelete: {
		"superadmin": "yyyyy", "institutional_admin": "ynynn", "faculty": "rrrrr", "advisor": "rrrrr", "student": "rrrrr", "": "rrrrr",
	},
	"look": {"superadmin": "rrrrr", "student": "rrrrr"},
}

func TestRecordAccessDecidesEveryRecordForEveryRole(t *testing.T) {
	for action, roles := range recordRules {
		for role, want := range roles {
			for i, record := range []core.Record{mine, moved, neighbours, strangers, homeless} {
				access := asking(role, action)
				err := access.Check(record, errMissing)
				if got := verdictOf(err); got != want[i] {
					t.Errorf("%s by %q on %v: %c (%v), want %c", action, role, record, got, err, want[i])
				}
				if access.Checked() != (err == nil) {
					t.Errorf("%s by %q on %v: passed %v after %v", action, role, record, access.Checked(), err)
				}
			}
		}
	}
}

func verdictOf(err error) byte {
	refusal := core.AsError(err)
	switch {
	case refusal == nil:
		return 'y'
	case refusal.Code == core.CodeForbidden && refusal.Reason == core.ReasonRoleNotAllowed:
		return 'r'
	case refusal.Code == core.CodeForbidden && refusal.Reason == core.ReasonNotOwnRecord:
		return 'o'
	case refusal.Code == errMissing.Code && refusal.Message == errMissing.Message && refusal.Reason == "":
		return 'n'
	default:
		return '?'
	}
}

func TestARecordElsewhereLooksLikeOneThatDoesNotExistButForTheLog(t *testing.T) {
	err := asking(core.RoleFaculty, core.RecordRead).Check(strangers, errMissing)
	refusal, ok := errors.AsType[*core.RecordRefusal](err)
	if !ok {
		t.Fatalf("the cause of %v is no refusal", err)
	}
	if diff := cmp.Diff(&core.RecordRefusal{Record: strangers, Reason: core.ReasonInstitutionMismatch}, refusal); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
	if _, known := errors.AsType[*core.RecordRefusal](errMissing); known {
		t.Error("the error for a missing record was changed")
	}
}

func TestCheckStudentRefusesBeforeAnythingIsLoaded(t *testing.T) {
	for role, want := range map[core.Role]string{"student": "yo", "faculty": "yy", "superadmin": "yy", "": "rr"} {
		access := asking(role, core.RecordRead)
		for i, student := range []string{"me", "neighbour"} {
			if got := verdictOf(access.CheckStudent(student)); got != want[i] {
				t.Errorf("%q naming %s: %c, want %c", role, student, got, want[i])
			}
		}
		if access.Checked() {
			t.Errorf("naming a student lets %q through", role)
		}
	}
}

func TestListsAreBoundedByTheCallersReach(t *testing.T) {
	for role, want := range map[core.Role]core.Record{
		"student": {StudentID: "me"}, "advisor": {InstitutionID: "here"}, "institutional_admin": {InstitutionID: "here"}, "superadmin": {},
	} {
		access := asking(role, core.RecordRead)
		if got, err := access.Bounds(); err != nil || got != want || !access.Checked() {
			t.Errorf("%s: %+v, %v, passed %v; want %+v", role, got, err, access.Checked(), want)
		}
	}
	access := asking(core.RoleAdvisor, core.RecordAnswer)
	if _, err := access.Bounds(); verdictOf(err) != 'r' || access.Checked() {
		t.Errorf("a role that may not: %v, passed %v", err, access.Checked())
	}
}

func TestANewRecordBelongsToTheCallersInstitution(t *testing.T) {
	type home struct {
		Institution string
		Reason      core.Reason
	}
	tests := map[core.Role]map[string]home{
		"student":    {"": {"here", ""}, "here": {"here", ""}, "elsewhere": {"", core.ReasonInstitutionMismatch}},
		"faculty":    {"": {"here", ""}, "here": {"here", ""}, "elsewhere": {"", core.ReasonInstitutionMismatch}},
		"superadmin": {"": {"", ""}, "elsewhere": {"elsewhere", ""}},
	}
	for role, named := range tests {
		for named, want := range named {
			institution, err := asking(role, core.RecordAnswer).HomeInstitution(named)
			got := home{Institution: institution}
			if err != nil {
				got.Reason = core.AsError(err).Reason
			}
			if got != want {
				t.Errorf("%s naming %q: %+v, want %+v", role, named, got, want)
			}
		}
	}
}

func TestARecordIsFoundOnlyForWhoMayActOnIt(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]struct {
		role    core.Role
		student string
		found   *core.Record
		fault   error
		asked   bool
		want    core.Record
		err     error
	}{
		"the own one":              {"student", "me", &mine, nil, true, mine, nil},
		"one of the institution":   {"faculty", "neighbour", &neighbours, nil, true, neighbours, nil},
		"one that is not there":    {"faculty", "neighbour", nil, nil, true, core.Record{}, core.ErrNoStudent},
		"one of another one":       {"faculty", "stranger", &strangers, nil, true, core.Record{}, core.ErrNoStudent},
		"another student's":        {"student", "neighbour", &neighbours, nil, false, core.Record{}, core.AsError(asking("student", core.RecordRead).CheckStudent("neighbour"))},
		"a store that has a fault": {"faculty", "neighbour", &neighbours, broken, true, core.Record{}, broken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked, access := false, asking(tt.role, core.RecordRead)
			got, err := access.Find(t.Context(), tt.student, func(_ context.Context, id string) (*core.Record, error) {
				asked = id == tt.student
				return tt.found, tt.fault
			})
			if got != tt.want || asked != tt.asked || access.Checked() != (tt.err == nil) {
				t.Errorf("%v, asked %v, passed %v; want %v and %v", got, asked, access.Checked(), tt.want, tt.asked)
			}
			if (err == nil) != (tt.err == nil) || err != nil && !strings.HasPrefix(err.Error(), tt.err.Error()) { // a cause may follow
				t.Errorf("%v, want %v", err, tt.err)
			}
		})
	}
}
