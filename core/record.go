package core

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Record identifies a student's record: everything that the engines keep about one student.
type Record struct {
	// StudentID is the student's Subject.
	StudentID string
	// InstitutionID is where the record belongs.
	InstitutionID string
}

// RecordAction is what a route does with a student's record.
type RecordAction string

// The actions that the platform tells apart.
const (
	// RecordRead reads mastery, history, ability or sessions.
	RecordRead RecordAction = "read"
	// RecordAnswer records an answer.
	RecordAnswer RecordAction = "answer"
	// RecordPractice opens, answers and completes a session, and asks for its next item.
	RecordPractice RecordAction = "practice"
	// RecordExport hands out all of the record.
	RecordExport RecordAction = "export"
	// RecordDelete deletes all of the record.
	RecordDelete RecordAction = "delete"
)

// Reach is whose records a role may act on.
type Reach uint8

// The reaches, the shortest first.
const (
	ReachNone Reach = iota
	// ReachOwn is the caller's own record.
	ReachOwn
	// ReachInstitution is every record of the caller's institution.
	ReachInstitution
	// ReachAny is every record of the platform.
	ReachAny
)

// reaches is the platform's table of who may do what with whose record. A role that is not listed may not.
var reaches = map[RecordAction]map[Role]Reach{
	RecordRead: {
		RoleStudent: ReachOwn, RoleAdvisor: ReachInstitution, RoleFaculty: ReachInstitution,
		RoleInstitutionalAdmin: ReachInstitution, RoleSuperadmin: ReachAny,
	},
	RecordAnswer: {
		RoleStudent: ReachOwn, RoleFaculty: ReachInstitution,
		RoleInstitutionalAdmin: ReachInstitution, RoleSuperadmin: ReachAny,
	},
	RecordPractice: {RoleStudent: ReachOwn},
	RecordExport:   {RoleStudent: ReachOwn, RoleInstitutionalAdmin: ReachInstitution, RoleSuperadmin: ReachAny},
	RecordDelete:   {RoleInstitutionalAdmin: ReachInstitution, RoleSuperadmin: ReachAny},
}

// Reach returns whose records role may act on; ReachNone if role or a is unknown.
func (a RecordAction) Reach(role Role) Reach { return reaches[a][role] }

// rule describes the action's row of the table, the strongest role first.
func (a RecordAction) rule() string {
	words := map[Reach]string{
		ReachAny: "any record", ReachInstitution: "records of their own institution", ReachOwn: "their own record",
	}
	var parts []string
	for _, reach := range []Reach{ReachAny, ReachInstitution, ReachOwn} {
		roles := slices.DeleteFunc(Roles(), func(role Role) bool { return a.Reach(role) != reach })
		if len(roles) > 0 {
			parts = append(parts, joinRoles(roles)+": "+words[reach])
		}
	}
	return strings.Join(parts, "; ")
}

// RecordAccess decides for one request which students' records its caller may act on. Code that loads a record calls
// Check before it uses it. Code that lists records narrows the list by Bounds. It may be used by many goroutines at
// once.
type RecordAccess struct {
	caller AuthTokenPayload
	action RecordAction
	passed atomic.Bool
}

// NewRecordAccess returns the access that caller has for action.
func NewRecordAccess(action RecordAction, caller AuthTokenPayload) *RecordAccess {
	return &RecordAccess{caller: caller, action: action}
}

// Caller returns who is asking.
func (a *RecordAccess) Caller() AuthTokenPayload { return a.caller }

// CheckStudent refuses what can be refused before anything is loaded: a student who names another one gets
// CodeForbidden with ReasonNotOwnRecord. A nil error is no permission: only Check knows the record's institution.
func (a *RecordAccess) CheckStudent(studentID string) error {
	switch a.action.Reach(a.caller.Role) {
	case ReachNone:
		return errRole
	case ReachOwn:
		if studentID != a.caller.Subject {
			return errNotOwnRecord.WithCause(&RecordRefusal{Record: Record{StudentID: studentID}, Reason: ReasonNotOwnRecord})
		}
	}
	return nil
}

// Check refuses a record that the caller may not act on. A student's refusal is CheckStudent's. Staff of another
// institution get missing, which is the error for a record that does not exist, so that they can't tell the two apart;
// its cause is a *RecordRefusal, for the log.
func (a *RecordAccess) Check(record Record, missing *Error) error {
	if err := a.CheckStudent(record.StudentID); err != nil {
		return err
	}
	if a.action.Reach(a.caller.Role) == ReachInstitution && !belongsTo(a.caller, record.InstitutionID) {
		return missing.WithCause(&RecordRefusal{Record: record, Reason: ReasonInstitutionMismatch})
	}
	a.passed.Store(true)
	return nil
}

// ErrNoStudent is the error for a student without a record, and for one of another institution.
var ErrNoStudent = NewNotFoundError("There is no such student")

// Find returns a student's record if the caller may act on it. find looks it up, and returns nil if there is none; it is
// not called for what CheckStudent refuses. Errors: those of CheckStudent and of find, and ErrNoStudent.
func (a *RecordAccess) Find(ctx context.Context, studentID string, find func(context.Context, string) (*Record, error)) (Record, error) {
	if err := a.CheckStudent(studentID); err != nil {
		return Record{}, err
	}
	record, err := find(ctx, studentID)
	switch {
	case err != nil:
		return Record{}, err
	case record == nil:
		return Record{}, ErrNoStudent
	}
	if err := a.Check(*record, ErrNoStudent); err != nil {
		return Record{}, err
	}
	return *record, nil
}

// Bounds returns what a list of records has to be narrowed to. An empty field does not narrow: a student's list is
// bounded by the student, staff's by the institution, a superadmin's by nothing.
func (a *RecordAccess) Bounds() (Record, error) {
	bounds := Record{}
	switch a.action.Reach(a.caller.Role) {
	case ReachAny:
	case ReachInstitution:
		bounds.InstitutionID = a.caller.InstitutionID
	case ReachOwn:
		bounds.StudentID = a.caller.Subject
	default:
		return Record{}, errRole
	}
	a.passed.Store(true)
	return bounds, nil
}

// HomeInstitution returns the institution that a new student's record belongs to: the caller's own. A superadmin names
// it; the result is then empty if named is. Any other caller who names another one gets CodeForbidden with
// ReasonInstitutionMismatch.
func (a *RecordAccess) HomeInstitution(named string) (institutionID string, err error) {
	switch {
	case a.caller.Role == RoleSuperadmin:
		return named, nil
	case named != "" && !belongsTo(a.caller, named):
		return "", errOtherInstitution.WithCause(&RecordRefusal{Record: Record{InstitutionID: named}, Reason: ReasonInstitutionMismatch})
	default:
		return a.caller.InstitutionID, nil
	}
}

// Checked reports whether Check or Bounds has let the caller through. A reply about a record that was not checked must
// not leave the service.
func (a *RecordAccess) Checked() bool { return a.passed.Load() }

// RecordRefusal is the cause of an error that keeps a caller from a record. It is for the log: it distinguishes a
// record of another institution from one that does not exist, which the error must not.
type RecordRefusal struct {
	Record Record
	Reason Reason
}

func (r *RecordRefusal) Error() string {
	return fmt.Sprintf("%s: record of student %q, institution %q", r.Reason, r.Record.StudentID, r.Record.InstitutionID)
}
