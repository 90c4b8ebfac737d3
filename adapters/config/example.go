package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:generate go test . -run Test(CommittedExample|TheDocumentedTable) -update

const exampleHeader = `# The settings of Journey API. The service reads them from a file named .env where it is started; a variable
# of the environment beats its line here. "journey-api init" makes such a file with fresh secrets;
# "journey-api config" shows what is in force.
#
# One NAME=value a line. A # after a space begins a comment. Nothing is expanded: $ and \ stand for themselves.
# Put a value with spaces, quotes or " #" into 'single quotes', which keep everything as it is (in "double
# quotes" \" \\ \$ and \n are escapes). Empty means not set. Lengths of time have a unit: 500ms, 10s, 1h.
# <NAME>_FILE names a file to read a secret from, such as SUPABASE_JWT_SECRET_FILE=/run/secrets/jwt.
`

const optionalHeader = `
# Everything below has a default, and the line shows it. Take the # away to change it.
`

// Example renders a whole .env with a comment on every setting. It is .env.example if values is empty; otherwise the
// values take the places of the examples. An unknown name in values is an error.
func Example(values map[string]string) ([]byte, error) {
	table := Reference()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(table, func(s Setting) bool { return s.Name == name }) {
			return nil, fmt.Errorf("%s is not a setting", name)
		}
	}
	var text strings.Builder
	text.WriteString(exampleHeader)
	isFirst := func(s Setting) bool { return s.Sample != "" }
	group := ""
	for _, setting := range table {
		if isFirst(setting) {
			writeSetting(&text, setting, &group, values)
		}
	}
	text.WriteString(optionalHeader)
	group = ""
	for _, setting := range table {
		if !isFirst(setting) {
			writeSetting(&text, setting, &group, values)
		}
	}
	return []byte(text.String()), nil
}

func writeSetting(text *strings.Builder, setting Setting, group *string, values map[string]string) {
	if setting.Group != *group {
		*group = setting.Group
		fmt.Fprintf(text, "\n# ---- %s ----\n", setting.Group)
	}
	description := setting.Description
	if takes := setting.Takes(); takes != "" {
		description += " Takes " + takes + "."
	}
	if setting.ProductionDefault != "" {
		description += " In production " + setting.ProductionDefault + " if not set."
	}
	if setting.Sample == "" && setting.Default == "" && !setting.Secret {
		description += " Example: " + setting.Example
	}
	text.WriteString("\n")
	for _, line := range wrap(description, 100) {
		fmt.Fprintf(text, "# %s\n", line)
	}
	value, chosen := values[setting.Name]
	switch {
	case chosen:
		fmt.Fprintf(text, "%s=%s\n", setting.Name, quoteDotenv(value))
	case setting.Sample != "":
		fmt.Fprintf(text, "%s=%s\n", setting.Name, quoteDotenv(setting.Sample))
	default:
		fmt.Fprintf(text, "# %s=%s\n", setting.Name, quoteDotenv(setting.Default))
	}
}

// wrap breaks text between words into lines of at most width bytes.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
