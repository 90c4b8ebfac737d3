package config_test

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

var update = flag.Bool("update", false, "write .env.example and the documented table anew")

const examplePath = "../../.env.example"

// Not parallel: with -update it writes what the parallel tests read afterwards.
func TestCommittedExampleIsTheRenderedOne(t *testing.T) {
	rendered := render(t, nil)
	if *update {
		if err := os.WriteFile(examplePath, rendered, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(rendered), string(committed)); diff != "" {
		t.Errorf("run the test with -update (-rendered +committed):\n%s", diff)
	}
}

func TestExampleLoadsAsItIsWithOneWarning(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(nil, config.File(examplePath))
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: publishedSecretWarning}}
	if diff := cmp.Diff(want, loaded.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestExampleShowsTheDefaults(t *testing.T) {
	t.Parallel()
	example := render(t, nil)
	uncommented := regexp.MustCompile(`(?m)^# ([A-Z0-9_]+=)`).ReplaceAll(example, []byte("$1"))
	if bytes.Equal(example, uncommented) {
		t.Fatal("no setting stands as a comment")
	}
	asItIs, err := config.Load(nil, config.Text(string(example)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := config.Load(nil, config.Text(string(uncommented)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asItIs.Settings, all.Settings, comparePrefixes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(asItIs.Warnings, all.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestExampleHasEverySettingOnce(t *testing.T) {
	t.Parallel()
	example := render(t, nil)
	var documented []string
	for _, match := range regexp.MustCompile(`(?m)^(?:# )?([A-Z0-9_]+)=`).FindAllSubmatch(example, -1) {
		documented = append(documented, string(match[1]))
	}
	known := map[string]bool{}
	for _, setting := range config.Reference() {
		known[setting.Name] = true
	}
	for _, name := range documented {
		if !known[name] {
			t.Errorf("%s is not a setting, or stands there twice", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("%s is missing", name)
	}
}

func TestExampleTakesChosenValuesToTheLetter(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{
		"plain":                      "Abc123-_.",
		"dollar signs":               "pa$$WORD${HOME}$(id)",
		"a comment sign":             "a #b#c",
		"spaces at both ends":        "  a  ",
		"a single quote":             `it's`,
		"a double quote":             `say "hi"`,
		"both quotes and backslash":  `'"\n\\$X`,
		"a line break":               "one\ntwo'",
		"an equals sign and letters": "ü=€",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := config.Load(nil, config.Text(string(render(t, map[string]string{
				"NEO4J_PASSWORD": password, "HEALTH_REQUIRED": "neo4j",
			}))))
			if err != nil {
				t.Fatal(err)
			}
			if got := loaded.Settings.Neo4j.Password.Reveal(); got != password {
				t.Errorf("got %q, want %q", got, password)
			}
			if diff := cmp.Diff([]string{"neo4j"}, loaded.Settings.Health.Required); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExampleRefusesAnUnknownName(t *testing.T) {
	t.Parallel()
	if _, err := config.Example(map[string]string{"NEO4J_PASSWRD": "x"}); err == nil {
		t.Error("no error")
	}
}

func render(t *testing.T, values map[string]string) []byte {
	t.Helper()
	text, err := config.Example(values)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
