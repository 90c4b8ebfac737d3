package irt

import "math"

// square is a symmetric matrix of any size.
type square struct {
	size  int
	cells []float64
}

func newSquare(size int) *square { return &square{size: size, cells: make([]float64, size*size)} }

func (m *square) row(k int) []float64 { return m.cells[k*m.size:][:m.size] }

// addAt adds to one place; a place with a negative row or column does not exist.
func (m *square) addAt(row, column int, value float64) {
	if row >= 0 && column >= 0 {
		m.cells[row*m.size+column] += value
	}
}

// add adds a block of variables.
func (m *square) add(rows, columns [variables]int, block matrix) {
	for x, row := range rows {
		for y, column := range columns {
			m.addAt(row, column, block[x][y])
		}
	}
}

// block returns a block of variables, 0 if one does not exist.
func (m *square) block(rows, columns [variables]int) matrix {
	var b matrix
	for x, row := range rows {
		for y, column := range columns {
			if row >= 0 && column >= 0 {
				b[x][y] = m.cells[row*m.size+column]
			}
		}
	}
	return b
}

func (m matrix) transposed() matrix {
	var t matrix
	for x := range variables {
		for y := range variables {
			t[x][y] = m[y][x]
		}
	}
	return t
}

// invert replaces the matrix by its inverse. It reports false, and leaves the matrix undefined, if it is not positive
// definite.
func (m *square) invert() bool {
	// The lower factor, in place.
	for k := range m.size {
		row := m.row(k)
		for l := range k + 1 {
			other := m.row(l)
			rest := row[l] - dot(row[:l], other[:l])
			if l < k {
				row[l] = rest / other[l]
				continue
			}
			if !(rest > 1e-14*math.Abs(row[k])) {
				return false
			}
			row[k] = math.Sqrt(rest)
		}
	}
	m.invertFactor()
	// The inverse is tᵀt with t the inverse of the factor, whose columns stand in the rows above the diagonal.
	for k := range m.size {
		for l := k; l < m.size; l++ {
			m.row(k)[l] = dot(m.row(k)[l:], m.row(l)[l:])
		}
	}
	for k := range m.size {
		for l := range k {
			m.row(k)[l] = m.row(l)[k]
		}
	}
	return true
}

// invertFactor puts the inverse of the lower factor, transposed, on and above the diagonal.
func (m *square) invertFactor() {
	for k := range m.size {
		m.row(k)[k] = 1 / m.row(k)[k]
	}
	for k := range m.size {
		for l := k + 1; l < m.size; l++ {
			// The diagonal of the factor is inverted already, so its place in the product is the column's own start.
			sum := dot(m.row(l)[k:l], m.row(k)[k:l])
			m.row(k)[l] = -sum * m.row(l)[l]
		}
	}
}
