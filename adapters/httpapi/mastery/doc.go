// Package mastery is the routes of the mastery engine and of the bank: what students answered, what they know, and what
// there is to learn.
package mastery
