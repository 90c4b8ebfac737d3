package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/journey-os/journey-api/core"
)

// authTokenPayload is core.AuthTokenPayload on the wire (STORY-ST-1, section 3).
type authTokenPayload struct {
	Sub              string    `json:"sub" doc:"The Supabase user id"`
	Email            string    `json:"email"`
	Role             core.Role `json:"role" enum:"superadmin,institutional_admin,faculty,advisor,student"`
	InstitutionID    string    `json:"institution_id" doc:"Empty for a superadmin who belongs to none"`
	IsCourseDirector bool      `json:"is_course_director"`
	Aud              string    `json:"aud"`
	Exp              int64     `json:"exp" doc:"Seconds since 1970"`
	Iat              int64     `json:"iat" doc:"Seconds since 1970"`
}

func (s *Server) callerRoutes(r *Registry) {
	Handle(r, Route{
		Method: http.MethodGet, Path: "/api/me", Access: core.SignedIn(), Tag: "Identity",
		Summary:     "Who the token says you are",
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
