package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answer posts an item of the caller's own record.
func (s *service) answer(item string, header http.Header) reply {
	s.t.Helper()
	return s.Do(request{Method: http.MethodPost, Path: records, Token: "student", Header: header, Body: `{"student_id":"user-student","item_id":"` + item + `"}`})
}

func TestAReplyHasTheStatusAndHeadersThatItsHandlerChose(t *testing.T) {
	t.Parallel()
	s := start(t)
	type head struct {
		Status            int
		Location, Example string
	}
	tests := map[string]struct {
		header http.Header
		want   head
	}{
		"usual":                   {nil, head{200, "", ""}},
		"made":                    {http.Header{"Idempotency-Key": {"k1"}}, head{201, "/api/records/1", "kept under k1"}},
		"being made":              {http.Header{"Prefer": {"respond-async"}}, head{202, "/api/runs/1", ""}},
		"being made, many wishes": {http.Header{"Prefer": {"wait=10", "handling=lenient, Respond-Async;x=1"}}, head{202, "/api/runs/1", ""}},
		"another wish":            {http.Header{"Prefer": {"respond-asynchronously"}}, head{200, "", ""}},
	}
	for name, test := range tests {
		got := s.answer("i1", test.header)
		if diff := cmp.Diff(test.want, head{got.Status, got.Header.Get("Location"), got.Header.Get("X-Example")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		want := `{"data":{"student_id":"user-student","item_id":"i1"},"error":null}`
		if got.Status == http.StatusAccepted {
			want = `{"data":{"run_id":"r1","status":"queued"},"error":null}`
		}
		if got.Body != want {
			t.Errorf("%s: answered %s", name, got.Body)
		}
	}
}

func TestAReplyIsReplayedWordForWord(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.answer("i1", http.Header{"Idempotency-Key": {"k1"}})
	again := s.answer("i1", http.Header{"Idempotency-Key": {"again"}})
	want := strings.TrimSuffix(first.Body, "}") + `,"meta":{"replayed":true}}`
	if again.Body != want || again.Status != first.Status || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("answered %d %s, the first time %d %s", again.Status, again.Body, first.Status, first.Body)
	}
}

func TestAFailureSaysWhichThingItIsAbout(t *testing.T) {
	t.Parallel()
	s := start(t)
	busy := s.answer("busy", nil)
	want := `{"data":null,"error":{"code":"EXAMPLE_BUSY","message":"An example is being made"},"meta":{"correlation_id":"` +
		busy.Header.Get("X-Correlation-ID") + `","run_id":"r7"}}`
	if busy.Status != http.StatusConflict || busy.Body != want {
		t.Errorf("answered %d %s", busy.Status, busy.Body)
	}
	wantFailure(t, s.answer("taken", nil), failed{Status: 409, Code: "CONFLICT", Reason: "example_taken", Message: "It is taken"})
}

func TestAReplyThatTheRouteDoesNotDeclareStaysInside(t *testing.T) {
	t.Parallel()
	s := start(t)
	for item, why := range map[string]string{"teapot": "none of the route's Statuses", "other-header": "none of the route's Headers", "other-meta": "the route's Meta", "other-later": "the route's Accepted"} {
		got := s.answer(item, nil)
		wantFailure(t, got, failed{Status: 500, Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"})
		if line := s.Line(got.Header.Get("X-Correlation-ID")); !strings.Contains(line["error"].(string), why) {
			t.Errorf("%s: the log says %v", item, line["error"])
		}
	}
}

func TestNullIsNoAbsence(t *testing.T) {
	t.Parallel()
	s := start(t)
	for response, want := range map[string]string{
		"": `"item_id":"i1"`, `,"response":null`: `"item_id":"not-answered"`, `,"response":"b"`: `"item_id":"answered-1"`,
		`,"response":"too long"`: "expected length <= 5", `,"response":7`: "expected string",
	} {
		got := s.Do(request{Method: http.MethodPost, Path: records, Token: "student", Body: `{"student_id":"user-student","item_id":"i1"` + response + "}"})
		if !strings.Contains(got.Body, want) {
			t.Errorf("%q: answered %d %s", response, got.Status, got.Body)
		}
	}
}

func TestHeadersThatAreParametersMustFit(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := map[string]struct {
		header  http.Header
		message string
	}{
		"empty":    {http.Header{"Idempotency-Key": {""}}, "is empty"},
		"twice":    {http.Header{"Idempotency-Key": {"a", "b"}}, "is there more than once"},
		"no text":  {http.Header{"Idempotency-Key": {"a\xff"}}, "is not text"},
		"too long": {http.Header{"Idempotency-Key": {strings.Repeat("k", 129)}}, "expected length <= 128"},
	}
	for name, test := range tests {
		got := s.answer("i1", test.header).Failure(t)
		want := []map[string]string{{"field": "/header/Idempotency-Key", "message": test.message}}
		if diff := cmp.Diff(want, got.Violations); diff != "" || got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: answered %d (-want +got):\n%s", name, got.Status, diff)
		}
	}
}

func TestANumberInTheQueryIsOneOfJSON(t *testing.T) {
	t.Parallel()
	s := start(t)
	for number, want := range map[string]int{"0.5": 200, "1e-3": 200, "NaN": 422, "Inf": 422, "0x1p-2": 422, "+0.5": 422, "1e999": 422, ".5": 422, "2": 422, "": 422} {
		if got := s.Do(request{Path: records + "?minimum=" + strings.ReplaceAll(number, "+", "%2B"), Token: "student"}); got.Status != want {
			t.Errorf("%q answered %d %s, want %d", number, got.Status, got.Body, want)
		}
	}
}

func TestAnIDIsOneOfThePlatforms(t *testing.T) {
	t.Parallel()
	s := start(t)
	for id, want := range map[string]int{"Az09._:~-": 404, "a%2Fb": 422, "a%20b": 422, "caf%C3%A9": 422, strings.Repeat("x", 128): 404, strings.Repeat("x", 129): 422} {
		if got := s.Do(request{Path: records + "/" + id, Token: "superadmin"}); got.Status != want {
			t.Errorf("%s answered %d %s, want %d", id, got.Status, got.Body, want)
		}
	}
}

func TestTheDocumentHasWhatAnEngineAdds(t *testing.T) {
	t.Parallel()
	document := start(t).Document
	post := document.Paths.Find(records).Post
	if post.Responses.Value("201").Value.Headers["Location"] == nil || post.Responses.Value("200").Value.Headers["X-Example"] == nil {
		t.Error("a success lacks its headers")
	}
	if post.Responses.Value("200").Value.Content.Get("application/json").Schema.Value.Properties["meta"] == nil {
		t.Error("a success lacks its meta")
	}
	if run := post.Responses.Value("202").Value.Content.Get("application/json").Schema.Value.Properties["data"].Value.Properties["run_id"]; run == nil {
		t.Error("202 lacks its own data")
	}
	if both := post.Responses.Value("422").Value.Content.Get("application/json").Examples; both["EXAMPLE_EMPTY"] == nil || both["VALIDATION_ERROR"] == nil {
		t.Errorf("422 has the examples %v", both)
	}
	examples := post.Responses.Value("409").Value.Content.Get("application/json").Examples
	if len(examples) != 2 || examples["EXAMPLE_BUSY"] == nil || examples["CONFLICT"] == nil {
		t.Errorf("409 has the examples %v", examples)
	}
	if example := post.RequestBody.Value.Content.Get("application/json").Example; example == nil {
		t.Error("the body lacks its sample")
	}
	for _, header := range []string{"Idempotency-Key", "Prefer"} {
		if post.Parameters.GetByInAndName("header", header) == nil {
			t.Errorf("the header %s is no parameter", header)
		}
	}
	meta := document.Components.Schemas["FailureMeta"].Value
	if meta.Properties["run_id"] == nil {
		t.Error("the failures' meta lacks run_id")
	}
	var reasons []string
	for _, reason := range meta.Properties["reason"].Value.Enum {
		reasons = append(reasons, reason.(string))
	}
	if got := strings.Join(reasons, " "); !strings.Contains(got, "example_taken") || !strings.Contains(got, "not_own_record") || !strings.Contains(got, "token_missing") {
		t.Errorf("the reasons are %s", got)
	}
	if response := document.Components.Responses["EXAMPLE_NOT_FOUND"]; response == nil || response.Value.Content.Get("application/json").Example == nil {
		t.Error("the engine's code is not described")
	}
	if document.Components.Responses["METHOD_NOT_ALLOWED"].Value.Headers["Allow"] == nil {
		t.Error("405 lacks Allow")
	}
}
