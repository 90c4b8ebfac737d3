package figures

import (
	"strings"
	"time"
)

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

// Milliseconds is d in milliseconds, with what microseconds add.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Megabytes are those of 1024 kilobytes.
func Megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
