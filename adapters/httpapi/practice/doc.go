// Package practice is the routes of practice sessions: opening them, their next item, and answers.
package practice
