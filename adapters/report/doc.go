// Package report writes the result of a calculation as one HTML file without scripts and external resources, readable
// on a screen, in dark mode and on paper. Its plots come from the package plot.
package report
