package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/journey-os/journey-api/core/irt"
)

// writeTable prints a calibration for people.
func writeTable(w io.Writer, done calibrated) error {
	var text strings.Builder
	result := done.result
	fmt.Fprintf(&text, "%s: %s, %s, %s\n", done.source,
		counted(done.people, "person"), counted(done.items, "item"), counted(done.responses, "response"))
	end := "converged after " + counted(result.Iterations, "iteration")
	if !result.Converged {
		end = fmt.Sprintf("NOT CONVERGED after %s: parameters still change by more than %g (--max-iterations)", counted(result.Iterations, "iteration"), done.settings.Threshold)
	}
	density := string(result.Density)
	if result.DensityTrial.CutOff && result.Converged {
		density += " (--max-iterations ended the trial of an estimated one)"
	}
	fmt.Fprintf(&text, "%s, %s, %.2f s\nlog-likelihood %.3f, distribution of ability: %s\n\n", done.settings.Model, end, done.elapsed.Seconds(), result.LogLikelihood, density)
	writeItems(&text, result.Items)
	writeSkipped(&text, result.Skipped, done.settings.MinResponses)
	_, err := io.WriteString(w, text.String())
	return err
}

func writeItems(text io.Writer, items []irt.Item) {
	columns := tabwriter.NewWriter(text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(flags string, cells ...string) {
		_, _ = fmt.Fprintln(columns, strings.TrimRight(strings.Join(cells, "\t")+"\t  "+flags, " ")) // text is a strings.Builder
	}
	width := len("item")
	for _, item := range items {
		width = max(width, len([]rune(item.ID)))
	}
	left := func(id string) string { return id + strings.Repeat(" ", width-len([]rune(id))) }
	row("flags", left("item"), "n", "right", "a", "SE", "b", "SE", "c", "SE", "infit", "outfit", "rmsd", "rest r")
	for _, item := range items {
		row(flagList(item), left(item.ID), strconv.Itoa(item.Responses), decimals(2, float64(item.Correct)/float64(item.Responses)),
			decimals(3, item.A), known(3, item.SE.A), decimals(3, item.B), known(3, item.SE.B), decimals(3, item.C), known(3, item.SE.C),
			decimals(2, item.Fit.Infit), decimals(2, item.Fit.Outfit), decimals(3, item.Fit.RMSD), known(2, item.Fit.ItemRest))
	}
	_ = columns.Flush()
}

func writeSkipped(text io.Writer, skipped []irt.Skipped, minimum int) {
	if len(skipped) == 0 {
		return
	}
	_, _ = fmt.Fprintf(text, "\n%s skipped\n", counted(len(skipped), "item"))
	for _, item := range skipped {
		_, _ = fmt.Fprintf(text, "%s: %s (%s)\n", item.ID, skipSentence(item, minimum), counted(item.Responses, "response"))
	}
}

func skipSentence(item irt.Skipped, minimum int) string {
	switch item.Reason {
	case irt.SkipNoVariance:
		if item.Responses == 0 {
			return "nobody answered it"
		}
		return "all its answers are right, or all are wrong"
	case irt.SkipInsufficientResponses:
		return fmt.Sprintf("it has fewer than %s", counted(minimum, "response"))
	}
	return string(item.Reason)
}

// whyNothing returns why no item could be calibrated.
func whyNothing(skipped []irt.Skipped, minimum int) string {
	count := map[irt.SkipReason]int{}
	for _, item := range skipped {
		count[item.Reason]++
	}
	var reasons []string
	if n := count[irt.SkipNoVariance]; n > 0 {
		reasons = append(reasons, counted(n, "item")+" with answers that are all right or all wrong")
	}
	if n := count[irt.SkipInsufficientResponses]; n > 0 {
		reasons = append(reasons, fmt.Sprintf("%s with fewer than %s (--min-responses)", counted(n, "item"), counted(minimum, "response")))
	}
	return "no item can be calibrated: " + strings.Join(reasons, ", ")
}

// writeParameters writes a row for each item, in full precision. A number that does not exist is empty.
func writeParameters(w io.Writer, result irt.Result) error {
	table := csv.NewWriter(w)
	_ = table.Write([]string{ // its error stays and is looked at in the end
		"item_id", "a", "b", "c", "a_se", "b_se", "c_se", "infit_mnsq", "outfit_mnsq", "rmsd", "item_rest_r", "s_x2", "s_x2_df", "s_x2_p", "flags", "response_count",
	})
	for _, item := range result.Items {
		sx2, df := irt.Optional{Value: item.Fit.SX2.Statistic, Known: item.Fit.SX2.Known}, ""
		if sx2.Known {
			df = strconv.Itoa(item.Fit.SX2.DF)
		}
		_ = table.Write([]string{
			item.ID, exact(irt.Some(item.A)), exact(irt.Some(item.B)), exact(irt.Some(item.C)), exact(item.SE.A), exact(item.SE.B), exact(item.SE.C),
			exact(irt.Some(item.Fit.Infit)), exact(irt.Some(item.Fit.Outfit)), exact(irt.Some(item.Fit.RMSD)), exact(item.Fit.ItemRest),
			exact(sx2), df, exact(item.Fit.SX2.P), flagList(item), strconv.Itoa(item.Responses),
		})
	}
	table.Flush()
	return table.Error()
}

func flagList(item irt.Item) string {
	flags := make([]string, len(item.Flags))
	for k, flag := range item.Flags {
		flags[k] = string(flag)
	}
	return strings.Join(flags, " ")
}

func exact(value irt.Optional) string {
	if !value.Known {
		return ""
	}
	return strconv.FormatFloat(value.Value, 'g', -1, 64)
}

func decimals(n int, value float64) string { return strconv.FormatFloat(value, 'f', n, 64) }

func known(n int, value irt.Optional) string {
	if !value.Known {
		return "-"
	}
	return decimals(n, value.Value)
}

func counted(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case thing == "person":
		return strconv.Itoa(n) + " people"
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
