// Package mastery records what students answer and tells what they know. The numbers come from core/bkt; this package
// decides who may record what, which answers count and in which order, and what a state is after an answer that comes
// late, twice, or together with another.
//
// Attempts are the truth. The state of a student and a concept is the replay of its attempts in the order of their
// positions, whatever the order in which they arrived, to the last bit.
package mastery
