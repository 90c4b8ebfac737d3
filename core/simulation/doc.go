// Package simulation lets simulated students practise, to say what the pick of core/adaptive is worth: against random
// items, against the weakest concept without the graph, and against information alone. Numbers go in and numbers come
// out; the same seed gives the same result, however many processors take part.
//
// The truth is a model that none of the strategies knows. A student has an ability, and has mastered each concept or
// not. Answers follow the items' three-parameter curves, at an ability that is higher in mastered concepts. An answer
// in a concept that is not mastered is a chance to learn it, and whether its direct prerequisites are mastered decides
// how good a chance: in the world FoundationsMatter a fourth of it is left without them, in FoundationsDoNot all of it.
// The mastery that the strategies see is that of core/bkt with the default parameters, which are not those of this
// truth; the ability that they see is the posterior mean of core/irt.
package simulation
