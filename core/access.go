package core

import (
	"errors"
	"slices"
	"strings"
)

// Access is the rule that says who may call a route. It is built by Public, SignedIn, AllowRoles or OnRecord and
// narrowed by CourseDirector and OwnInstitution; its zero value allows nobody and is refused when a route is
// registered, so that no rule is forgotten.
type Access struct {
	kind           accessKind
	roles          []Role
	action         RecordAction
	courseDirector bool
	ownInstitution bool
}

type accessKind uint8

const (
	accessUnset accessKind = iota
	accessPublic
	accessSignedIn
	accessRoles
	accessRecord
)

// Public lets anyone in; no token is looked at, not even a bad one.
func Public() Access { return Access{kind: accessPublic} }

// SignedIn lets in every verified caller, whatever their role.
func SignedIn() Access { return Access{kind: accessSignedIn} }

// AllowRoles lets in the given roles, and a superadmin always, listed or not. OnRecord is the only rule that can keep a
// superadmin out.
func AllowRoles(roles ...Role) Access {
	return Access{kind: accessRoles, roles: slices.Clone(roles)}
}

// OnRecord lets in the roles that may act on a student's record in this way. Check decides by the role alone: whose
// record it is, RecordAccess decides, once the route knows.
func OnRecord(action RecordAction) Access { return Access{kind: accessRecord, action: action} }

// CourseDirector narrows the rule: of faculty only those who direct a course, of the others only superadmins and
// institutional admins.
func (a Access) CourseDirector() Access {
	a.courseDirector = true
	return a
}

// OwnInstitution narrows the rule to the caller's own institution; a superadmin passes everywhere.
func (a Access) OwnInstitution() Access {
	a.ownInstitution = true
	return a
}

// Validate returns an error for an unset or contradictory rule. It is called once, when a route is registered.
func (a Access) Validate() error {
	switch {
	case a.kind == accessUnset:
		return errors.New("the route has no access rule")
	case a.kind == accessPublic && (a.courseDirector || a.ownInstitution):
		return errors.New("a public route knows no caller to narrow it by")
	case a.kind == accessRoles && len(a.roles) == 0:
		return errors.New("the access rule lists no role")
	case a.kind == accessRecord && reaches[a.action] == nil:
		return errors.New("the access rule names an unknown action on records")
	case a.kind == accessRecord && a.ownInstitution:
		return errors.New("a rule about records compares institutions by itself")
	}
	for _, role := range a.roles {
		if role.Level() == 0 {
			return errors.New("the access rule names an unknown role")
		}
	}
	return nil
}

// IsPublic reports whether the route takes requests without a token.
func (a Access) IsPublic() bool { return a.kind == accessPublic }

// NeedsInstitution reports whether Check compares an institution.
func (a Access) NeedsInstitution() bool { return a.ownInstitution }

// RecordAction returns what the route does with students' records, and false if the rule is not about records.
func (a Access) RecordAction() (RecordAction, bool) { return a.action, a.kind == accessRecord }

// AllowedRoles lists the roles that the rule can let in at all, the strongest first; nil for a public route.
func (a Access) AllowedRoles() []Role {
	if a.kind == accessUnset || a.kind == accessPublic {
		return nil
	}
	return slices.DeleteFunc(Roles(), func(role Role) bool {
		return !a.allowsRole(role) || a.courseDirector && role.Level() < RoleFaculty.Level()
	})
}

// Check decides. institutionID is the one that the request names; it counts only if NeedsInstitution reports true.
// Errors have CodeForbidden: the role is looked at first, then the course director's flag, then the institution.
func (a Access) Check(caller AuthTokenPayload, institutionID string) error {
	switch {
	case a.kind == accessPublic:
		return nil
	case !a.allowsRole(caller.Role):
		return errRole
	case a.courseDirector && !directsCourses(caller):
		return NewForbiddenError(ReasonCourseDirectorRequired, "Only a course director may do this")
	case a.ownInstitution && !belongsTo(caller, institutionID):
		return errOtherInstitution
	}
	return nil
}

// The refusals that more than one rule makes.
var (
	errRole             = NewForbiddenError(ReasonRoleNotAllowed, "Your role may not do this")
	errOtherInstitution = NewForbiddenError(ReasonInstitutionMismatch, "This belongs to another institution")
	errNotOwnRecord     = NewForbiddenError(ReasonNotOwnRecord, "This is another student's record")
)

// Allowance is what is known of a caller's access before a request names an institution or a record.
type Allowance string

// The caller is allowed, is allowed in their own institution or on some records, or is not allowed.
const (
	Allowed        Allowance = "yes"
	AllowedDepends Allowance = "depends"
	NotAllowed     Allowance = "no"
)

// Preview says what Check will say to the caller, and, for NotAllowed, why.
func (a Access) Preview(caller AuthTokenPayload) (Allowance, Reason) {
	err := a.Check(caller, caller.InstitutionID)
	switch {
	case err != nil:
		return NotAllowed, AsError(err).Reason
	case a.ownInstitution && caller.Role != RoleSuperadmin, a.kind == accessRecord && a.action.Reach(caller.Role) != ReachAny:
		return AllowedDepends, ""
	default:
		return Allowed, ""
	}
}

func (a Access) allowsRole(role Role) bool {
	switch a.kind {
	case accessSignedIn:
		return role.Level() > 0
	case accessRoles:
		return role == RoleSuperadmin || slices.Contains(a.roles, role)
	case accessRecord:
		return a.action.Reach(role) != ReachNone
	default:
		return false
	}
}

func directsCourses(caller AuthTokenPayload) bool {
	switch caller.Role {
	case RoleSuperadmin, RoleInstitutionalAdmin:
		return true
	case RoleFaculty:
		return caller.IsCourseDirector
	default:
		return false
	}
}

func belongsTo(caller AuthTokenPayload, institutionID string) bool {
	if caller.Role == RoleSuperadmin {
		return true
	}
	return institutionID != "" && caller.InstitutionID == institutionID
}

// String describes the rule, as the API's documentation shows it.
func (a Access) String() string {
	var text string
	switch {
	case a.kind == accessUnset:
		return "nobody"
	case a.kind == accessPublic:
		return "anyone"
	case a.kind == accessSignedIn && !a.courseDirector:
		text = "any signed-in user"
	case a.kind == accessRecord:
		text = a.action.rule()
	default:
		text = "one of " + joinRoles(a.AllowedRoles())
	}
	if a.courseDirector {
		text += ", a course director if faculty"
	}
	if a.ownInstitution {
		text += ", within their own institution"
	}
	return text
}

func joinRoles(roles []Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}
