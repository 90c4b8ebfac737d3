package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/journey-os/journey-api/core/bkt"
)

// parameter is one row of a printed fit.
type parameter struct {
	name, meaning string
	value         float64
	se            *float64
}

func parametersOf(fitted *bkt.Fitted) []parameter {
	p, se := fitted.Params, fitted.SE
	rows := []parameter{
		{"L0", "mastered before the first answer", p.L0, se.L0},
		{"T", "learned with an answer", p.T, se.T},
		{"G", "a right answer without mastery: a guess", p.G, se.G},
		{"S", "a wrong answer in spite of mastery: a slip", p.S, se.S},
	}
	if fitted.Forgetting {
		rows = append(rows, parameter{"F", "mastery lost with an answer", p.F, se.F})
	}
	return rows
}

// writeFits writes a paragraph for each concept.
func writeFits(w io.Writer, fits []conceptFit) error {
	var text strings.Builder
	for i, fit := range fits {
		if i > 0 {
			text.WriteString("\n")
		}
		if fit.fitted == nil {
			fmt.Fprintf(&text, "%s: too few answers to fit: it takes two students with two answers each\n", fit.concept)
			continue
		}
		writeFit(&text, fit.concept, fit.fitted)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeFit(w io.Writer, concept string, fitted *bkt.Fitted) {
	_, _ = fmt.Fprintf(w, "%s: %d students, %d answers\n", concept, fitted.Students, fitted.Answers) // w is a strings.Builder
	for _, row := range parametersOf(fitted) {
		se := "no standard error"
		if row.se != nil {
			se = fmt.Sprintf("± %.4f", *row.se)
		}
		_, _ = fmt.Fprintf(w, "  %-2s  %.4f  %-17s  %s\n", row.name, row.value, se, row.meaning)
	}
	for _, sentence := range verdictOn(fitted) {
		_, _ = fmt.Fprintf(w, "  %s\n", sentence)
	}
}

// verdictOn returns the verdict on a fit in sentences.
func verdictOn(fitted *bkt.Fitted) []string {
	sentences := []string{"Identified: the answers determine these parameters."}
	if !fitted.Identified() {
		sentences[0] = "Not identified: the answers do not determine these parameters well enough to rely on them."
	}
	for _, warning := range fitted.Warnings {
		sentences = append(sentences, string(warning)+": "+warningSentence(warning, fitted))
	}
	held := fitted.HeldOut
	switch {
	case held.Students == 0:
		sentences = append(sentences, "Nothing was held out: that takes 50 students.")
	case held.Fitted < held.Current:
		sentences = append(sentences, fmt.Sprintf("Worse than the defaults on %d students held out: log-likelihood %.2f, the defaults %.2f.", held.Students, held.Fitted, held.Current))
	default:
		sentences = append(sentences, fmt.Sprintf("Not worse than the defaults on %d students held out: log-likelihood %.2f, the defaults %.2f.", held.Students, held.Fitted, held.Current))
	}
	end := fmt.Sprintf("Converged after %d iterations; log-likelihood %.3f.", fitted.Iterations, fitted.LogLikelihood)
	if !fitted.Converged {
		end = fmt.Sprintf("Not converged after %d iterations (--max-iterations); log-likelihood %.3f.", fitted.Iterations, fitted.LogLikelihood)
	}
	return append(sentences, end)
}

func warningSentence(warning bkt.Warning, fitted *bkt.Fitted) string {
	switch warning {
	case bkt.WarningAtBound:
		return "a parameter ended on the bound of what is allowed" + named(fitted, func(p parameter) bool { return p.se == nil }) + "."
	case bkt.WarningIllConditioned:
		return "the parameters can make up for one another: quite other values fit these answers nearly as well."
	case bkt.WarningImprecise:
		return "a standard error is above 0.10" + named(fitted, func(p parameter) bool { return p.se != nil && *p.se > .10 }) + ": it takes more students."
	case bkt.WarningAnswersSayLittle:
		return "a right answer is nearly as likely without mastery (1-G-S is below 0.2), so that answers say little about it."
	case bkt.WarningWrongAnswerCanRaiseMastery:
		return "a wrong first answer can raise mastery, because what is learned with it outweighs it. The defaults do so too; it is no fault."
	case bkt.WarningForgettingFitsBetter:
		return "students held out are more probable if mastery can be lost: try --forgetting."
	default:
		return "see docs/mastery.md."
	}
}

// named lists the selected parameters, in parentheses.
func named(fitted *bkt.Fitted, isMeant func(parameter) bool) string {
	var names []string
	for _, row := range parametersOf(fitted) {
		if isMeant(row) {
			names = append(names, row.name)
		}
	}
	if names == nil {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
