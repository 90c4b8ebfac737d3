package irt

import "math"

// addProduct adds v·vᵀ.
func (m *matrix) addProduct(v vector) {
	for x := range variables {
		m[x][0] += v[x] * v[0]
		m[x][1] += v[x] * v[1]
		m[x][2] += v[x] * v[2]
	}
}

// solve returns the vector x with m·x = v, 0 if a variable is fixed. A ridge far below the precision of the estimates
// makes a matrix solvable that is singular because the data say nothing about a variable.
func (m matrix) solve(v vector, fixed [variables]bool) vector {
	largest := 0.0
	for k := range variables {
		largest = max(largest, m[k][k])
	}
	for k := range variables {
		if fixed[k] {
			continue
		}
		m[k][k] += 1e-10*largest + 1e-12
	}
	factor, _ := m.cholesky(fixed)
	for k := range variables {
		if fixed[k] {
			v[k] = 0
		}
	}
	return factor.substitute(v)
}

// inverse returns the inverse with 0 if a variable is fixed, and false if the rest is not positive definite.
func (m matrix) inverse(fixed [variables]bool) (matrix, bool) {
	factor, definite := m.cholesky(fixed)
	var inverse matrix
	for k := range variables {
		if fixed[k] {
			continue
		}
		var unit vector
		unit[k] = 1
		inverse[k] = factor.substitute(unit)
	}
	return inverse, definite
}

// cholesky returns the lower factor, with the row of the identity for a fixed variable, and whether the rest is
// positive definite.
func (m matrix) cholesky(fixed [variables]bool) (factor matrix, definite bool) {
	definite = true
	for k := range variables {
		if fixed[k] {
			factor[k][k] = 1
			continue
		}
		for l := range variables {
			if l > k || fixed[l] {
				continue
			}
			rest := m[k][l]
			for i := range l {
				rest -= factor[k][i] * factor[l][i]
			}
			if l < k {
				factor[k][l] = rest / factor[l][l]
				continue
			}
			if !(rest > 1e-14*m[k][k]) {
				definite, rest = false, max(math.Abs(m[k][k]), 1e-12)
			}
			factor[k][k] = math.Sqrt(rest)
		}
	}
	return factor, definite
}

// substitute solves factor·factorᵀ·x = v.
func (m matrix) substitute(v vector) vector {
	for k := range variables {
		for l := range k {
			v[k] -= m[k][l] * v[l]
		}
		v[k] /= m[k][k]
	}
	for k := variables - 1; k >= 0; k-- {
		for l := k + 1; l < variables; l++ {
			v[k] -= m[l][k] * v[l]
		}
		v[k] /= m[k][k]
	}
	return v
}
