package httpapi

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

const practicePath = "/practice"

//go:embed practicepage
var practiceFiles embed.FS

// practicePolicy lets the page load only its own files and reach only its own origin, and turn no text into markup
// (Trusted Types).
const practicePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// SignedIn is a signed-in demo user.
type SignedIn struct {
	// Token is the user's access token.
	Token string
	// ExpiresIn is how many seconds the token is valid.
	ExpiresIn int
	// Students are the ids of the demo's students that the user may look up; nil for a student.
	Students []string
}

// signedIn is SignedIn on the wire.
type signedIn struct {
	Token     string   `json:"access_token"`
	ExpiresIn int      `json:"expires_in"`
	Students  []string `json:"students"`
}

// practiceRoutes registers the practice page and the sign-in of its demo users. They are no part of the API: the
// OpenAPI document does not have them. Without Dependencies.SignIn it registers nothing.
func (s *Server) practiceRoutes(r *Registry) {
	if s.signIn == nil {
		return
	}
	files, err := fs.Sub(practiceFiles, "practicepage")
	var assets map[string]asset
	if err == nil {
		assets, err = readAssets(files)
	}
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("read the files of the practice page: %w", err))
		return
	}
	r.undocumented(http.MethodGet, practicePath, func(c *fiber.Ctx) error {
		page, err := assets["index.html"].plain.bytes()
		if err != nil {
			return err
		}
		pageHeaders(c, practicePolicy)
		return c.Type("html", "utf-8").Send(page)
	})
	r.undocumented(http.MethodGet, practicePath+"/{asset}", func(c *fiber.Ctx) error {
		return showAsset(c, assets)
	})
	r.undocumented(http.MethodPost, practicePath+"/sign-in/{role}", s.signInDemoUser)
}

// signInDemoUser answers only requests from this machine, whatever address the service listens on.
func (s *Server) signInDemoUser(c *fiber.Ctx) error {
	if !isFromThisMachine(c) {
		return errNotLocal
	}
	role, ok := core.ParseRole(exchangeOf(c).parameters["role"])
	if !ok || role != core.RoleStudent && role != core.RoleFaculty {
		return errNoRoute
	}
	user, err := s.signIn(role)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, jsonType)
	return writeJSON(c.Response().BodyWriter(), success[signedIn]{Data: signedIn(user)})
}
