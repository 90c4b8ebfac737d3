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
	Exp              int64     `json:"exp" doc:"When the token ends, in seconds since 1970" example:"1767229200"`
	Iat              int64     `json:"iat" doc:"When it was issued, in seconds since 1970" example:"1767225600"`
}

func (s *Server) callerRoutes(r *Registry) {
	Handle(r, Route{
		Method: http.MethodGet, Path: "/api/me", Access: core.SignedIn(), Tag: "Identity",
		Summary:     "Who you are, as your token says",
		Description: "The verified claims that every decision of the service rests on.",
	}, showCaller)
}

func showCaller(ctx context.Context, _ *struct{}) (Reply[authTokenPayload], error) {
	caller, ok := core.CallerFrom(ctx)
	if !ok {
		return Reply[authTokenPayload]{}, errors.New("a route for signed-in users was reached without a caller")
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
