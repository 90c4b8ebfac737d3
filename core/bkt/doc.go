// Package bkt is Bayesian Knowledge Tracing (Corbett & Anderson 1995): what a student's right and wrong answers to the
// items of one concept say about whether the student has mastered it. Numbers go in and numbers come out. The package
// has no clock, no store and no randomness, and the same calls give the same bits on one architecture.
//
// A concept has four parameters: the probability that a student has mastered it before the first answer (L0), learns it
// with an answer (T), answers right without mastery (G, a guess) and wrong in spite of it (S, a slip). Params.Update
// returns the mastery after an answer, and Params.Replay that after a whole record. Fit estimates the parameters from
// the answers of many students.
package bkt
