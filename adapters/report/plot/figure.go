package plot

import (
	"fmt"
	"html"
	"html/template"
)

// Figure is one plot. Its size is in CSS pixels; a narrower page shrinks it.
type Figure struct {
	// Label describes the plot for screen readers.
	Label         string
	Width, Height float64
	X, Y          Axis
	// Layers are drawn in this order. Those with a name make the legend.
	Layers []Layer
	// FrameID refers to axes that Frame defined on the same page; empty draws them.
	FrameID string
}

// Layer is something drawn between the axes: Line, Dots, Bars or Rule.
type Layer interface {
	draw(c *canvas)
	legend() (name string, mark string)
}

// The room around the plot, for labels.
const (
	left, right   = 54, 20
	top, bottom   = 12, 40
	legendHeight  = 20
	characterWide = 6.2 // about, at the font size of Style
)

// SVG returns the figure as an element for an HTML page that includes Style.
func (f Figure) SVG() template.HTML {
	c := f.canvas()
	c.print(`<svg class="plot" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s">`,
		number(f.Width), number(f.Height), number(f.Width), number(f.Height), html.EscapeString(f.Label))
	f.content(c)
	c.print(`</svg>`)
	return c.html()
}

// File returns the figure as an SVG document with Style in it.
func (f Figure) File() []byte {
	c := f.canvas()
	c.print(`<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 %s %s" width="%s" height="%s" role="img">`,
		number(f.Width), number(f.Height), number(f.Width), number(f.Height))
	c.print("<title>%s</title><style>%s</style>", html.EscapeString(f.Label), Style)
	c.print(`<rect class="paper" width="100%%" height="100%%"/>`)
	f.content(c)
	c.print("</svg>\n")
	return c.text.Bytes()
}

// Frame returns the axes as a definition for figures of the same size and axes that name id as their FrameID.
func (f Figure) Frame(id string) template.HTML {
	c := f.canvas()
	c.print(`<svg class="plot-frame" aria-hidden="true"><defs><g id="%s">`, html.EscapeString(id))
	c.axes(f.X, f.Y)
	c.print(`</g></defs></svg>`)
	return c.html()
}

func (f Figure) canvas() *canvas {
	c := &canvas{x: f.X, y: f.Y, left: left, right: f.Width - right, top: top, bottom: f.Height - bottom}
	for _, layer := range f.Layers {
		if name, _ := layer.legend(); name != "" {
			c.top = top + legendHeight
		}
	}
	return c
}

func (f Figure) content(c *canvas) {
	if f.FrameID != "" {
		c.print(`<use href="#%s"/>`, html.EscapeString(f.FrameID))
	} else {
		c.axes(f.X, f.Y)
	}
	for _, layer := range f.Layers {
		layer.draw(c)
	}
	at := c.left
	for _, layer := range f.Layers {
		name, mark := layer.legend()
		if name == "" {
			continue
		}
		c.print(`<g transform="translate(%s %s)">%s<text class="key" x="22" y="4">%s</text></g>`,
			number(at), number(top), mark, html.EscapeString(name))
		at += 38 + characterWide*float64(len([]rune(name)))
	}
}

// axes draws the grid, the ticks and the labels.
func (c *canvas) axes(x, y Axis) {
	for _, tick := range y.ticks() {
		at := number(c.toY(tick.at))
		c.print(`<path class="grid" d="M%s %sH%s"/>`, number(c.left), at, number(c.right))
		c.print(`<text class="tick y" x="%s" y="%s">%s</text>`, number(c.left-6), number(c.toY(tick.at)+3.5), tick.label)
	}
	for _, tick := range x.ticks() {
		at := number(c.toX(tick.at))
		c.print(`<path class="axis" d="M%s %sv4"/>`, at, number(c.bottom))
		c.print(`<text class="tick x" x="%s" y="%s">%s</text>`, at, number(c.bottom+16), tick.label)
	}
	c.print(`<path class="axis" d="M%s %sH%s"/>`, number(c.left), number(c.bottom), number(c.right))
	c.print(`<text class="label x" x="%s" y="%s">%s</text>`, number((c.left+c.right)/2), number(c.bottom+33), html.EscapeString(x.Label))
	middle := (c.top + c.bottom) / 2
	c.print(`<text class="label y" transform="translate(12 %s) rotate(-90)">%s</text>`, number(middle), html.EscapeString(y.Label))
}

func (c *canvas) print(format string, values ...any) { fmt.Fprintf(&c.text, format, values...) }

//nolint:gosec // what isn't made here is escaped if it is printed
func (c *canvas) html() template.HTML { return template.HTML(c.text.String()) }
