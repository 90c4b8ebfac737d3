// Package demo computes the demo bank: concepts of clinical arithmetic, their prerequisites, and twelve items for each
// concept. Nothing in it is typed in by hand but formulas and ranges: the stem's numbers, the right answer, every wrong
// option and the explanation come from the same formula. A wrong option is what a named mistake gives (a unit that was
// not converted, a ratio upside down, a factor that was forgotten).
//
// The package also simulates students who practise on the bank, so that mastery can be shown and items calibrated on a
// fresh machine.
package demo
