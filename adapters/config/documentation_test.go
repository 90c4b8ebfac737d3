package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

const (
	documentationPath = "../../docs/settings.md"
	tableBegin        = "<!-- settings: begin -->\n"
	tableEnd          = "<!-- settings: end -->\n"
)

// Not parallel: with -update it writes the page.
func TestTheDocumentedTableIsTheOneOfTheCode(t *testing.T) {
	page, err := os.ReadFile(documentationPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(page), tableBegin)
	_, after, hasEnd := strings.Cut(rest, tableEnd)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s has no place for the table, between %q and %q", documentationPath, tableBegin, tableEnd)
	}
	want := before + tableBegin + documentedTable() + tableEnd + after
	if *update {
		if err := os.WriteFile(documentationPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("run the test with -update (-code +page):\n%s", diff)
	}
}

// documentedTable is every setting with its default, its rule and what it does, under the heading of its group.
func documentedTable() string {
	var text strings.Builder
	group := ""
	for _, setting := range config.Reference() {
		if setting.Group != group {
			group = setting.Group
			fmt.Fprintf(&text, "\n## %s\n\n| name | default | takes | what it does |\n|---|---|---|---|\n", group)
		}
		names := "`" + setting.Name + "`"
		for _, alias := range setting.Aliases {
			names += ", also `" + alias + "`"
		}
		takes := setting.Takes()
		if setting.Secret {
			takes = strings.TrimSuffix("secret; "+takes, "; ")
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", names, documentedDefault(setting), inCell(takes), inCell(setting.Description))
	}
	return text.String() + "\n"
}

func inCell(text string) string { return strings.NewReplacer("|", `\|`, "*", `\*`).Replace(text) }

func documentedDefault(s config.Setting) string {
	switch {
	case s.Required:
		return "required"
	case s.Default == "":
		return "–"
	case s.ProductionDefault != "":
		return "`" + s.Default + "`, in production `" + s.ProductionDefault + "`"
	default:
		return "`" + s.Default + "`"
	}
}
