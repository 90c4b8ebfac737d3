package plot

import _ "embed" // Style

// Style is the style sheet of the figures: light and dark by the reader's choice, dark on white when printed.
//
//go:embed plot.css
var Style string
