// Package mastery is the routes of the mastery engine and of the bank: answers of students, their mastery, concepts and
// items.
package mastery
