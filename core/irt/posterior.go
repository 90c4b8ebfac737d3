package irt

// Weights returns numbers in proportion to the probabilities of the nodes. PosteriorOf makes the same posterior from
// them, to the last bit, so that it can be saved between two answers.
func (p *Posterior) Weights() [AbilityNodes]float64 { return p.weights }

// PosteriorOf returns the posterior with the weights that Weights returned.
func PosteriorOf(weights [AbilityNodes]float64) Posterior { return Posterior{weights: weights} }
