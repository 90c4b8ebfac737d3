package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
)

// Tone is one of the colours of Style, from 1 to 4; 0 is grey. Each has its own dash or shape if layers could be
// mistaken for one another.
type Tone int

func (t Tone) class() string { return "t" + strconv.Itoa(int(t)) }

// Point is a place in the units of the axes.
type Point struct{ X, Y float64 }

// Line joins points. It breaks at one that lies outside the axes or isn't finite.
type Line struct {
	Name   string
	Tone   Tone
	Dashed bool
	Points []Point
}

func (l Line) class() string {
	if l.Dashed {
		return "line dashed " + l.Tone.class()
	}
	return "line " + l.Tone.class()
}

func (l Line) legend() (name, mark string) {
	return l.Name, `<path class="` + l.class() + `" d="M0 0H18"/>`
}

func (l Line) draw(c *canvas) {
	c.print(`<path class="%s" d="`, l.class())
	command := "M"
	for _, p := range l.Points {
		if !c.x.holds(p.X) || !c.y.holds(p.Y) {
			command = "M"
			continue
		}
		c.print("%s%s %s", command, number(c.toX(p.X)), number(c.toY(p.Y)))
		command = "L"
	}
	c.print(`"/>`)
}

// Dot is a point, with an interval if Low is below High.
type Dot struct {
	Point
	Low, High float64
}

// Dots are points with intervals.
type Dots struct {
	Name string
	Tone Tone
	Dots []Dot
}

func (d Dots) legend() (name, mark string) {
	return d.Name, fmt.Sprintf(`<path class="whisker %s" d="M9 -7V7"/><path class="dots %s" d="M9 0h0"/>`, d.Tone.class(), d.Tone.class())
}

func (d Dots) draw(c *canvas) {
	c.print(`<path class="whisker %s" d="`, d.Tone.class())
	for _, dot := range d.Dots {
		if low, high := max(dot.Low, c.y.Min), min(dot.High, c.y.Max); low < high && c.x.holds(dot.X) {
			c.print("M%s %sV%s", number(c.toX(dot.X)), number(c.toY(low)), number(c.toY(high)))
		}
	}
	c.print(`"/><path class="dots %s" d="`, d.Tone.class())
	for _, dot := range d.Dots {
		if c.x.holds(dot.X) && c.y.holds(dot.Y) {
			c.print("M%s %sh0", number(c.toX(dot.X)), number(c.toY(dot.Y)))
		}
	}
	c.print(`"/>`)
}

// Bars is a histogram: Heights[k] from Edges[k] to Edges[k+1]. A negative height hangs below 0.
type Bars struct {
	Name    string
	Tone    Tone
	Edges   []float64
	Heights []float64
}

func (b Bars) legend() (name, mark string) {
	return b.Name, fmt.Sprintf(`<rect class="bar %s" x="3" y="-5" width="12" height="10"/>`, b.Tone.class())
}

func (b Bars) draw(c *canvas) {
	zero := c.toY(0)
	for k, height := range b.Heights {
		start, end := c.toX(max(b.Edges[k], c.x.Min)), c.toX(min(b.Edges[k+1], c.x.Max))
		at := c.toY(max(c.y.Min, min(c.y.Max, height)))
		if height == 0 || end <= start {
			continue
		}
		c.print(`<rect class="bar %s" x="%s" y="%s" width="%s" height="%s"/>`, b.Tone.class(),
			number(start+.5), number(min(zero, at)), number(max(end-start-1, .6)), number(math.Abs(zero-at)))
	}
}

// Rule is a line across the plot at X.
type Rule struct {
	X     float64
	Label string
}

func (r Rule) legend() (name, mark string) { return "", "" }

func (r Rule) draw(c *canvas) {
	if !c.x.holds(r.X) {
		return
	}
	at := c.toX(r.X)
	c.print(`<path class="rule" d="M%s %sV%s"/>`, number(at), number(c.top), number(c.bottom))
	if anchor, aside := "start", 4.0; r.Label != "" {
		if at > (c.left+c.right)/2 {
			anchor, aside = "end", -4
		}
		c.print(`<text class="note" text-anchor="%s" x="%s" y="%s">%s</text>`, anchor, number(at+aside), number(c.top+9), html.EscapeString(r.Label))
	}
}

// Histogram counts the values in equal bins from low to high. Values outside are counted in the first or last
// bin; NaN isn't counted.
func Histogram(values []float64, low, high float64, bins int) (edges, counts []float64) {
	edges, counts = make([]float64, bins+1), make([]float64, bins)
	for k := range edges {
		edges[k] = low + (high-low)*float64(k)/float64(bins)
	}
	for _, value := range values {
		if math.IsNaN(value) {
			continue
		}
		place := (value - low) / (high - low) * float64(bins)
		counts[int(max(0, min(float64(bins-1), place)))]++
	}
	return edges, counts
}
