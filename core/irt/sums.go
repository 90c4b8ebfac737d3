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
