package measure

import (
	"slices"
	"strings"
)

// Median is the middle value, or the mean of the two in the middle; 0 of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// Markdown is a table whose first line is its head; all columns but the first are aligned to the right.
func Markdown(lines [][]string) string {
	var text strings.Builder
	for i, cells := range lines {
		text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			text.WriteString("|---|" + strings.Repeat("---:|", len(cells)-1) + "\n")
		}
	}
	return text.String()
}
