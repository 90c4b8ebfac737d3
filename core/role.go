package core

// Role is a user's role on the platform. Its text is the value of app_metadata.role in a Supabase access token
// (STORY-ST-1, section 3).
type Role string

// The platform's roles, the strongest first.
const (
	RoleSuperadmin         Role = "superadmin"
	RoleInstitutionalAdmin Role = "institutional_admin"
	RoleFaculty            Role = "faculty"
	RoleAdvisor            Role = "advisor"
	RoleStudent            Role = "student"
)

// Roles lists every role, the strongest first.
func Roles() []Role {
	return []Role{RoleSuperadmin, RoleInstitutionalAdmin, RoleFaculty, RoleAdvisor, RoleStudent}
}

// ParseRole returns the role with a name. It is case-sensitive: "Student" is no role.
func ParseRole(name string) (Role, bool) {
	role := Role(name)
	return role, role.Level() > 0
}

// Level is the role's place in the hierarchy of STORY-ST-1: 100 for a superadmin down to 20 for a student, and 0 for an
// unknown role.
func (r Role) Level() int {
	switch r {
	case RoleSuperadmin:
		return 100
	case RoleInstitutionalAdmin:
		return 80
	case RoleFaculty:
		return 60
	case RoleAdvisor:
		return 40
	case RoleStudent:
		return 20
	default:
		return 0
	}
}
