package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

const records = "/api/records"

// asked is a request of the record routes about a student.
func asked(method, path, token, student string) request {
	r := request{Method: method, Path: strings.ReplaceAll(path, "STUDENT", student), Token: token}
	if method == http.MethodPost {
		r.Body = `{"student_id":"` + student + `","item_id":"i1"}`
	}
	return r
}

func TestAStudentWhoNamesAnotherIsRefusedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	handled := 0
	s := start(t, func(o *options) { o.Engines = []httpapi.Routes{countingRecords(&handled)} })
	for _, named := range []request{
		asked("GET", "/api/counted/path/STUDENT", "student", "neighbour"),
		asked("GET", "/api/counted/query?student_id=STUDENT", "student", "neighbour"),
		asked("POST", "/api/counted/body", "student", "neighbour"),
		asked("POST", "/api/counted/optional", "student", "neighbour"),
	} {
		wantFailure(t, s.Do(named), failed{Status: 403, Code: "FORBIDDEN", Message: "This is another student's record", Reason: "not_own_record"})
	}
	wantFailure(t, s.get("/api/counted/query?student_id=user-student&student_id=neighbour"),
		failed{Status: 401, Code: "AUTHENTICATION_ERROR", Reason: "token_missing", Message: "Sign in: this needs an Authorization header with a bearer token"})
	wantFailure(t, s.Do(request{Path: "/api/counted/query?student_id=user-student&student_id=neighbour", Token: "student"}), failed{
		Status: 422, Code: "VALIDATION_ERROR", Message: "The request is not valid",
		Violations: []map[string]string{{"field": "/query/student_id", "message": "is there more than once"}},
	})
	if handled != 0 {
		t.Fatalf("a handler was reached %d times", handled)
	}
	for _, own := range []request{
		asked("GET", "/api/counted/path/STUDENT", "student", "user-student"),
		asked("GET", "/api/counted/query?student_id=STUDENT", "student", "user-student"),
		asked("POST", "/api/counted/body", "student", "user-student"),
		{Method: "POST", Path: "/api/counted/optional", Token: "student"},
	} {
		if got := s.Do(own); got.Status != http.StatusOK {
			t.Errorf("%s %s answered %d %s", own.Method, own.Path, got.Status, got.Body)
		}
	}
	if handled != 4 {
		t.Errorf("handlers were reached %d times", handled)
	}
}

// countingRecords are routes that name the student in each place where one can.
func countingRecords(handled *int) httpapi.Routes {
	count := func(ctx context.Context) (httpapi.Reply[int], error) {
		*handled++
		access, err := httpapi.RecordAccessOf(ctx)
		if err != nil {
			return httpapi.Reply[int]{}, err
		}
		return httpapi.OK(*handled), access.Check(core.Record{StudentID: "user-student", InstitutionID: "own"}, errNoExample)
	}
	type body struct {
		StudentID string `json:"student_id"`
		ItemID    string `json:"item_id"`
	}
	return func(r *httpapi.Registry) {
		route := func(method, path string) httpapi.Route {
			return httpapi.Route{Method: method, Path: "/api/counted/" + path, Access: core.OnRecord(core.RecordRead), Tag: "Example", Summary: "Count"}
		}
		httpapi.Handle(r, route("GET", "path/{student_id}"), func(ctx context.Context, _ *struct {
			StudentID string `path:"student_id"`
		},
		) (httpapi.Reply[int], error) {
			return count(ctx)
		})
		httpapi.Handle(r, route("GET", "query"), func(ctx context.Context, _ *struct {
			StudentID string `query:"student_id"`
		},
		) (httpapi.Reply[int], error) {
			return count(ctx)
		})
		httpapi.Handle(r, route("POST", "body"), func(ctx context.Context, _ *struct{ Body body }) (httpapi.Reply[int], error) { return count(ctx) })
		httpapi.Handle(r, route("POST", "optional"), func(ctx context.Context, _ *struct{ Body *body }) (httpapi.Reply[int], error) { return count(ctx) })
	}
}

func TestStaffCannotTellAnotherInstitutionsStudentFromOneWhoDoesNotExist(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{records + "/STUDENT", records + "?student_id=STUDENT"} {
		elsewhere, missing := s.Do(asked("GET", path, "faculty", "stranger")), s.Do(asked("GET", path, "faculty", "nobody"))
		if diff := cmp.Diff(missing.Failure(t), elsewhere.Failure(t)); diff != "" || missing.Status != http.StatusNotFound {
			t.Errorf("%s answered %d (-missing +elsewhere):\n%s", path, missing.Status, diff)
		}
		var heard []any
		for _, line := range s.Log.Lines(t) {
			if line["msg"] == "access refused" {
				heard = append(heard, line["correlation_id"], line["reason"], line["requested_student_id"], line["requested_institution_id"])
			}
		}
		want := []any{elsewhere.Header.Get("X-Correlation-ID"), "institution_mismatch", "stranger", "other"}
		if diff := cmp.Diff(want, heard[len(heard)-4:]); diff != "" {
			t.Errorf("%s: the log says (-want +got):\n%s", path, diff)
		}
	}
}

func TestAnotherStudentsSessionIsRefusedAfterItWasLoaded(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.Do(request{Path: records + "/sessions/of-neighbour", Token: "student"})
	wantFailure(t, got, failed{Status: 403, Code: "FORBIDDEN", Message: "This is another student's record", Reason: "not_own_record"})
	wantFailure(t, s.Do(request{Path: records + "/sessions/of-nobody", Token: "student"}),
		failed{Status: 404, Code: "EXAMPLE_NOT_FOUND", Message: "There is no such example"})
	audited := slices.DeleteFunc(s.Log.Lines(t), func(line map[string]any) bool { return line["msg"] != "access refused" })
	if len(audited) != 1 || audited[0]["requested_student_id"] != "neighbour" || audited[0]["correlation_id"] != got.Header.Get("X-Correlation-ID") {
		t.Errorf("the log says %v", audited)
	}
}

func TestAReplyAboutARecordThatWasNotCheckedStaysInside(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Engines = []httpapi.Routes{func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{
				Method: http.MethodGet, Path: "/api/forgetful/{student_id}", Access: core.OnRecord(core.RecordRead), Tag: "Example", Summary: "Forget to check",
			}, func(_ context.Context, in *exampleStudent) (httpapi.Reply[string], error) {
				return httpapi.OK("secret of " + string(in.StudentID)), nil
			})
		}}
	})
	for _, token := range []string{"student", "faculty", "superadmin"} {
		got := s.Do(request{Path: "/api/forgetful/user-student", Token: token})
		wantFailure(t, got, failed{Status: 500, Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"})
		if line := s.Line(got.Header.Get("X-Correlation-ID")); !strings.Contains(line["error"].(string), "did not ask its RecordAccess") {
			t.Errorf("the log says %v", line)
		}
	}
}

func TestListsOfRecordsEndAtTheCallersReach(t *testing.T) {
	t.Parallel()
	s := start(t)
	for token, want := range map[string][]string{
		"student": {"user-student"}, "advisor": {"neighbour", "user-student"}, "superadmin": {"neighbour", "stranger", "user-student"},
	} {
		var got []string
		s.Do(request{Path: records, Token: token}).Data(t, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", token, diff)
		}
	}
}

func TestCallersHearThatRecordsDepend(t *testing.T) {
	t.Parallel()
	s := start(t)
	for token, want := range map[string]string{"student": "depends", "faculty": "depends", "superadmin": "yes"} {
		var data accessData
		s.Do(request{Path: "/api/me/access", Token: token}).Data(t, &data)
		heard := ""
		for _, route := range data.Routes {
			if route.Path == records+"/{student_id}" {
				heard = route.Allowed
			}
		}
		if heard != want {
			t.Errorf("%s hears %q, want %s", token, heard, want)
		}
	}
}

func TestAskingForWhatTheRouteDoesNotHaveIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := httpapi.RecordAccessOf(t.Context()); err == nil {
		t.Error("there are records outside of a request")
	}
	if _, err := httpapi.CallerOf(t.Context()); err == nil {
		t.Error("there is a caller outside of a request")
	}
}
