// Package plot draws small line plots, dot plots and histograms as SVG, without a script and without an outside file.
//
// A Figure has two axes and layers that are drawn in their order. Colours come from the style sheet Style, which knows
// light, dark and print: a page that shows figures includes it once. Figure.SVG is a fragment for such a page,
// Figure.File a document of its own.
//
// A page with many figures of the same axes draws these once: Figure.Frame defines them, and figures that name them in
// FrameID refer to them.
package plot
