// Package mastery records what students answer and computes what they know. The numbers come from core/bkt. This
// package decides who may record what, and which answers count in which order. It also decides what the state is after
// an answer that arrives late, twice, or together with another.
//
// Attempts are the source of truth. The state of a student and a concept is the replay of its attempts in the order of
// their positions, to the last bit. The order in which they arrived makes no difference.
package mastery
