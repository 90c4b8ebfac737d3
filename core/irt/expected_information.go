package irt

// ExpectedInformation returns the item's information averaged over the posterior distribution (posterior-weighted
// information; Veerkamp & Berger 1997).
func (p *Posterior) ExpectedInformation(item Params) float64 {
	sum, total := 0.0, 0.0
	for q, w := range p.weights {
		sum += w * item.Information(abilityAt(q))
		total += w
	}
	return sum / total
}
