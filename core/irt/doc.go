// Package irt is item response theory: it calibrates items from right and wrong answers and estimates a person's
// ability from calibrated items. Numbers go in and numbers come out. The package has no clock, no store and no
// randomness, and the same data give the same bits on one architecture, whatever the order of people and items and
// however many processors take part.
//
// The model is the three-parameter logistic without the factor 1.7:
//
//	P(θ) = c + (1-c) / (1 + exp(-a(θ-b)))
//
// Calibrate estimates a, b and c by marginal maximum posterior with EM (Bock & Aitkin 1981, Mislevy 1986), with
// standard errors, fit statistics and flags. Link puts one calibration on the scale of another. Posterior follows the
// ability of a person from answer to answer. docs/calibration.md explains every choice with its source.
package irt
