// Package soak runs the service under load while its dependencies fail in every way that a network has and its signing
// keys rotate. It fails on one wrong reply, one lost answer, or if memory, goroutines or open files grow. `make soak`
// builds what it needs and runs it.
//
// cases_test.go is the table of what is sent and what is right, steps_test.go what its rows are made of;
// learners_test.go has the students of internal/testkit/student, who are held to the model; raw_test.go has the clients
// that no HTTP library can be. The faults, the rotations and the requests are drawn from one seed. judges_test.go holds
// what judges the service to wrong replies.
package soak
