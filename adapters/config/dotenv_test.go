package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestDotenvReadsAValueToTheLetter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ line, want string }{
		"plain":                               {`NEO4J_PASSWORD=abc`, "abc"},
		"export before the name":              {"export \tNEO4J_PASSWORD=abc", "abc"},
		"spaces around":                       {"  NEO4J_PASSWORD = \tabc \t", "abc"},
		"a Windows line end":                  {"NEO4J_PASSWORD=abc\r", "abc"},
		"a byte order mark":                   {"\ufeffNEO4J_PASSWORD=abc", "abc"},
		"a space inside":                      {`NEO4J_PASSWORD=a b`, "a b"},
		"equals signs":                        {`NEO4J_PASSWORD=a=b==`, "a=b=="},
		"a dollar sign is not expanded":       {`NEO4J_PASSWORD=a$HOME${NEO4J_USERNAME}$1`, `a$HOME${NEO4J_USERNAME}$1`},
		"a backslash stays":                   {`NEO4J_PASSWORD=a\nb\$`, `a\nb\$`},
		"a # inside":                          {`NEO4J_PASSWORD=a#b`, "a#b"},
		"a # at the start":                    {`NEO4J_PASSWORD=#abc`, "#abc"},
		"a comment":                           {"NEO4J_PASSWORD=abc\t# the password # of neo4j", "abc"},
		"quotes inside":                       {`NEO4J_PASSWORD=a'b"c`, `a'b"c`},
		"single quotes":                       {`NEO4J_PASSWORD=' a #b $HOME \n "c" '`, ` a #b $HOME \n "c" `},
		"single quotes with a comment":        {`NEO4J_PASSWORD='abc' # 'the' password`, "abc"},
		"double quotes":                       {`NEO4J_PASSWORD=" a #b 'c' "`, ` a #b 'c' `},
		"double quotes do not expand":         {`NEO4J_PASSWORD="a$HOME\$"`, `a$HOME$`},
		"double quotes with escapes":          {`NEO4J_PASSWORD="a\"b\\c\nd" # comment`, "a\"b\\c\nd"},
		"double quotes ending in a backslash": {`NEO4J_PASSWORD="a\\"`, `a\`},
		"of two lines the last":               {"NEO4J_PASSWORD=abc\nNEO4J_PASSWORD=def", "def"},
		"letters outside ASCII":               {`NEO4J_PASSWORD=pässwörd`, "pässwörd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := config.Load(complete(map[string]string{"NEO4J_PASSWORD": ""}), config.Text(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if got := loaded.Settings.Neo4j.Password.Reveal(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDotenvReportsEveryBrokenLineAndQuotesNone(t *testing.T) {
	t.Parallel()
	dotenv := strings.Join([]string{
		"# comment",
		"hunter2",
		"NEO4J_USERNAME=neo4j",
		`NEO4J_PASSWORD="hunter2`,
		`SUPABASE_ANON_KEY='hunter2' hunter2`,
		`SUPABASE_SERVICE_ROLE_KEY="hunter\2"`,
		`hunter 2=x`,
		`API_PORT: 8000`,
		`SUPABASE_JWT_SECRET='hunter2`,
		`=hunter2`,
		`OTHER="hunter2\`,
	}, "\r\n")
	const (
		shape = "is not NAME=value"
		open  = "has a quote that does not end on its line"
	)
	want := config.Faults{
		{Name: ".env line 2", Problem: shape, Example: "NAME=value"},
		{Name: ".env line 4", Problem: open, Example: "NEO4J_PASSWORD='value'"},
		{Name: ".env line 5", Problem: "has text after the closing quote", Example: "SUPABASE_ANON_KEY='value'"},
		{Name: ".env line 6", Problem: `has a backslash in double quotes that is not \\, \", \$ or \n: single quotes keep it as it is`, Example: "SUPABASE_SERVICE_ROLE_KEY='value'"},
		{Name: ".env line 7", Problem: shape, Example: "NAME=value"},
		{Name: ".env line 8", Problem: shape, Example: "NAME=value"},
		{Name: ".env line 9", Problem: open, Example: "SUPABASE_JWT_SECRET='value'"},
		{Name: ".env line 10", Problem: shape, Example: "NAME=value"},
		{Name: ".env line 11", Problem: open, Example: "NAME=value"},
	}
	environment := complete(map[string]string{
		"NEO4J_PASSWORD": "", "SUPABASE_ANON_KEY": "", "SUPABASE_SERVICE_ROLE_KEY": "", "SUPABASE_JWT_SECRET": "",
	})
	if diff := cmp.Diff(want, faultsOf(t, environment, config.Text(dotenv))); diff != "" {
		t.Error(diff)
	}
}

func TestDotenvWarnsAboutNamesThatAreNoSettings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"NEO4J_URL":            `sets "NEO4J_URL", which is not a setting: is NEO4J_URI meant?`,
		"SUPABASE_ULR":         `sets "SUPABASE_ULR", which is not a setting: is SUPABASE_URL meant?`,
		"supabase_jwt_secret":  `sets "supabase_jwt_secret", which is not a setting: is SUPABASE_JWT_SECRET meant?`,
		"SUPABASE_SERVICE_KEY": `sets "SUPABASE_SERVICE_KEY", which is not a setting: is SUPABASE_SERVICE_ROLE_KEY meant?`,
		"NEO4J_USER":           `sets "NEO4J_USER", which is not a setting: is NEO4J_USERNAME meant?`,
		"CORS_ORIGIN":          `sets "CORS_ORIGIN", which is not a setting: is CORS_ORIGINS meant?`,
		"NEO4J_PASSWORD_FIEL":  `sets "NEO4J_PASSWORD_FIEL", which is not a setting: is NEO4J_PASSWORD_FILE meant?`,
		"PYTHON_API_PROT":      `sets "PYTHON_API_PROT", which is not a setting: is PYTHON_API_PORT meant?`,
		"PORT":                 `sets "PORT", which is not a setting: is API_PORT meant?`,
		"SUPABASE_KEY":         `sets "SUPABASE_KEY", which is not a setting: is SUPABASE_SERVICE_ROLE_KEY or SUPABASE_ANON_KEY meant?`,
		"SUPABASE_SECRET_KEYS": `sets "SUPABASE_SECRET_KEYS", which is not a setting: is SUPABASE_SERVICE_ROLE_KEY meant?`,
		"SUPABASE_SECRT_KEY":   `sets "SUPABASE_SECRT_KEY", which is not a setting: is SUPABASE_SECRET_KEY meant?`,
		"SUPABASE_ADMIN_KEY":   `sets "SUPABASE_ADMIN_KEY", which is not a setting: is SUPABASE_SECRET_KEY meant?`,
		"SUPABASE_PRIVATE_KEY": `sets "SUPABASE_PRIVATE_KEY", which is not a setting: is SUPABASE_SECRET_KEY meant?`,
		"SUPABASE_JWT_KEY":     `sets "SUPABASE_JWT_KEY", which is not a setting: is SUPABASE_JWT_SECRET meant?`,
		"SUPABASE_AUTH_KEY":    "sets a name that is not a setting: it is ignored",
		"SUPABASE_DB_URL":      `sets "SUPABASE_DB_URL", which is not a setting: is DATABASE_URL meant?`,
		"POSTGRES_URL":         `sets "POSTGRES_URL", which is not a setting: is DATABASE_URL meant?`,
		"SUPABASE_ANNON_KEY":   `sets "SUPABASE_ANNON_KEY", which is not a setting: is SUPABASE_ANON_KEY meant?`,
		"NEXT_PUBLIC_SUPABASE_PUBLISHABLE_DEFAULT_KEY": `sets "NEXT_PUBLIC_SUPABASE_PUBLISHABLE_DEFAULT...", which is not a setting: is SUPABASE_ANON_KEY meant?`,
		"VITE_SUPABASE_URL":                            `sets "VITE_SUPABASE_URL", which is not a setting: is SUPABASE_URL meant?`,
		"NEO4J_USERNAM":                                `sets "NEO4J_USERNAM", which is not a setting: is NEO4J_USERNAME meant?`,
		"OTEL_EXPORTER_OTLP_ENDPOINT":                  "sets a variable of OpenTelemetry, which is read from the environment alone: it is ignored",
		"AWS_SECRET_ACCESS_KEY":                        "sets a name that is not a setting: it is ignored",
		"hunter2hunter2":                               "sets a name that is not a setting: it is ignored",
		"X":                                            "sets a name that is not a setting: it is ignored",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := config.Load(complete(nil), config.Text("\n"+name+"=x"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]config.Warning{{Name: ".env line 2", Message: want}}, loaded.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheEnvironmentIsNotSearchedForMisspeltNames(t *testing.T) {
	t.Parallel()
	if loaded := load(t, complete(map[string]string{"NEO4J_URL": "x", "PATH": "/bin"})); len(loaded.Warnings) > 0 {
		t.Error(loaded.Warnings)
	}
}

func TestAMisspeltNameIsWarnedAboutBesideTheFaultItCauses(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(nil, config.Text(strings.Replace(storyDotenv, "NEO4J_URI", "NEO4J_URL", 1)))
	if diff := cmp.Diff([]string{"is required"}, problemsOf(err)); diff != "" {
		t.Error(diff)
	}
	if len(loaded.Warnings) != 2 || loaded.Warnings[0].String() != `.env line 7 sets "NEO4J_URL", which is not a setting: is NEO4J_URI meant?` {
		t.Error(loaded.Warnings)
	}
}

func TestANameSetTwiceIsWarnedAbout(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(complete(nil), config.Text("API_PORT=1\n\nAPI_PORT=2"))
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Warning{{Name: ".env line 3", Message: "sets API_PORT again: it counts, line 1 does not"}}
	if diff := cmp.Diff(want, loaded.Warnings); diff != "" || loaded.Settings.HTTP.Port != 2 {
		t.Error(diff, loaded.Settings.HTTP.Port)
	}
}

func TestDotenvFiles(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	missing := filepath.Join(directory, "missing")
	good := filepath.Join(directory, "good")
	utf16 := filepath.Join(directory, "utf16")
	if err := os.WriteFile(good, []byte(storyDotenv), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(utf16, []byte("\xff\xfeA\x00=\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environment map[string]string
		source      config.Source
		want        []string
	}{
		"a good one":                       {nil, config.File(good), nil},
		"a good one that may be missing":   {nil, config.OptionalFile(good), nil},
		"none if it may be missing":        {complete(nil), config.OptionalFile(missing), nil},
		"none if it must be there":         {nil, config.File(missing), []string{"does not exist"}},
		"a directory":                      {nil, config.OptionalFile(directory), []string{"is a directory"}},
		"UTF-16":                           {nil, config.File(utf16), []string{"is not UTF-8 text"}},
		"a NUL byte":                       {nil, config.Text("A=\x00"), []string{"is not UTF-8 text"}},
		"unreadable, beside another fault": {map[string]string{"LOG_LEVEL": "x"}, config.File(directory), []string{"is a directory", `"x" is not DEBUG, INFO, WARN or ERROR`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(test.environment, test.source)
			if diff := cmp.Diff(test.want, problemsOf(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// marker stands for a secret: no message of the package has these letters.
const marker = "Zq7xKw9v"

// FuzzDotenv writes a secret in any way into any .env: nothing panics, no message contains the secret, and no setting
// is loaded in part.
func FuzzDotenv(f *testing.F) {
	f.Add(storyDotenv, "", "")
	f.Add("", `"`, `"`)
	f.Add("NEO4J_PASSWORD='", `'`, ` # x`)
	f.Add("export ", `a\`, "\r\nNEO4J_URL=x")
	f.Add("\ufeff", ` #`, "\n=\nA\nSUPABASE_JWT_SECRET='")
	f.Add("APP_ENV=production\nSUPABASE_URL=http://", `"\x`, "\xff\x00")
	f.Add("PYTHON_API_PORT=\nCORS_ORIGINS=null", `${HOME}`, "\nTRUSTED_PROXIES=::/0")
	f.Fuzz(func(t *testing.T, before, around, after string) {
		if strings.Contains(before+after, marker) || strings.Contains(before+after, "_FILE") {
			t.Skip("the marker belongs into the secret, and files stay closed")
		}
		around = strings.ReplaceAll(around, "\n", " ")
		for _, name := range []string{"NEO4J_PASSWORD", "SUPABASE_JWT_SECRET", "SUPABASE_ANON_KEY"} {
			dotenv := before + "\n" + name + "=" + around + marker + around + "\n" + after
			loaded, err := config.Load(complete(map[string]string{name: ""}), config.Text(dotenv))
			said := loaded.Table()
			for _, warning := range loaded.Warnings {
				said += warning.String()
			}
			if err != nil {
				faults, isFaults := errors.AsType[config.Faults](err)
				if !isFaults || len(faults) == 0 {
					t.Fatalf("not Faults: %v", err)
				}
				said += faults.Table() + faults.Error()
			}
			if strings.Contains(said, marker) {
				t.Fatalf("%q gives the secret away: %s", dotenv, said)
			}
			if err == nil && len(loaded.InForce) != len(config.Reference()) {
				t.Fatalf("%d settings in force", len(loaded.InForce))
			}
		}
	})
}
