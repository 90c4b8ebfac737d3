package bkt

import "math"

// StandardErrors are the standard errors of the parameters, from the observed information of the log-posterior. One is
// nil if its parameter is at a bound or was not fitted, or if the information is not positive definite.
type StandardErrors struct {
	L0, T, G, S, F *float64
}

// onBound is the distance from its bound within which a parameter counts as on it.
const onBound = 1e-6

// information is the observed information, row and column i being the i-th of the free parameters.
type information struct {
	free   []int // places in a vector
	matrix [][]float64
}

// fitted lists the places of the parameters that the model fits.
func (m *model) fitted() []int {
	if m.high[forgetting] == 0 {
		return []int{0, 1, 2, 3}
	}
	return []int{0, 1, 2, 3, forgetting}
}

func (m *model) isOnBound(v vector, i int) bool {
	return v[i] <= m.low[i]+onBound || v[i] >= m.high[i]-onBound
}

// atBound reports whether a fitted parameter is on its bound.
func (m *model) atBound(v vector) bool {
	for _, i := range m.fitted() {
		if m.isOnBound(v, i) {
			return true
		}
	}
	return false
}

// information takes central differences of the exact gradient, with the parameters on a bound held where they are.
func (m *model) information(at vector) information {
	var info information
	for _, i := range m.fitted() {
		if !m.isOnBound(at, i) {
			info.free = append(info.free, i)
		}
	}
	n := len(info.free)
	info.matrix = make([][]float64, n)
	for row := range info.matrix {
		info.matrix[row] = make([]float64, n)
	}
	for column, i := range info.free {
		step := 1e-5 * min(at[i], 1-at[i])
		above, below := at, at
		above[i] += step
		below[i] -= step
		up, down := m.gradient(above), m.gradient(below)
		for row, j := range info.free {
			half := -(up[j] - down[j]) / (4 * step)
			info.matrix[row][column] += half
			info.matrix[column][row] += half
		}
	}
	return info
}

func (info information) standardErrors() StandardErrors {
	var errors StandardErrors
	variances, definite := inverseDiagonal(info.matrix)
	if !definite {
		return errors
	}
	places := [...]**float64{&errors.L0, &errors.T, &errors.G, &errors.S, &errors.F}
	for row, i := range info.free {
		standardError := math.Sqrt(variances[row])
		*places[i] = &standardError
	}
	return errors
}

// inverseDiagonal returns the diagonal of the inverse of a symmetric matrix by its Cholesky factor, and reports whether
// the matrix is positive definite.
func inverseDiagonal(matrix [][]float64) ([]float64, bool) {
	n := len(matrix)
	factor := make([][]float64, n)
	for row := range factor {
		factor[row] = make([]float64, n)
		for column := range row + 1 {
			sum := matrix[row][column]
			for k := range column {
				sum -= factor[row][k] * factor[column][k]
			}
			if row != column {
				factor[row][column] = sum / factor[column][column]
				continue
			}
			if !(sum > 0) {
				return nil, false
			}
			factor[row][row] = math.Sqrt(sum)
		}
	}
	diagonal := make([]float64, n)
	for column := range n { // the squared norm of column `column` of the factor's inverse
		solved := make([]float64, n)
		for row := column; row < n; row++ {
			if row == column {
				solved[row] = 1
			}
			for k := column; k < row; k++ {
				solved[row] -= factor[row][k] * solved[k]
			}
			solved[row] /= factor[row][row]
			diagonal[column] += solved[row] * solved[row]
		}
	}
	return diagonal, true
}

// condition returns the ratio of the extreme eigenvalues after scaling to a unit diagonal: +Inf if the matrix is not
// positive definite, 0 if it is empty.
func (info information) condition() float64 {
	if len(info.free) == 0 {
		return 0
	}
	if _, definite := inverseDiagonal(info.matrix); !definite {
		return math.Inf(1)
	}
	scaled := make([][]float64, len(info.matrix))
	for row := range scaled {
		scaled[row] = make([]float64, len(info.matrix))
		for column := range scaled[row] {
			scaled[row][column] = info.matrix[row][column] / math.Sqrt(info.matrix[row][row]*info.matrix[column][column])
		}
	}
	values := eigenvalues(scaled)
	least, most := values[0], values[0]
	for _, value := range values {
		least, most = min(least, value), max(most, value)
	}
	if least <= 0 {
		return math.Inf(1)
	}
	return most / least
}

// eigenvalues returns those of a small symmetric matrix, which it overwrites, by cyclic Jacobi rotations (Golub & Van
// Loan, 8.5).
func eigenvalues(matrix [][]float64) []float64 {
	n := len(matrix)
	for range 30 { // quadratic convergence: a handful of sweeps
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(matrix, p, q)
			}
		}
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = matrix[i][i]
	}
	return values
}

// rotate makes the element p, q zero.
func rotate(matrix [][]float64, p, q int) {
	if matrix[p][q] == 0 {
		return
	}
	tau := (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q])
	tangent := math.Copysign(1, tau) / (math.Abs(tau) + math.Hypot(1, tau))
	cosine := 1 / math.Hypot(1, tangent)
	sine := tangent * cosine
	for k := range matrix {
		kp, kq := matrix[k][p], matrix[k][q]
		matrix[k][p], matrix[k][q] = cosine*kp-sine*kq, sine*kp+cosine*kq
	}
	for k := range matrix {
		pk, qk := matrix[p][k], matrix[q][k]
		matrix[p][k], matrix[q][k] = cosine*pk-sine*qk, sine*pk+cosine*qk
	}
}
