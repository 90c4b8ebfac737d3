package mastery

import "github.com/journey-os/journey-api/core"

// owner returns the record that an answer goes into, and reports whether its row has to be written: for a new student,
// and for one whose own token names another institution than before. known is nil for a new student. named is the
// institution that the request names; only a superadmin has to name one.
func owner(access *core.RecordAccess, studentID, named string, known *core.Record) (record core.Record, write bool, err error) {
	home, err := access.HomeInstitution(named)
	if err != nil {
		return core.Record{}, false, err
	}
	caller := access.Caller()
	isOwnToken := caller.Role == core.RoleStudent && caller.Subject == studentID
	switch {
	case known == nil && home == "":
		return core.Record{}, false, core.NewValidationError(core.Violation{
			Field: "institution_id", Message: "is required for a student who is new",
		})
	case known == nil || isOwnToken:
		record = core.Record{StudentID: studentID, InstitutionID: home}
		write = known == nil || *known != record
	case named != "" && caller.Role == core.RoleSuperadmin && named != known.InstitutionID:
		return core.Record{}, false, core.NewValidationError(core.Violation{
			Field: "institution_id", Message: "is not the institution of this student",
		})
	default:
		record = *known
	}
	return record, write, access.Check(record, core.ErrNoStudent)
}

// Owner returns the record that a student's own request goes into, and reports whether its row has to be written: for a
// new student, and for one whose token names another institution than before. known is nil for a new student.
func Owner(access *core.RecordAccess, known *core.Record) (record core.Record, write bool, err error) {
	return owner(access, access.Caller().Subject, "", known)
}
