package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

const (
	secretKey = "sb_secret_of-the-tests"
	adaID     = "17553f84-6b3f-58e7-9469-f3e59d6a14db"
)

// asked is what became of a command.
type asked struct {
	Code           int
	Stdout, Stderr string
}

// account runs `journey-api account` for ada@school.example with these arguments, on a project with her as its user.
// No setting is there but the project's URL and key.
func account(t *testing.T, change func(*standin.Auth), arguments ...string) (asked, string) {
	t.Helper()
	auth := &standin.Auth{Key: secretKey}
	auth.Add(adaID, "ada@school.example", map[string]any{"plan": "gold", "institution_id": "school-0", "is_course_director": true})
	if change != nil {
		change(auth)
	}
	url := auth.Start(t)
	return runAccount(map[string]string{"SUPABASE_URL": url, "SUPABASE_SECRET_KEY": secretKey}, arguments...), url
}

func runAccount(environment map[string]string, arguments ...string) asked {
	var stdout, stderr bytes.Buffer
	code := cli.Execute(cli.Process{
		Arguments: append([]string{"account"}, arguments...), Environment: environment,
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Version: "test",
	})
	return asked{code, stdout.String(), stderr.String()}
}

func TestAccountSetsWhatTheLineSaysAndShowsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	const before = `before  {"institution_id":"school-0","is_course_director":true,"plan":"gold","provider":"email","providers":["email"]}` + "\n"
	const user = "user    " + adaID + " ada@school.example\n"
	for name, test := range map[string]struct {
		arguments []string
		after     string
	}{
		"a faculty member who directs a course": {
			[]string{"--role", "faculty", "--institution", "school-1", "--course-director"},
			`{"institution_id":"school-1","is_course_director":true,"plan":"gold","provider":"email","providers":["email"],"role":"faculty"}`,
		},
		"who directs none any more": {
			[]string{"--role", "faculty", "--institution", "school-0"},
			`{"institution_id":"school-0","is_course_director":false,"plan":"gold","provider":"email","providers":["email"],"role":"faculty"}`,
		},
		"a superadmin of no institution": {
			[]string{"--role", "superadmin"},
			`{"is_course_director":false,"plan":"gold","provider":"email","providers":["email"],"role":"superadmin"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _ := account(t, nil, append([]string{"--email", "Ada@school.example"}, test.arguments...)...)
			want := asked{cli.ExitOK, user + before + "after   " + test.after + "\n", "It counts with the user's next access token: within the hour, or when they sign in again.\n"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccountRefusesInSentences(t *testing.T) {
	t.Parallel()
	student := []string{"--email", "nobody@school.example", "--role", "student", "--institution", "school-1"}
	for name, test := range map[string]struct {
		change    func(*standin.Auth)
		arguments []string
		code      int
		says      string
	}{
		"no such user": {nil, student, cli.ExitCouldNot, "no user of URL has the email nobody@school.example: they sign up first, or are invited in Supabase's dashboard"},
		"the key is rejected": {
			func(a *standin.Auth) { a.Key = "another" }, student, cli.ExitCouldNot,
			"URL rejects the key of SUPABASE_SERVICE_ROLE_KEY: it takes the project's secret (or service_role) key",
		},
		"something else answers": {
			func(a *standin.Auth) {
				a.Answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>parked</title>") }
			}, student, cli.ExitCouldNot,
			"the request to Supabase Auth at URL failed: Server error (supabase: list the users: it is not Supabase Auth that answers)",
		},
		"no role of the platform": {nil, []string{"--email", "a@b.example", "--role", "teacher"}, cli.ExitUsage, `"teacher" is no role: take one of superadmin, institutional_admin, faculty, advisor, student`},
		"no institution":          {nil, []string{"--email", "a@b.example", "--role", "student"}, cli.ExitUsage, "--institution is missing: of all roles only a superadmin needs none"},
		"no email":                {nil, []string{"--role", "student"}, cli.ExitUsage, "missing flags: --email=EMAIL (see journey-api --help)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, url := account(t, test.change, test.arguments...)
			want := asked{test.code, "", "journey-api: " + strings.ReplaceAll(test.says, "URL", url) + "\n"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccountSaysThatNobodyAnswersAndWhichSettingIsMissing(t *testing.T) {
	t.Parallel()
	auth := &standin.Auth{Key: secretKey}
	line := []string{"--email", "ada@school.example", "--role", "superadmin"}
	got := runAccount(map[string]string{"SUPABASE_URL": "http://nobody.localhost:0"}, line...)
	if got.Code != cli.ExitUsage || !strings.Contains(got.Stderr, "SUPABASE_SERVICE_ROLE_KEY  is required") || strings.Contains(got.Stderr, "NEO4J") {
		t.Errorf("%+v", got)
	}
	url := auth.Start(t)
	auth.Stop()
	got = runAccount(map[string]string{"SUPABASE_URL": url, "SUPABASE_SECRET_KEY": secretKey}, line...)
	if got.Code != cli.ExitCouldNot || !strings.HasPrefix(got.Stderr, "journey-api: the request to Supabase Auth at "+url+" failed: Connection refused (") || strings.Contains(got.Stderr, secretKey) {
		t.Errorf("%+v", got)
	}
}
