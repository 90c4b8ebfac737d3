package core

// Role is what a person may be on the platform. The names are the wire's: they stand in app_metadata.role of a
// Supabase access token (STORY-ST-1, section 3).
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

// ParseRole turns a wire name into a Role. It is exact: "Student" is no role.
func ParseRole(name string) (Role, bool) {
	role := Role(name)
	return role, role.Level() > 0
}

// Level is the role's place in the hierarchy of STORY-ST-1: 100 for a superadmin down to 20 for a student, and 0 for
// what is no role.
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
