package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/journey-os/journey-api/core"
)

// authTokenPayload is core.AuthTokenPayload on the wire (STORY-ST-1, section 3).
type authTokenPayload struct {
	Sub              string    `json:"sub" doc:"The Supabase user id" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	Email            string    `json:"email" example:"student@journey.example"`
	Role             core.Role `json:"role" enum:"superadmin,institutional_admin,faculty,advisor,student" example:"student"`
	InstitutionID    string    `json:"institution_id" doc:"Empty for a superadmin who belongs to none" example:"00000000-0000-4000-8000-000000000001"`
	IsCourseDirector bool      `json:"is_course_director" example:"false"`
	Aud              string    `json:"aud" doc:"Always authenticated" example:"authenticated"`
	Exp              int64     `json:"exp" doc:"When the token expires, in seconds since 1970" example:"1767229200"`
	Iat              int64     `json:"iat" doc:"When it was issued, in seconds since 1970" example:"1767225600"`
}

func (s *Server) callerRoutes(r *Registry) {
	Handle(r, Route{
		Method: http.MethodGet, Path: "/api/me", Access: core.SignedIn(), Tag: "Identity",
		Summary:     "Who you are, as your token says",
		Description: "The verified claims that every decision of the service rests on.",
	}, showCaller)
	Handle(r, Route{
		Method: http.MethodGet, Path: "/api/me/access", Access: core.SignedIn(), Tag: "Identity",
		Summary: "What you may call",
		Description: "Every route that lets you in: `yes`, or `depends` if the request must be about your own institution, or about a record that you may act on. " +
			"A superadmin, and everyone in development, also sees the routes that refuse them, and why.",
	}, s.showAccess)
}

// callerAccess is what the caller may call.
type callerAccess struct {
	Routes []routeAccess `json:"routes" nullable:"false"`
}

type routeAccess struct {
	Method  string         `json:"method"`
	Path    string         `json:"path"`
	Allowed core.Allowance `json:"allowed" enum:"yes,depends,no"`
	Rule    string         `json:"rule" doc:"Whom the route lets in"`
	Reason  core.Reason    `json:"reason,omitzero" enum:"role_not_allowed,course_director_required" doc:"Which rule refuses you; only if allowed is no"`
}

func (s *Server) showAccess(ctx context.Context, _ *struct{}) (Reply[callerAccess], error) {
	caller, err := CallerOf(ctx)
	if err != nil {
		return Reply[callerAccess]{}, err
	}
	showRefused := s.config.Development || caller.Role == core.RoleSuperadmin
	shown := callerAccess{Routes: []routeAccess{}}
	for _, route := range s.registry.routes {
		allowed, reason := route.Access.Preview(caller)
		if allowed == core.NotAllowed && !showRefused {
			continue
		}
		shown.Routes = append(shown.Routes, routeAccess{
			Method: route.Method, Path: route.Path, Allowed: allowed, Rule: route.Access.String(), Reason: reason,
		})
	}
	return OK(shown), nil
}

// CallerOf returns the caller of a route that is not public. On a public route it returns an internal error.
func CallerOf(ctx context.Context) (core.AuthTokenPayload, error) {
	caller, ok := core.CallerFrom(ctx)
	if !ok {
		return core.AuthTokenPayload{}, errors.New("a public route asked for its caller")
	}
	return caller, nil
}

func showCaller(ctx context.Context, _ *struct{}) (Reply[authTokenPayload], error) {
	caller, err := CallerOf(ctx)
	if err != nil {
		return Reply[authTokenPayload]{}, err
	}
	return OK(authTokenPayload{
		Sub:              caller.Subject,
		Email:            caller.Email,
		Role:             caller.Role,
		InstitutionID:    caller.InstitutionID,
		IsCourseDirector: caller.IsCourseDirector,
		Aud:              caller.Audience,
		Exp:              caller.ExpiresAt.Unix(),
		Iat:              caller.IssuedAt.Unix(),
	}), nil
}
