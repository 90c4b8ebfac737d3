// Package simulation measures the pick of core/adaptive with simulated students. It compares the pick with random
// items, with the weakest concept without the graph, and with information alone. Numbers go in and numbers come out.
// The same seed gives the same result on any number of processors.
//
// The truth is a model that none of the strategies knows. A student has an ability, and has mastered each concept or
// not. Answers follow the items' three-parameter curves, at an ability that is higher in mastered concepts. An answer
// in a concept that is not mastered is a chance to learn it, and whether its direct prerequisites are mastered decides
// how good a chance: in the world FoundationsMatter a fourth of it is left without them, in FoundationsDontMatter all
// of it. The mastery that the strategies see is that of core/bkt with the default parameters, which are not those of
// this truth; the ability that they see is the posterior mean of core/irt.
package simulation
