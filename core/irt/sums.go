package irt

// addInto adds x to into, which is at least as long. A calibration spends most of its time here: four numbers at a time
// take little more than half the time of the plain loop.
func addInto(into, x []float64) {
	into = into[:len(x)]
	q := 0
	for ; q < len(x)-3; q += 4 {
		to, from := (*[4]float64)(into[q:]), (*[4]float64)(x[q:])
		to[0] += from[0]
		to[1] += from[1]
		to[2] += from[2]
		to[3] += from[3]
	}
	for ; q < len(x); q++ {
		into[q] += x[q]
	}
}

// addFour adds four rows, each at least as long as into, with one pass over it.
func addFour(into, row0, row1, row2, row3 []float64) {
	row0, row1, row2, row3 = row0[:len(into)], row1[:len(into)], row2[:len(into)], row3[:len(into)]
	for q := range into {
		into[q] += (row0[q] + row1[q]) + (row2[q] + row3[q])
	}
}

// fourRows gathers up to four rows of numbers, so that they are added with one pass over what they are added to.
type fourRows struct {
	rows  [4][]float64
	count int
	// All rows are 0 outside [low, high).
	low, high int
}

// take takes a row that is 0 outside [low, high), and reports whether there is room for no other.
func (f *fourRows) take(row []float64, low, high int) (isFull bool) {
	if f.count == 0 {
		f.low, f.high = low, high
	}
	f.rows[f.count] = row
	f.count, f.low, f.high = f.count+1, min(f.low, low), max(f.high, high)
	return f.count == len(f.rows)
}

// addTo adds the rows, and has none from then on.
func (f *fourRows) addTo(row []float64) {
	into := row[f.low:f.high]
	if f.count == len(f.rows) {
		addFour(into, f.rows[0][f.low:], f.rows[1][f.low:], f.rows[2][f.low:], f.rows[3][f.low:])
	} else {
		for _, one := range f.rows[:f.count] {
			addInto(into, one[f.low:f.high])
		}
	}
	f.count = 0
}

// addScaled adds x times by to into, which is at least as long.
func addScaled(into, x []float64, by float64) {
	into = into[:len(x)]
	q := 0
	for ; q < len(x)-3; q += 4 {
		to, from := (*[4]float64)(into[q:]), (*[4]float64)(x[q:])
		to[0] += by * from[0]
		to[1] += by * from[1]
		to[2] += by * from[2]
		to[3] += by * from[3]
	}
	for ; q < len(x); q++ {
		into[q] += by * x[q]
	}
}

// dot returns the sum of the products. It keeps two independent sums, which a processor computes in parallel.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var even, odd float64
	q := 0
	for ; q < len(x)-1; q += 2 {
		a, b := (*[2]float64)(x[q:]), (*[2]float64)(y[q:])
		even += a[0] * b[0]
		odd += a[1] * b[1]
	}
	if q < len(x) {
		even += x[q] * y[q]
	}
	return even + odd
}

func highest(values []float64) float64 {
	top := values[0]
	for _, v := range values {
		if v > top {
			top = v
		}
	}
	return top
}
