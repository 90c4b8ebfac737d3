package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
)

// longestToken is the longest lifetime of a development token.
const longestToken = 24 * time.Hour

type tokenCommand struct {
	Role           string        `required:"" placeholder:"ROLE" help:"One of superadmin, institutional_admin, faculty, advisor, student."`
	Institution    string        `placeholder:"ID" help:"The institution; one made up for development if none is given."`
	CourseDirector bool          `help:"Let them direct a course."`
	TTL            time.Duration `name:"ttl" default:"1h" help:"How long it is good for, 24h at most."`
}

// developmentInstitution is the default institution of a development user.
const developmentInstitution = "00000000-0000-4000-8000-000000000001"

// Help is shown below the usage.
func (tokenCommand) Help() string {
	return "Prints the token alone on stdout. Development only, and only if SUPABASE_URL is on this machine."
}

// Run prints a token of issuer journey-api-dev, which production refuses. The same role in the same institution is the
// same user each time.
func (t tokenCommand) Run(p Process, line *commandLine) error {
	loaded, err := loadFor(p, line, "SUPABASE_URL")
	if err != nil {
		return err
	}
	settings := loaded.Settings
	if !app.IsOwnProject(settings) {
		return failf("tokens are made in development alone, and only if SUPABASE_URL is on this machine")
	}
	if !slices.Contains(settings.JWT.Algorithms, jwtauth.HS256) {
		return failf("tokens are signed with SUPABASE_JWT_SECRET: set it, and leave HS256 among JWT_ALGORITHMS")
	}
	role, ok := core.ParseRole(t.Role)
	if t.Role == "" {
		return exit{code: ExitUsage, message: "say which role: --role student (make token ROLE=student), or another of " + roleNames()}
	}
	if !ok {
		return exit{code: ExitUsage, message: fmt.Sprintf("%q is no role: take one of %s", t.Role, roleNames())}
	}
	if t.TTL <= 0 || t.TTL > longestToken {
		return exit{code: ExitUsage, message: "--ttl must be above 0 and at most 24h"}
	}
	institution := t.Institution
	if institution == "" && role != core.RoleSuperadmin {
		institution = developmentInstitution
	}
	now := time.Now()
	token, err := jwtauth.SignUserToken(settings.JWT.Secret.Reveal(), core.AuthTokenPayload{
		Subject:          developmentSubject(t.Role, institution),
		Email:            t.Role + "@journey.example",
		Role:             role,
		InstitutionID:    institution,
		IsCourseDirector: t.CourseDirector,
		IssuedAt:         now,
		ExpiresAt:        now.Add(t.TTL),
	})
	if err != nil {
		return failf("%v", err)
	}
	if issuer := settings.JWT.Issuer; issuer != "" && issuer != core.DevelopmentIssuer {
		_, _ = fmt.Fprintln(p.Stderr, "warning: SUPABASE_JWT_ISSUER is set, so the service will refuse this token")
	}
	_, err = fmt.Fprintln(p.Stdout, token)
	return written(err)
}

// developmentSubject returns the subject of a development token: the same for the same role and institution.
func developmentSubject(role, institution string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("journey-api-dev/"+role+"/"+institution)).String()
}

func roleNames() string {
	names := make([]string, 0, len(core.Roles()))
	for _, role := range core.Roles() {
		names = append(names, string(role))
	}
	return strings.Join(names, ", ")
}
