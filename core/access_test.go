package core_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
)

// verdicts is what a rule says to a caller for a request that names their own institution, another one and none:
// first without the course director's flag, then with it.
type verdicts string

// The letters of verdicts: y lets in; r, d and i refuse for the role, the course director's flag and the institution.
var reasonOf = map[byte]core.Reason{
	'y': "",
	'r': "role_not_allowed",
	'd': "course_director_required",
	'i': "institution_mismatch",
}

type ruleTable map[core.Role]verdicts

// rules is the whole truth about access: every kind of rule for every role.
var rules = map[string]struct {
	rule core.Access
	want ruleTable
}{
	"the zero rule": {core.Access{}, ruleTable{
		"superadmin": "rrr rrr", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"the zero rule narrowed": {core.Access{}.CourseDirector().OwnInstitution(), ruleTable{
		"superadmin": "rrr rrr", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"public": {core.Public(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "yyy yyy",
		"advisor": "yyy yyy", "student": "yyy yyy", "": "yyy yyy", "owner": "yyy yyy",
	}},
	"signed in": {core.SignedIn(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "yyy yyy",
		"advisor": "yyy yyy", "student": "yyy yyy", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"signed in, own institution": {core.SignedIn().OwnInstitution(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yii yii", "faculty": "yii yii",
		"advisor": "yii yii", "student": "yii yii", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"signed in, course director": {core.SignedIn().CourseDirector(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "ddd yyy",
		"advisor": "ddd ddd", "student": "ddd ddd", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"signed in, course director, own institution": {core.SignedIn().CourseDirector().OwnInstitution(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yii yii", "faculty": "ddd yii",
		"advisor": "ddd ddd", "student": "ddd ddd", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"students": {core.AllowRoles(core.RoleStudent), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "yyy yyy", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"faculty and advisors": {core.AllowRoles(core.RoleFaculty, core.RoleAdvisor), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "rrr rrr", "faculty": "yyy yyy",
		"advisor": "yyy yyy", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"superadmins": {core.AllowRoles(core.RoleSuperadmin), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"admins and faculty, course director": {
		core.AllowRoles(core.RoleInstitutionalAdmin, core.RoleFaculty).CourseDirector(), ruleTable{
			"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "ddd yyy",
			"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
		},
	},
	"reading records": {core.OnRecord(core.RecordRead), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "yyy yyy",
		"advisor": "yyy yyy", "student": "yyy yyy", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"practising": {core.OnRecord(core.RecordPractice), ruleTable{
		"superadmin": "rrr rrr", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "yyy yyy", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"deleting records, course director": {core.OnRecord(core.RecordDelete).CourseDirector(), ruleTable{
		"superadmin": "yyy yyy", "institutional_admin": "yyy yyy", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"an action that is none": {core.OnRecord("look"), ruleTable{
		"superadmin": "rrr rrr", "institutional_admin": "rrr rrr", "faculty": "rrr rrr",
		"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
	}},
	"faculty, course director, own institution": {
		core.AllowRoles(core.RoleFaculty).OwnInstitution().CourseDirector(), ruleTable{
			"superadmin": "yyy yyy", "institutional_admin": "rrr rrr", "faculty": "ddd yii",
			"advisor": "rrr rrr", "student": "rrr rrr", "": "rrr rrr", "owner": "rrr rrr",
		},
	},
}

func TestAccessDecidesEveryRoleUnderEveryRule(t *testing.T) {
	const own, other, none = "inst-uuid-1", "inst-uuid-2", ""
	for name, test := range rules {
		for role, want := range test.want {
			t.Run(name+" for role "+string(role), func(t *testing.T) {
				for at, institution := range map[int]string{0: own, 1: other, 2: none, 4: own, 5: other, 6: none} {
					caller := student()
					caller.Role, caller.InstitutionID, caller.IsCourseDirector = role, own, at >= 4
					checkVerdict(t, test.rule, caller, institution, reasonOf[want[at]])
				}
			})
		}
	}
}

func checkVerdict(t *testing.T, rule core.Access, caller core.AuthTokenPayload, institution string, want core.Reason) {
	t.Helper()
	err := rule.Check(caller, institution)
	if want == "" {
		if err != nil {
			t.Errorf("director %t, institution %q: refused: %v", caller.IsCourseDirector, institution, err)
		}
		return
	}
	refusal := core.AsError(err)
	if refusal == nil || refusal.Code != core.CodeForbidden || refusal.Reason != want || refusal.Message == "" {
		t.Errorf("director %t, institution %q: got %+v, want reason %q", caller.IsCourseDirector, institution, refusal, want)
	}
}

func TestOwnInstitutionWithoutAnInstitutionOnEitherSide(t *testing.T) {
	rule := core.SignedIn().OwnInstitution()
	for _, role := range core.Roles() {
		t.Run(string(role), func(t *testing.T) {
			caller := student()
			caller.Role, caller.InstitutionID = role, ""
			want := core.ReasonInstitutionMismatch
			if role == core.RoleSuperadmin {
				want = ""
			}
			checkVerdict(t, rule, caller, "", want)
			checkVerdict(t, rule, caller, "inst-uuid-1", want)
		})
	}
}

func TestInstitutionsAreComparedExactly(t *testing.T) {
	caller := student()
	caller.InstitutionID = "inst-A"
	for _, institution := range []string{"inst-a", "INST-A", " inst-A", "inst-A ", "inst-A\x00", "inst-", "inst-A/x"} {
		checkVerdict(t, core.SignedIn().OwnInstitution(), caller, institution, core.ReasonInstitutionMismatch)
	}
}

func TestNarrowingARuleLeavesTheWiderOneAlone(t *testing.T) {
	wide := core.AllowRoles(core.RoleFaculty)
	_ = wide.CourseDirector().OwnInstitution()
	caller := student()
	caller.Role = core.RoleFaculty
	checkVerdict(t, wide, caller, "inst-uuid-2", "")
	if wide.NeedsInstitution() {
		t.Error("the wider rule compares institutions")
	}
}

func TestARuleKeepsItsRolesWhateverBecomesOfTheList(t *testing.T) {
	roles := []core.Role{core.RoleFaculty}
	rule := core.AllowRoles(roles...)
	roles[0] = core.RoleStudent
	checkVerdict(t, rule, student(), "", core.ReasonRoleNotAllowed)
	rule.AllowedRoles()[1] = core.RoleStudent
	checkVerdict(t, rule, student(), "", core.ReasonRoleNotAllowed)
}

func TestAccessValidate(t *testing.T) {
	tests := map[string]struct {
		rule core.Access
		want string
	}{
		"public":                           {core.Public(), ""},
		"signed in":                        {core.SignedIn(), ""},
		"signed in and narrowed":           {core.SignedIn().CourseDirector().OwnInstitution(), ""},
		"a role":                           {core.AllowRoles(core.RoleStudent), ""},
		"roles and narrowed":               {core.AllowRoles(core.Roles()...).CourseDirector().OwnInstitution(), ""},
		"nothing chosen":                   {core.Access{}, "the route has no access rule"},
		"nothing chosen but narrowed":      {core.Access{}.OwnInstitution(), "the route has no access rule"},
		"public for course directors":      {core.Public().CourseDirector(), "a public route knows no caller to narrow it by"},
		"public for one's own institution": {core.Public().OwnInstitution(), "a public route knows no caller to narrow it by"},
		"no role":                          {core.AllowRoles(), "the access rule lists no role"},
		"a record":                         {core.OnRecord(core.RecordExport), ""},
		"an action that is none":           {core.OnRecord("look"), "the access rule names an unknown action on records"},
		"a record of one's own tenant":     {core.OnRecord(core.RecordRead).OwnInstitution(), "a rule about records compares institutions by itself"},
		"a role that is none":              {core.AllowRoles("Student"), "the access rule names an unknown role"},
		"a role that is none among others": {core.AllowRoles(core.RoleStudent, ""), "the access rule names an unknown role"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := test.rule.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("Validate() = %q, want %q", got, test.want)
			}
		})
	}
}

func TestAccessDescribesItself(t *testing.T) {
	type description struct {
		Text             string
		Public           bool
		NeedsInstitution bool
		Roles            []core.Role
	}
	tests := map[string]struct {
		rule core.Access
		want description
	}{
		"nothing chosen": {core.Access{}, description{Text: "nobody"}},
		"public":         {core.Public(), description{Text: "anyone", Public: true}},
		"signed in": {core.SignedIn(), description{
			Text:  "any signed-in user",
			Roles: []core.Role{"superadmin", "institutional_admin", "faculty", "advisor", "student"},
		}},
		"roles in the order of their strength": {core.AllowRoles(core.RoleAdvisor, core.RoleFaculty), description{
			Text:  "one of superadmin, faculty, advisor",
			Roles: []core.Role{"superadmin", "faculty", "advisor"},
		}},
		"course directors": {core.SignedIn().CourseDirector(), description{
			Text:  "one of superadmin, institutional_admin, faculty, a course director if faculty",
			Roles: []core.Role{"superadmin", "institutional_admin", "faculty"},
		}},
		"course directors among listed roles": {core.AllowRoles(core.RoleFaculty, core.RoleStudent).CourseDirector(), description{
			Text:  "one of superadmin, faculty, a course director if faculty",
			Roles: []core.Role{"superadmin", "faculty"},
		}},
		"reading records": {core.OnRecord(core.RecordRead), description{
			Text:  "superadmin: any record; institutional_admin, faculty, advisor: records of their own institution; student: their own record",
			Roles: []core.Role{"superadmin", "institutional_admin", "faculty", "advisor", "student"},
		}},
		"practising": {core.OnRecord(core.RecordPractice), description{
			Text: "student: their own record", Roles: []core.Role{"student"},
		}},
		"own institution": {core.AllowRoles(core.RoleStudent).OwnInstitution(), description{
			Text:             "one of superadmin, student, within their own institution",
			NeedsInstitution: true,
			Roles:            []core.Role{"superadmin", "student"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := description{
				Text:             test.rule.String(),
				Public:           test.rule.IsPublic(),
				NeedsInstitution: test.rule.NeedsInstitution(),
				Roles:            test.rule.AllowedRoles(),
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("description (-want +got):\n%s", diff)
			}
		})
	}
}

// A role that AllowedRoles leaves out is refused whatever else the caller is, and one that it lists can get in.
func TestAllowedRolesAgreesWithCheck(t *testing.T) {
	for name, test := range rules {
		if test.rule.IsPublic() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var want []core.Role
			for _, role := range core.Roles() {
				caller := student()
				caller.Role, caller.IsCourseDirector = role, true
				if test.rule.Check(caller, caller.InstitutionID) == nil {
					want = append(want, role)
				}
			}
			if diff := cmp.Diff(want, test.rule.AllowedRoles(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("roles (-Check +AllowedRoles):\n%s", diff)
			}
		})
	}
}
