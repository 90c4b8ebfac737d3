// Package practice runs practice sessions: a student chooses concepts and gets one item after the other. core/adaptive
// picks the next item, and core/mastery updates the mastery. This package decides who may do what with a session, when
// it ends, and what is saved.
//
// An item is picked once, in the transaction of the answer before it; the first one in that of the opening. It is saved
// with the inputs of the pick. Reading it later changes nothing, and the pick can be computed again.
package practice
