// Package demo computes the demo bank: concepts of clinical arithmetic, their prerequisites, and twelve items for each
// concept. Only formulas and ranges are typed in by hand. The stem's numbers, the right answer, every wrong option and
// the explanation come from the same formula. A wrong option is the result of a named mistake: a unit that was not
// converted, an inverted ratio, a forgotten factor.
//
// The package also simulates students who practise on the bank, so that mastery can be shown and items calibrated on a
// fresh machine.
package demo
