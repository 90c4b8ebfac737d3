// Package report writes what a calculation found as one HTML file: no script, nothing fetched, readable on a screen,
// in the dark and on paper. Its plots come from the package plot.
package report
