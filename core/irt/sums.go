package irt

// addInto adds x to into, which is at least as long. It is where a calibration spends most of its time: four numbers at
// a time take little more than half of what the plain loop takes.
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

func dot(x, y []float64) float64 {
	y = y[:len(x)]
	sum := 0.0
	for q, v := range x {
		sum += v * y[q]
	}
	return sum
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
