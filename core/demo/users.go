package demo

// The users that a person signs in as to try the service, in the institution of the simulated students.
const (
	// PractisingStudentID is the student of the practice page.
	PractisingStudentID = "demo-student"
	// FacultyID is the teacher of PractisingStudentID and of the simulated students.
	FacultyID = "demo-faculty"
)

// DefaultStudents is how many students are simulated by default.
const DefaultStudents = 400

// Cohort lists the teacher's students: the one of the practice page, then the first count simulated ones, whether they
// were added or not.
func Cohort(count int) []string {
	ids := []string{PractisingStudentID}
	for n := range count {
		ids = append(ids, StudentID(n+1))
	}
	return ids
}
