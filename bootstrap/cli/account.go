package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
)

type accountCommand struct {
	Email          string `required:"" placeholder:"EMAIL" help:"The user's email."`
	Role           string `required:"" placeholder:"ROLE" help:"One of superadmin, institutional_admin, faculty, advisor, student."`
	Institution    string `placeholder:"ID" help:"The institution; a superadmin needs none."`
	CourseDirector bool   `help:"Let them direct a course."`
}

// Help is shown below the usage.
func (accountCommand) Help() string {
	return "Sets role, institution_id and is_course_director in the app_metadata of the user at Supabase, which tokens carry, and " +
		"changes nothing else in it. All three are set: without --course-director it is false. Needs SUPABASE_URL and " +
		"SUPABASE_SERVICE_ROLE_KEY, and no other setting."
}

// Run prints the app_metadata before and after.
func (a accountCommand) Run(p Process, line *commandLine) error {
	changes, err := a.changes()
	if err != nil {
		return err
	}
	loaded, err := loadFor(p, line, "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY")
	if err != nil {
		return err
	}
	for _, warning := range loaded.Warnings {
		_, _ = fmt.Fprintln(p.Stderr, "warning: "+warning.String())
	}
	project := loaded.Settings.Supabase
	client, err := supabasedb.New(supabasedb.Config{
		URL: project.URL, ServiceRoleKey: project.ServiceRoleKey.Reveal(), Timeout: project.Timeout,
		HealthPath: loaded.Settings.Health.SupabasePath, UserAgent: "journey-api/" + p.Version,
	})
	if err != nil {
		return failf("%v", err)
	}
	defer client.Close()
	before, after, err := a.set(context.Background(), client, changes)
	if err != nil {
		return a.sentence(err, project)
	}
	_, err = fmt.Fprintf(p.Stdout, "user    %s %s\nbefore  %s\nafter   %s\n", after.ID, after.Email, asJSON(before.AppMetadata), asJSON(after.AppMetadata))
	if err == nil && !reflect.DeepEqual(before.AppMetadata, after.AppMetadata) {
		_, _ = fmt.Fprintln(p.Stderr, "It counts with the user's next access token: within the hour, or when they sign in again.")
	}
	return written(err)
}

// changes returns the changes that the command line asks for. A superadmin without an institution belongs to none.
func (a accountCommand) changes() (map[string]any, error) {
	role, isRole := core.ParseRole(a.Role)
	switch {
	case !isRole:
		return nil, exit{code: ExitUsage, message: fmt.Sprintf("%q is no role: take one of %s", a.Role, roleNames())}
	case a.Institution == "" && role != core.RoleSuperadmin:
		return nil, exit{code: ExitUsage, message: "--institution is missing: of all roles only a superadmin needs none"}
	case strings.ContainsFunc(a.Institution, unicode.IsControl):
		return nil, exit{code: ExitUsage, message: "--institution has a control character in it"}
	}
	changes := map[string]any{"role": string(role), "institution_id": nil, "is_course_director": a.CourseDirector}
	if a.Institution != "" {
		changes["institution_id"] = a.Institution
	}
	return changes, nil
}

func (a accountCommand) set(ctx context.Context, client *supabasedb.Client, changes map[string]any) (before, after supabasedb.Account, err error) {
	if before, err = client.FindAccount(ctx, a.Email); err != nil {
		return before, after, err
	}
	after, err = client.ChangeAppMetadata(ctx, before, changes)
	return before, after, err
}

// sentence returns the error as a sentence that says what to do.
func (a accountCommand) sentence(err error, project config.Supabase) error {
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		return failf("no user of %s has the email %s: they sign up first, or are invited in Supabase's dashboard", project.URL, a.Email)
	case errors.Is(err, supabasedb.ErrSeveralAccounts):
		return failf("several users of %s have the email %s: change the one that is meant in Supabase's dashboard", project.URL, a.Email)
	case errors.Is(err, supabasedb.ErrKeyRejected):
		return failf("%s rejects the key of SUPABASE_SERVICE_ROLE_KEY: it takes the project's secret (or service_role) key", project.URL)
	}
	return failf("the request to Supabase Auth at %s failed: %s (%v)", project.URL, core.FaultOf(err), errors.Unwrap(err))
}

// asJSON returns the metadata on one line, its names sorted, without control characters for a terminal.
func asJSON(metadata map[string]any) string {
	text, err := json.Marshal(metadata)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
