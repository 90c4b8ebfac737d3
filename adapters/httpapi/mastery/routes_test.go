package mastery_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	routes "github.com/journey-os/journey-api/adapters/httpapi/mastery"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	keyOfTheItem   = "the-planted-key"
	whyOfTheItem   = "the planted explanation"
	student        = "user-student"
	updatePath     = "/api/bkt/update"
	masteryOf      = "/api/bkt/mastery/"
	idempotencyKey = "Idempotency-Key"
)

func start(t *testing.T) *apitest.API {
	t.Helper()
	store := portstest.NewMemory()
	err := store.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{
			{ID: "anion-gap", Name: "Anion gap", Weight: 1.5}, {ID: "delta-ratio", Name: "Delta ratio", Weight: 1},
			{ID: "theirs", Weight: 1, InstitutionID: "other"},
		},
		Prerequisites: []bank.Prerequisite{{PrerequisiteID: "anion-gap", ConceptID: "delta-ratio"}},
		Items: []bank.Item{
			{ID: "free", ConceptID: "anion-gap", Retired: true},
			{ID: "keyed", ConceptID: "anion-gap", Key: keyOfTheItem, Stem: "Na 140?", Explanation: whyOfTheItem, Options: []bank.Option{{Key: keyOfTheItem + "-not", Text: "12"}, {Key: keyOfTheItem, Text: "14"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := 0
	service := mastery.New(mastery.Config{
		Mastered: .95, Now: time.Now, NewID: func() string { ids++; return fmt.Sprintf("attempt-%d", ids) },
	}, mastery.Stores{Recorder: store, Reader: store, Parameters: store, Answers: store})
	return apitest.Start(t, func(o *apitest.Options) { o.Engines = []httpapi.Routes{routes.Routes(service, service, store)} })
}

func answerOf(item string, minute int, graded string) string {
	return fmt.Sprintf(`{"student_id":"user-student","concept_id":"anion-gap","item_id":%q,%s,"latency_ms":1500,"timestamp":"2025-11-03T09:%02d:00.25Z"}`, item, graded, minute)
}

func record(api *apitest.API, body string, header ...string) apitest.Reply {
	return api.Do(apitest.Request{Method: http.MethodPost, Path: updatePath, Token: "student", Body: body, Header: headerOf(header)})
}

func headerOf(pairs []string) http.Header {
	header := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		header.Set(pairs[i], pairs[i+1])
	}
	return header
}

func TestSixAnswersGiveTheMasteryOfTheFormulas(t *testing.T) {
	api := start(t)
	want := []float64{.428571, .783784, .460674, .803681, .949166, .988273}
	for i, right := range []bool{true, true, false, true, true, true} {
		var got map[string]any
		record(api, answerOf("free", i, fmt.Sprintf(`"correct":%t`, right))).Data(t, &got)
		if math.Abs(got["new_p_mastered"].(float64)-want[i]) > 5e-7 || got["is_mastered"] != (i == 5) || got["evidence_count"] != float64(i+1) ||
			got["student_id"] != student || got["concept_id"] != "anion-gap" || got["sync_status"] != "off" || got["correct"] != right {
			t.Errorf("answer %d: %v", i+1, got)
		}
		if delta := got["new_p_mastered"].(float64) - got["previous_p_mastered"].(float64); delta != got["delta"] {
			t.Errorf("answer %d: delta is %v, want %v", i+1, got["delta"], delta)
		}
	}
	var states struct {
		Total    int              `json:"total_concepts"`
		Mastered int              `json:"mastered_count"`
		States   []map[string]any `json:"states"`
	}
	api.Do(apitest.Request{Path: masteryOf + student, Token: "advisor"}).Data(t, &states)
	if states.Total != 1 || states.Mastered != 1 || len(states.States) != 1 || states.States[0]["trend"] != "improving" {
		t.Errorf("the list is %+v", states)
	}
	var history struct {
		Entries []map[string]any `json:"entries"`
	}
	api.Do(apitest.Request{Path: masteryOf + student + "/history?since=2025-11-03T10:01:00.25%2B01:00&limit=2", Token: "student"}).Data(t, &history)
	if len(history.Entries) != 2 || history.Entries[0]["timestamp"] != "2025-11-03T09:01:00.250000Z" || history.Entries[1]["correct"] != false {
		t.Errorf("the history is %+v", history)
	}
}

func TestARepeatIsAnsweredWordForWord(t *testing.T) {
	api := start(t)
	keyed := answerOf("free", 1, `"correct":true`)
	plain := answerOf("free", 2, `"correct":true`)
	for name, ask := range map[string]func() apitest.Reply{
		"with a key":    func() apitest.Reply { return record(api, keyed, idempotencyKey, "k 1") },
		"without a key": func() apitest.Reply { return record(api, plain) },
	} {
		first := ask()
		record(api, answerOf("free", 30+len(name), `"correct":false`))
		again := ask()
		data, meta, _ := strings.Cut(again.Body, `,"meta":`)
		if first.Status != http.StatusOK || again.Status != http.StatusOK || data+"}" != first.Body || meta != `{"replayed":true}}` {
			t.Errorf("%s: first %s, again %s", name, first.Body, again.Body)
		}
	}
	spaced := strings.NewReplacer(`":`, `" : `, `,"`, `, "`).Replace(keyed)
	if got := record(api, spaced, idempotencyKey, "k 1"); !strings.Contains(got.Body, `"replayed":true`) {
		t.Errorf("the same values, written otherwise: %s", got.Body)
	}
	if got := record(api, plain, idempotencyKey, "k 1"); got.Status != http.StatusConflict || got.Failure(t).Reason != "idempotency_key_reused" {
		t.Errorf("the key with another body: %s", got.Body)
	}
}

func TestBodiesThatDoNotFitAreRefused(t *testing.T) {
	api := start(t)
	for name, body := range map[string]string{
		"neither correct nor response": `{"student_id":"user-student","concept_id":"anion-gap","item_id":"free","latency_ms":1,"timestamp":"2025-11-03T09:00:00Z"}`,
		"both":                         answerOf("free", 1, `"correct":true,"response":"A"`),
		"a number as text":             strings.Replace(answerOf("free", 1, `"correct":true`), "1500", `"1500"`, 1),
		"not a number":                 strings.Replace(answerOf("free", 1, `"correct":true`), "1500", `NaN`, 1),
		"a part of a millisecond":      strings.Replace(answerOf("free", 1, `"correct":true`), "1500", `1.5`, 1),
		"more than an hour":            strings.Replace(answerOf("free", 1, `"correct":true`), "1500", `3600001`, 1),
		"null for an outcome":          answerOf("free", 1, `"correct":null`),
		"null beside a response":       answerOf("keyed", 1, `"response":"the-planted-key","correct":null`),
		"text for an outcome":          answerOf("free", 1, `"correct":"true"`),
		"no time":                      strings.Replace(answerOf("free", 1, `"correct":true`), "timestamp", "time", 1),
		"a time without a zone":        strings.Replace(answerOf("free", 1, `"correct":true`), ".25Z", "", 1),
		"a time with a comma":          strings.Replace(answerOf("free", 1, `"correct":true`), ".25Z", ",25Z", 1),
		"a time of long ago":           strings.Replace(answerOf("free", 1, `"correct":true`), "2025", "1999", 1),
		"a time far ahead":             strings.Replace(answerOf("free", 1, `"correct":true`), "2025", "2999", 1),
		"a field that nobody knows":    answerOf("free", 1, `"correct":true,"Correct":true`),
		"an id that is none":           strings.Replace(answerOf("free", 1, `"correct":true`), "anion-gap", "anion gap", 1),
		"a grade for a keyed item":     answerOf("keyed", 1, `"correct":true`),
		"an item of nobody":            answerOf("none", 1, `"correct":true`),
	} {
		if got := record(api, body); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := record(api, answerOf("free", 1, `"correct":true`), idempotencyKey, strings.Repeat("x", 129)); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("too long a key: %d %s", got.Status, got.Body)
	}
	if got := record(api, strings.Replace(answerOf("free", 1, `"correct":true`), "anion-gap", "theirs", 1)); got.Status != http.StatusNotFound {
		t.Errorf("a concept of another institution: %d %s", got.Status, got.Body)
	}
	if got := api.Do(apitest.Request{Path: masteryOf + student, Token: "student"}); got.Status != http.StatusNotFound {
		t.Errorf("nothing was kept, and the record is %d %s", got.Status, got.Body)
	}
}

func TestNoKeyAndNoExplanationIsLetOut(t *testing.T) {
	api := start(t)
	replies := []apitest.Reply{
		record(api, answerOf("keyed", 1, fmt.Sprintf(`"response":%q`, keyOfTheItem+"-not"))), record(api, answerOf("keyed", 2, `"correct":true`)),
		record(api, answerOf("keyed", 3, `"response":"wrong"`)),
	}
	for _, token := range []string{"student", "faculty", "superadmin"} {
		for _, path := range []string{"/api/bank/items", "/api/bank/concepts", masteryOf + student, masteryOf + student + "/history"} {
			replies = append(replies, api.Do(apitest.Request{Path: path, Token: token}))
		}
	}
	seen := 0
	for _, reply := range replies {
		text := strings.NewReplacer(`"`+keyOfTheItem+`-not"`, "", `{"key":"`+keyOfTheItem+`","text":"14"}`, "").Replace(reply.Body)
		seen += strings.Count(reply.Body, `"text":"14"`)
		if strings.Contains(text, keyOfTheItem) || strings.Contains(text, whyOfTheItem) {
			t.Errorf("it lets out %s", reply.Body)
		}
	}
	if seen != 3 {
		t.Errorf("the item was seen %d times, want 3", seen)
	}
}

func TestTheBankIsListedForEachInstitution(t *testing.T) {
	api := start(t)
	for path, want := range map[string]map[string]string{
		"/api/bank/concepts": {
			"student":    `{"data":{"concepts":[{"concept_id":"anion-gap","name":"Anion gap","weight":1.5,"prerequisites":[]},{"concept_id":"delta-ratio","name":"Delta ratio","weight":1,"prerequisites":["anion-gap"]}],"total":2},"error":null}`,
			"superadmin": `{"data":{"concepts":[{"concept_id":"anion-gap","name":"Anion gap","weight":1.5,"prerequisites":[]},{"concept_id":"delta-ratio","name":"Delta ratio","weight":1,"prerequisites":["anion-gap"]},{"concept_id":"theirs","name":"","weight":1,"prerequisites":[]}],"total":3},"error":null}`,
		},
		"/api/bank/items?concept_id=anion-gap&limit=1&offset=0": {
			"student": `{"data":{"items":[{"item_id":"free","concept_id":"anion-gap","stem":"","options":[],"retired":true}],"total":2},"error":null}`,
		},
		"/api/bank/items?concept_id=none": {"student": `{"data":{"items":[],"total":0},"error":null}`},
	} {
		for token, body := range want {
			if got := api.Do(apitest.Request{Path: path, Token: token}); got.Body != body {
				t.Errorf("%s as %s: %s", path, token, got.Body)
			}
		}
	}
}

func TestQueriesThatDoNotFitAreRefusedWithTheirField(t *testing.T) {
	api := start(t)
	for path, want := range map[string]string{
		"/api/bank/items?limit=0":                                      "/query/limit expected number >= 1",
		"/api/bank/concepts?limit=1001":                                "/query/limit expected number <= 1000",
		"/api/bank/items?offset=-1":                                    "/query/offset expected number >= 0",
		"/api/bank/items?offset=1000001":                               "/query/offset expected number <= 1000000",
		"/api/bank/items?limit=":                                       "/query/limit is empty",
		"/api/bank/items?concept_id=":                                  "/query/concept_id is empty",
		"/api/bank/items?concept_id=a&concept_id=":                     "/query/concept_id is empty",
		masteryOf + student + "?concept_id=":                           "/query/concept_id is empty",
		masteryOf + student + "?min_mastery=":                          "/query/min_mastery is empty",
		masteryOf + student + "?min_mastery=NaN":                       "/query/min_mastery is not a number",
		masteryOf + student + "?max_mastery=1.5":                       "/query/max_mastery expected number <= 1",
		masteryOf + student + "/history?since=":                        "/query/since is empty",
		masteryOf + student + "/history?since=2025-11-03":              "/query/since is not an RFC 3339 time",
		masteryOf + student + "/history?since=2025-11-03T09:00:00,25Z": "/query/since is not an RFC 3339 time",
		masteryOf + student + "/history?since=2025-11-03T9:00:00Z":     "/query/since is not an RFC 3339 time",
		masteryOf + student + "/history?since=2025-11-31T09:00:00Z":    "/query/since is not an RFC 3339 time",
	} {
		got := api.Do(apitest.Request{Path: path, Token: "student"})
		var violations []string
		for _, one := range got.Failure(t).Violations {
			violations = append(violations, one["field"]+" "+one["message"])
		}
		if got.Status != http.StatusUnprocessableEntity || strings.Join(violations, "; ") != want {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
}
