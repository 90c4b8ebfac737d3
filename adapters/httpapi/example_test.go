package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

// The example engine shows what no route of today can: bodies, violations, a conflict, the caller's own institution, a
// course director. It is registered as an engine is, and compiled into no binary.

type exampleScore struct {
	InstitutionID string `path:"institution_id" doc:"Whose score it is"`
	Body          struct {
		Score int      `json:"score" minimum:"0" maximum:"100" doc:"Percent"`
		Note  string   `json:"note,omitempty" maxLength:"80"`
		Tags  []string `json:"tags,omitempty" nullable:"false"`
	}
}

type exampleKept struct {
	InstitutionID string `json:"institution_id"`
	By            string `json:"by"`
	Score         int    `json:"score"`
	Note          string `json:"note"`
}

type exampleQuery struct {
	InstitutionID string `query:"institution_id" required:"true"`
	Limit         int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
}

type exampleHow struct {
	How string `path:"how"`
}

// secretOfThePanic must reach neither a reply nor a log.
const secretOfThePanic = "s3cr3t-of-the-panic"

func exampleRoutes(r *httpapi.Registry) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodPost, Path: "/api/example/{institution_id}", Tag: "Example",
		Access:  core.AllowRoles(core.RoleInstitutionalAdmin, core.RoleFaculty).CourseDirector().OwnInstitution(),
		Summary: "Keep a score", Statuses: []int{http.StatusCreated}, Errors: []core.Code{core.CodeConflict},
		MaxBody: 1 << 20,
		Sample:  httpapi.Sample{Body: map[string]any{"score": 1}, Parameters: map[string]string{"institution_id": "own"}},
	}, keepExample)
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/example", Tag: "Example",
		Access: core.SignedIn().OwnInstitution(), Summary: "List scores",
	}, func(_ context.Context, in *exampleQuery) (httpapi.Reply[[]int], error) {
		return httpapi.OK(make([]int, in.Limit)), nil
	})
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/example/advisors/all", Tag: "Example",
		Access: core.AllowRoles(core.RoleAdvisor), Summary: "For advisors",
	}, func(context.Context, *struct{}) (httpapi.Reply[string], error) { return httpapi.OK("advice"), nil })
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/example/failing/{how}", Tag: "Example", Access: core.Public(),
		Summary: "Fail in a way", Sample: httpapi.Sample{Parameters: map[string]string{"how": "nothing"}}, Errors: []core.Code{core.CodeNotFound, core.CodeConflict, core.CodeAuthentication, core.CodeForbidden, core.CodeValidation},
	}, func(ctx context.Context, in *exampleHow) (httpapi.Reply[string], error) {
		return failExample(ctx, in.How)
	})
}

func keepExample(ctx context.Context, in *exampleScore) (httpapi.Reply[exampleKept], error) {
	caller, _ := core.CallerFrom(ctx)
	if in.Body.Note == "taken" {
		return httpapi.Reply[exampleKept]{}, core.NewConflictError("This score is kept already")
	}
	return httpapi.OK(exampleKept{InstitutionID: in.InstitutionID, By: caller.Subject, Score: in.Body.Score, Note: in.Body.Note}), nil
}

func failExample(ctx context.Context, how string) (httpapi.Reply[string], error) {
	none := httpapi.Reply[string]{}
	switch how {
	case "panic":
		panic(secretOfThePanic)
	case "bug":
		var missing map[string]int
		missing["x"] = 1 //nolint:govet,staticcheck // a bug, on purpose
	case "nil":
		return none, (*core.Error)(nil)
	case "unknown":
		return none, errors.New("dial tcp 10.0.0.7:7687: password " + secretOfThePanic)
	case "authentication":
		return none, fmt.Errorf("wrapped: %w", core.NewAuthenticationError(core.ReasonTokenExpired, "The token has expired"))
	case "forbidden":
		return none, core.NewForbiddenError(core.ReasonRoleNotAllowed, "Your role may not do this")
	case "not-found":
		return none, core.NewNotFoundError("There is no such item")
	case "conflict":
		return none, core.NewConflictError("It is there already")
	case "validation":
		return none, core.NewValidationError(core.Violation{Field: "/body/score", Message: "is too high"}, core.Violation{Field: "/body/note", Message: "is too long"})
	case "unavailable":
		return none, core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", 1500*time.Millisecond)
	case "bytes":
		return httpapi.OK("a\xffb"), nil
	case "slow":
		<-ctx.Done()
		return none, ctx.Err()
	}
	return httpapi.OK(how), nil
}
