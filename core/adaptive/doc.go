// Package adaptive picks the next item of a practice session: the concept that is worth practising now, then the item
// of it that tells the most about the student. Numbers go in and numbers come out. The package has no clock and no
// store, and what it draws at random comes from the session and the position, so that a pick can be recomputed.
//
// A Bank holds concepts and items, a Graph their prerequisites. Both are built once, never change and may be used by
// many goroutines. A Request is what there is to know about the student; its Pick follows seven rules:
//
//  1. Every concept in scope has a mastery: the student's, or the concept's L0 without an answer.
//  2. A concept below Settings.Ready is unmastered. If there is none, the item is drawn at random from the scope.
//  3. The unmastered concepts of highest priority are considered, Settings.Considered of them. Priority is what is
//     missing to Ready, times the concept's weight.
//  4. If a considered concept has an unmastered prerequisite with items left, that takes its place: the deepest, of
//     those the one of lowest mastery. Prerequisites may lie outside the scope.
//  5. Concepts of the session's last items step back, unless nothing else is left.
//  6. Only items that were not given to the student lately are left. If no candidate has one, the item is drawn at
//     random from those that the scope has left.
//  7. Of the chosen concept's items, the one that is best by Settings.Criterion is picked.
//
// Every tie goes to the lower id. docs/practice.md explains the rules to a teacher.
package adaptive
