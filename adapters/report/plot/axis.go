package plot

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// Axis is one direction of a plot. Values outside its ends aren't drawn.
type Axis struct {
	Label    string
	Min, Max float64
	// Log makes equal ratios equally long; both ends are above 0 then.
	Log bool
	// Ticks are where the labels stand; nil chooses round numbers.
	Ticks []float64
	// Absolute labels ticks without their sign, for histograms that also go down.
	Absolute bool

	step float64 // between ticks, if Around has chosen it
}

// Around returns an axis from a round number at or below the least of the values to one at or above the greatest.
// Values that aren't finite are passed over; without any it goes from 0 to 1.
func Around(label string, values ...float64) Axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, value := range values {
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			low, high = min(low, value), max(high, value)
		}
	}
	switch {
	case low > high:
		low, high = 0, 1
	case low == high:
		low, high = low-max(.5, math.Abs(low)/10), high+max(.5, math.Abs(high)/10)
	}
	step := roundStep(high - low)
	return Axis{Label: label, Min: math.Floor(low/step+1e-9) * step, Max: math.Ceil(high/step-1e-9) * step, step: step}
}

// Decades returns a logarithmic axis of whole powers of ten around the positive values.
func Decades(label string, values ...float64) Axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, value := range values {
		if value > 0 && !math.IsInf(value, 0) {
			low, high = min(low, math.Log10(value)), max(high, math.Log10(value))
		}
	}
	if low > high {
		low, high = 0, 1
	}
	low, high = math.Floor(low+1e-9), math.Ceil(high-1e-9)
	return Axis{Label: label, Min: math.Pow(10, low), Max: math.Pow(10, max(high, low+1)), Log: true}
}

// place returns where a value stands between the ends, which are 0 and 1.
func (a Axis) place(value float64) float64 {
	if a.Log {
		return math.Log(value/a.Min) / math.Log(a.Max/a.Min)
	}
	return (value - a.Min) / (a.Max - a.Min)
}

func (a Axis) holds(value float64) bool { return value >= a.Min && value <= a.Max }

type tick struct {
	at    float64
	label string
}

func (a Axis) ticks() []tick {
	places := a.Ticks
	if places == nil {
		places = a.chosen()
	}
	ticks := make([]tick, 0, len(places))
	for _, at := range places {
		shown := at
		if a.Absolute {
			shown = math.Abs(at)
		}
		ticks = append(ticks, tick{at: at, label: short(shown)})
	}
	return ticks
}

// chosen are the round numbers between the ends: every power of ten, or about five of them.
func (a Axis) chosen() []float64 {
	var places []float64
	if a.Log {
		every := math.Ceil(math.Log10(a.Max/a.Min) / 6)
		for power := math.Round(math.Log10(a.Min)); power <= math.Log10(a.Max)+1e-9; power += every {
			places = append(places, math.Pow(10, power))
		}
		return places
	}
	step := a.step
	if step == 0 {
		step = roundStep(a.Max - a.Min)
	}
	for k := math.Ceil(a.Min/step - 1e-9); k*step <= a.Max+step*1e-9; k++ {
		places = append(places, k*step)
	}
	return places
}

// roundStep is 1, 2 or 5 times a power of ten, four to eight of which make the span.
func roundStep(span float64) float64 {
	rough := span / 5
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if rough <= factor*power*1.25 {
			return factor * power
		}
	}
	return 10 * power
}

// short formats a tick's number: thousands with a separator, very small ones as a power of ten, a true minus sign.
func short(value float64) string {
	size := math.Abs(value)
	var text string
	switch {
	case size < 1e-12:
		return "0"
	case size < 1e-3 || size >= 1e7:
		text = strconv.FormatFloat(size, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(text, "e")
		power, _ := strconv.Atoi(exponent)
		text = superscript(mantissa, power)
	case size >= 1e4:
		text = grouped(strconv.FormatFloat(size, 'f', 0, 64))
	default:
		text = strconv.FormatFloat(math.Round(size*1e6)/1e6, 'f', -1, 64)
	}
	if value < 0 {
		return "−" + text
	}
	return text
}

func superscript(mantissa string, power int) string {
	raised := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").
		Replace(strconv.Itoa(power))
	if mantissa == "1" {
		return "10" + raised
	}
	return mantissa + "·10" + raised
}

// grouped puts a thin space between thousands.
func grouped(digits string) string {
	var text strings.Builder
	for k, digit := range digits {
		if k > 0 && (len(digits)-k)%3 == 0 {
			text.WriteString("\u2009")
		}
		text.WriteRune(digit)
	}
	return text.String()
}

// canvas turns values into coordinates and collects what is drawn.
type canvas struct {
	text                     bytes.Buffer
	x, y                     Axis
	left, right, top, bottom float64
}

func (c *canvas) toX(value float64) float64 { return c.left + c.x.place(value)*(c.right-c.left) }
func (c *canvas) toY(value float64) float64 { return c.bottom - c.y.place(value)*(c.bottom-c.top) }

// number formats a coordinate to a tenth of a pixel.
func number(value float64) string {
	return strconv.FormatFloat(math.Round(value*10)/10, 'f', -1, 64)
}
