// Package practice is the routes of practice sessions: their opening, the item that comes next, and the answers.
package practice
