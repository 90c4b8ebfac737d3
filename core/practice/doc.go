// Package practice runs practice sessions: a student chooses concepts, and gets one item after the other. Which one comes
// next is core/adaptive's to say, what an answer makes of mastery core/mastery's; this package decides who may do what
// with a session, when it ends, and what is kept.
//
// An item is picked once, in the transaction of the answer before it (of the opening, for the first), and kept with what
// the pick was made of. Reading it later changes nothing, and the pick can be computed again.
package practice
