package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

// The example engine's records: one for each student, with one session. They show what engines do with students' records.

// exampleHomes says where each student belongs. user-student is the caller student.
var exampleHomes = map[string]string{"user-student": "own", "neighbour": "own", "stranger": "other"}

// The codes of the example engine.
const (
	codeNoExample   core.Code = "EXAMPLE_NOT_FOUND"
	codeExampleBusy core.Code = "EXAMPLE_BUSY"
	// codeExampleEmpty shares its status with VALIDATION_ERROR.
	codeExampleEmpty core.Code = "EXAMPLE_EMPTY"
)

const reasonExampleTaken core.Reason = "example_taken"

var (
	errNoExample   = &core.Error{Code: codeNoExample, Message: "There is no such example"}
	errExampleBusy = &core.Error{Code: codeExampleBusy, Message: "An example is being made"}
)

type exampleStudent struct {
	StudentID httpapi.ID `path:"student_id"`
}

type exampleList struct {
	StudentID httpapi.ID `query:"student_id"`
	Minimum   float64    `query:"minimum" minimum:"0" maximum:"1"`
}

type exampleSession struct {
	SessionID httpapi.ID `path:"session_id"`
}

type exampleAnswer struct {
	Key    string   `header:"Idempotency-Key" minLength:"1" maxLength:"128"`
	Prefer []string `header:"Prefer"`
	Body   struct {
		StudentID httpapi.ID `json:"student_id"`
		ItemID    httpapi.ID `json:"item_id"`
		// Response is null for a question that was not answered.
		Response httpapi.Nullable[string] `json:"response,omitzero" maxLength:"5"`
	}
}

// exampleRun is what is being made.
type exampleRun struct {
	RunID  httpapi.ID `json:"run_id"`
	Status string     `json:"status" enum:"queued,running"`
}

type exampleRecord struct {
	StudentID httpapi.ID `json:"student_id"`
	ItemID    httpapi.ID `json:"item_id,omitempty"`
}

func recordRoutes(r *httpapi.Registry) {
	r.Failures(
		httpapi.FailureCode{Code: codeNoExample, Status: http.StatusNotFound, When: "there is no such example", Example: errNoExample},
		httpapi.FailureCode{
			Code: codeExampleBusy, Status: http.StatusConflict, When: "an example is being made", Example: errExampleBusy.WithDetail("run_id", "r1"),
			Details: map[string]string{"run_id": "The run that makes it"},
		},
	)
	r.Failures(httpapi.FailureCode{
		Code: codeExampleEmpty, Status: http.StatusUnprocessableEntity, When: "nothing is left", Example: &core.Error{Code: codeExampleEmpty, Message: "Nothing is left"},
	})
	r.Reasons(core.CodeConflict, reasonExampleTaken)
	route := func(method, path string, action core.RecordAction, summary string) httpapi.Route {
		return httpapi.Route{
			Method: method, Path: "/api/records" + path, Access: core.OnRecord(action), Tag: "Example", Summary: summary,
			Errors: []core.Code{codeNoExample, core.CodeNotFound},
		}
	}
	httpapi.Handle(r, route(http.MethodGet, "/{student_id}", core.RecordRead, "Read a record"), readRecord)
	httpapi.Handle(r, route(http.MethodGet, "", core.RecordRead, "List records"), listRecords)
	session := route(http.MethodGet, "/sessions/{session_id}", core.RecordPractice, "Read a session")
	session.LoadsRecord, session.Sample.Parameters = true, map[string]string{"session_id": "of-user-student"}
	httpapi.Handle(r, session, readSession)
	answer := route(http.MethodPost, "", core.RecordAnswer, "Record an answer")
	answer.Statuses = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted}
	answer.Accepted, answer.Meta = exampleRun{}, httpapi.Replayed{}
	answer.Headers = map[string]string{"X-Example": "What became of it"}
	answer.Errors = append(answer.Errors, core.CodeConflict, codeExampleBusy, codeExampleEmpty)
	answer.Sample.Body = map[string]any{"student_id": "user-student", "item_id": "i1"}
	answer.Timeout = time.Second
	httpapi.Handle(r, answer, recordAnswer)
}

// checked loads a student's record and asks whether the caller may act on it.
func checked(ctx context.Context, student httpapi.ID) error {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return err
	}
	home, ok := exampleHomes[string(student)]
	if !ok {
		return errNoExample
	}
	return access.Check(core.Record{StudentID: string(student), InstitutionID: home}, errNoExample)
}

func readRecord(ctx context.Context, in *exampleStudent) (httpapi.Reply[exampleRecord], error) {
	if err := checked(ctx, in.StudentID); err != nil {
		return httpapi.Reply[exampleRecord]{}, err
	}
	return httpapi.OK(exampleRecord{StudentID: in.StudentID}), nil
}

func readSession(ctx context.Context, in *exampleSession) (httpapi.Reply[exampleRecord], error) {
	return readRecord(ctx, &exampleStudent{StudentID: in.SessionID[len("of-"):]})
}

func listRecords(ctx context.Context, in *exampleList) (httpapi.Reply[[]string], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[[]string]{}, err
	}
	if in.StudentID != "" {
		return httpapi.OK([]string{string(in.StudentID)}), checked(ctx, in.StudentID)
	}
	bounds, err := access.Bounds()
	listed := []string{}
	for _, student := range sortedKeys(exampleHomes) {
		inStudent := bounds.StudentID == "" || bounds.StudentID == student
		if inStudent && (bounds.InstitutionID == "" || bounds.InstitutionID == exampleHomes[student]) {
			listed = append(listed, student)
		}
	}
	return httpapi.OK(listed), err
}

// recordAnswer answers in the way that the item's id asks for.
func recordAnswer(ctx context.Context, in *exampleAnswer) (httpapi.Reply[exampleRecord], error) {
	none := httpapi.Reply[exampleRecord]{}
	if err := checked(ctx, in.Body.StudentID); err != nil {
		return none, err
	}
	kept := exampleRecord{StudentID: in.Body.StudentID, ItemID: in.Body.ItemID}
	reply := httpapi.OK(kept)
	switch {
	case in.Key == "again":
		data, err := httpapi.Encode(kept)
		replay := httpapi.Replay[exampleRecord](data)
		replay.Status, replay.Location = http.StatusCreated, "/api/records/1"
		return replay, err
	case in.Body.ItemID == "busy":
		return none, errExampleBusy.WithDetail("run_id", "r7")
	case in.Body.ItemID == "taken":
		return none, &core.Error{Code: core.CodeConflict, Reason: reasonExampleTaken, Message: "It is taken"}
	case in.Body.ItemID == "teapot":
		reply.Status = http.StatusTeapot
	case in.Body.ItemID == "other-header":
		reply.Header = map[string]string{"X-Other": "1"}
	case in.Body.ItemID == "other-meta":
		reply.Meta = struct{ Other int }{1}
	case in.Body.ItemID == "slow":
		<-ctx.Done()
		return none, ctx.Err()
	case httpapi.Prefers(in.Prefer, "respond-async"):
		return httpapi.Accepted[exampleRecord](exampleRun{"r1", "queued"}, "/api/runs/1"), nil
	case in.Body.ItemID == "other-later":
		return httpapi.Accepted[exampleRecord]("soon", "/api/runs/1"), nil
	case in.Body.Response.Given && in.Body.Response.Value == nil:
		reply.Data.ItemID = "not-answered"
	case in.Body.Response.Given:
		reply.Data.ItemID = httpapi.ID(fmt.Sprintf("answered-%d", len(*in.Body.Response.Value))) // which is an id, whatever it is
	case in.Key != "":
		reply.Status, reply.Location = http.StatusCreated, "/api/records/1"
		reply.Header = map[string]string{"X-Example": "kept under " + in.Key}
	}
	return reply, nil
}
