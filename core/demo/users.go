package demo

// The users that a person signs in as to try the service, in the institution of the simulated students.
const (
	// PractisingStudentID is the student who practises on the page.
	PractisingStudentID = "demo-student"
	// FacultyID is the teacher of PractisingStudentID and of the simulated students.
	FacultyID = "demo-faculty"
)

// UsualStudents is how many students are simulated unless somebody asks for another number.
const UsualStudents = 400

// Cohort lists the students whom the teacher may find: the one who practises, then the first count simulated ones, whether
// they were added or not.
func Cohort(count int) []string {
	ids := []string{PractisingStudentID}
	for n := range count {
		ids = append(ids, StudentID(n+1))
	}
	return ids
}
