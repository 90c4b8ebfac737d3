// Package masking removes secrets from texts that are logged or shown: peers quote what was sent to them, and Go's
// clients quote peers.
package masking

import "strings"

// shortestRun is how many bytes a text must have in common with a secret to count as a part of it.
const shortestRun = 8

// Error returns err with *** in its text in place of each secret, and of each run of 8 or more bytes of one. It wraps
// err for errors.Is and errors.As.
func Error(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	shown := Text(text, secrets...)
	if shown == text {
		return err
	}
	return masked{shown, err}
}

type masked struct {
	text  string
	inner error
}

func (m masked) Error() string { return m.text }
func (m masked) Unwrap() error { return m.inner }

// Text is Error for a text. Mask a text before shortening it, since a shortened secret is no longer recognised.
func Text(text string, secrets ...string) string {
	var shown strings.Builder
	for i := 0; i < len(text); {
		run := 0
		for _, secret := range secrets {
			run = max(run, commonRun(text[i:], secret))
		}
		if run == 0 {
			shown.WriteByte(text[i])
			i++
			continue
		}
		shown.WriteString("***")
		i += run
	}
	return shown.String()
}

// commonRun returns the length of the longest prefix of text that is in secret, 0 if it is too short to count.
func commonRun(text, secret string) int {
	least := min(shortestRun, len(secret))
	if least == 0 || len(text) < least || !strings.Contains(secret, text[:least]) {
		return 0
	}
	run := least
	for run < len(text) && strings.Contains(secret, text[:run+1]) {
		run++
	}
	return run
}
