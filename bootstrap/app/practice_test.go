package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/student"
)

const sessionsPath = "/api/adaptive/sessions"

// practiceAPI is the service with the demo bank.
func practiceAPI(t *testing.T) (*apitest.API, app.Resources) {
	t.Helper()
	parts := resources(t)
	if err := parts.Store.Put(t.Context(), demo.NewBank().Rows()); err != nil {
		t.Fatal(err)
	}
	return apitest.Start(t, func(o *apitest.Options) {
		for _, engine := range app.Engines(parts) {
			if engine.Routes != nil {
				o.Engines = append(o.Engines, engine.Routes)
			}
		}
	}), parts
}

// practising is a student at work.
type practising struct {
	t   *testing.T
	api *apitest.API
	at  time.Time
}

func (s *practising) call(method, path, body string) apitest.Reply {
	s.t.Helper()
	return s.api.Do(apitest.Request{Method: method, Path: path, Token: "student", Body: body})
}

type wireItem struct {
	ItemID    string `json:"item_id"`
	ConceptID string `json:"concept_id"`
	Position  int    `json:"position"`
	Content   struct {
		Options []struct {
			Key string `json:"key"`
		} `json:"options"`
	} `json:"content"`
	Rationale map[string]any `json:"rationale"`
}

type wireSession struct {
	SessionID string    `json:"session_id"`
	Answered  int       `json:"answered"`
	Correct   int       `json:"correct"`
	NextItem  *wireItem `json:"next_item"`
}

func (s *practising) open(body string) wireSession {
	s.t.Helper()
	var opened wireSession
	reply := s.call(http.MethodPost, sessionsPath, body)
	if reply.Status != http.StatusCreated || !strings.HasPrefix(reply.Header.Get("Location"), sessionsPath+"/") {
		s.t.Fatalf("opening answered %d %s", reply.Status, reply.Body)
	}
	reply.Data(s.t, &opened)
	return opened
}

// answer answers an item, a second after the answer before.
func (s *practising) answer(session, item, graded string) apitest.Reply {
	s.t.Helper()
	s.at = s.at.Add(time.Second)
	return s.call(http.MethodPost, sessionsPath+"/"+session+"/answers",
		fmt.Sprintf(`{"item_id":%q,%s,"latency_ms":900,"timestamp":%q}`, item, graded, s.at.Format(time.RFC3339)))
}

func newStudent(t *testing.T, api *apitest.API) *practising {
	return &practising{t: t, api: api, at: time.Now().UTC().Add(-time.Hour).Truncate(time.Second)}
}

func TestWhoSeesWhatOfAQuestion(t *testing.T) {
	t.Parallel()
	api, parts := practiceAPI(t)
	ana := newStudent(t, api)
	opened := ana.open(`{"scope_concept_ids":["anion-gap","delta-ratio"],"question_count":3,"time_mode":"timed","timer_seconds":60}`)
	item := opened.NextItem
	kept, _, err := parts.Store.Items(t.Context(), bank.Everywhere(), bank.ItemFilter{ConceptID: item.ConceptID, Page: bank.Page{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	var explanation string
	for _, one := range kept {
		if one.ID == item.ItemID {
			explanation = one.Explanation
		}
	}
	show := func(token string) apitest.Reply {
		return api.Do(apitest.Request{Path: sessionsPath + "/" + opened.SessionID, Token: token})
	}
	for token, sees := range map[string]bool{"student": false, "advisor": false, "faculty": true, "institutional_admin": true, "superadmin": true} {
		reply := show(token)
		var shown wireSession
		reply.Data(t, &shown)
		_, params := shown.NextItem.Rationale["item"]
		_, candidates := shown.NextItem.Rationale["candidates"]
		if params != sees || candidates != sees || shown.NextItem.Rationale["sentence"] == "" {
			t.Errorf("%s sees %v", token, shown.NextItem.Rationale)
		}
		if encoded, _ := json.Marshal(explanation); explanation == "" || strings.Contains(reply.Body, string(encoded)) || strings.Contains(reply.Body, "correct_key") {
			t.Errorf("%s is told the answer: %s", token, reply.Body)
		}
	}
	var told struct {
		Correct     bool               `json:"correct"`
		CorrectKey  string             `json:"correct_key"`
		Explanation string             `json:"explanation"`
		Mastery     map[string]any     `json:"mastery"`
		Ability     map[string]float64 `json:"ability"`
	}
	ana.answer(opened.SessionID, item.ItemID, `"response":null`).Data(t, &told)
	if told.Correct || told.CorrectKey == "" || told.Explanation != explanation || told.Mastery["evidence_count"] == nil || told.Ability["theta_sd"] == 0 {
		t.Errorf("after the answer the student is told %+v", told)
	}
}

func TestClientsThatCallNextItemAndUpdateInTurnAdvance(t *testing.T) {
	t.Parallel()
	api, _ := practiceAPI(t)
	ana := newStudent(t, api)
	opened := ana.open(`{"scope_concept_ids":["anion-gap","cardiac-output"],"question_count":4}`)
	for k := 1; k <= 4; k++ {
		var next, again wireItem
		ana.call(http.MethodGet, "/api/adaptive/next-item/"+opened.SessionID, "").Data(t, &next)
		ana.call(http.MethodGet, "/api/adaptive/next-item/"+opened.SessionID, "").Data(t, &again)
		if next.Position != k || !reflect.DeepEqual(next, again) {
			t.Fatalf("question %d is %+v, then %+v", k, next, again)
		}
		ana.at = ana.at.Add(time.Second)
		body := fmt.Sprintf(`{"student_id":"user-student","concept_id":%q,"item_id":%q,"response":%q,"latency_ms":1,"timestamp":%q}`,
			next.ConceptID, next.ItemID, next.Content.Options[0].Key, ana.at.Format(time.RFC3339))
		for range 2 { // the second is a repeat
			if got := ana.call(http.MethodPost, "/api/bkt/update", body); got.Status != http.StatusOK {
				t.Fatalf("answered %d %s", got.Status, got.Body)
			}
		}
	}
	got := ana.call(http.MethodGet, "/api/adaptive/next-item/"+opened.SessionID, "")
	if got.Status != http.StatusConflict || got.Failure(t).Code != string(core.CodeSessionCompleted) {
		t.Errorf("after the last one: %d %s", got.Status, got.Body)
	}
}

func TestStaffSeeThatAQuestionDrawnAtRandomHadNoCandidates(t *testing.T) {
	t.Parallel()
	api, parts := practiceAPI(t)
	ana := newStudent(t, api)
	items, _, err := parts.Store.Items(t.Context(), bank.Everywhere(), bank.ItemFilter{ConceptID: "anion-gap", Page: bank.Page{Limit: 6}})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		ana.at = ana.at.Add(time.Second)
		ana.call(http.MethodPost, "/api/bkt/update", fmt.Sprintf(
			`{"student_id":"user-student","concept_id":"anion-gap","item_id":%q,"response":%q,"latency_ms":1,"timestamp":%q}`,
			item.ID, item.Key, ana.at.Format(time.RFC3339)))
	}
	opened := ana.open(`{"scope_concept_ids":["anion-gap"],"question_count":1}`)
	var shown wireSession
	api.Do(apitest.Request{Path: sessionsPath + "/" + opened.SessionID, Token: "faculty"}).Data(t, &shown)
	why := shown.NextItem.Rationale
	if why["strategy"] != "fallback_random" {
		t.Fatalf("all is mastered, and the question is picked by %v", why)
	}
	if candidates, ok := why["candidates"].([]any); !ok || len(candidates) > 0 {
		t.Errorf("candidates are %v, want an empty list", why["candidates"])
	}
}

func TestStaffNameOnlySessionsOfTheStudent(t *testing.T) {
	t.Parallel()
	api, _ := practiceAPI(t)
	ana := newStudent(t, api)
	session := ana.open(`{"scope_concept_ids":["anion-gap"],"question_count":4}`)
	ana.at = ana.at.Add(time.Second)
	record := func(token, student, named string) apitest.Reply {
		return api.Do(apitest.Request{Method: http.MethodPost, Path: "/api/bkt/update", Token: token, Body: fmt.Sprintf(
			`{"student_id":%q,"session_id":%q,"concept_id":%q,"item_id":%q,"response":"A","latency_ms":1,"timestamp":%q}`,
			student, named, session.NextItem.ConceptID, session.NextItem.ItemID, ana.at.Format(time.RFC3339))})
	}
	for _, named := range []string{"0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55", "none"} {
		if got := record("faculty", "user-student", named); got.Status != http.StatusNotFound || got.Failure(t).Code != string(core.CodeSessionNotFound) {
			t.Errorf("a session that is not there: %d %s", got.Status, got.Body)
		}
	}
	if got := record("faculty", "somebody-new", session.SessionID); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "/body/session_id") {
		t.Errorf("a session of another student: %d %s", got.Status, got.Body)
	}
	if got := record("faculty", "user-student", session.SessionID); got.Status != http.StatusOK {
		t.Errorf("the student's session: %d %s", got.Status, got.Body)
	}
	ana.at = ana.at.Add(-time.Second) // the very answer that staff recorded
	var answered struct {
		Session wireSession `json:"session"`
	}
	got := ana.answer(session.SessionID, session.NextItem.ItemID, `"response":"A"`)
	if got.Status != http.StatusOK {
		t.Fatalf("the student is told %d %s", got.Status, got.Body)
	}
	if got.Data(t, &answered); answered.Session.Answered != 1 {
		t.Errorf("the student's session has %d answers", answered.Session.Answered)
	}
}

func TestPlansThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	api, _ := practiceAPI(t)
	ana := newStudent(t, api)
	for name, body := range map[string]string{
		"no concept":             `{"scope_concept_ids":[],"question_count":1}`,
		"null":                   `{"scope_concept_ids":null,"question_count":1}`,
		"too many":               `{"scope_concept_ids":["a"` + strings.Repeat(`,"a"`, 500) + `],"question_count":1}`,
		"an unknown concept":     `{"scope_concept_ids":["anion-gap","nobodys"],"question_count":1}`,
		"no question":            `{"scope_concept_ids":["anion-gap"],"question_count":0}`,
		"201 questions":          `{"scope_concept_ids":["anion-gap"],"question_count":201}`,
		"timed without a limit":  `{"scope_concept_ids":["anion-gap"],"question_count":1,"time_mode":"timed"}`,
		"untimed with a limit":   `{"scope_concept_ids":["anion-gap"],"question_count":1,"timer_seconds":60}`,
		"a limit of 9 seconds":   `{"scope_concept_ids":["anion-gap"],"question_count":1,"time_mode":"timed","timer_seconds":9}`,
		"a mode of its own":      `{"scope_concept_ids":["anion-gap"],"question_count":1,"time_mode":"slow"}`,
		"a deviation of 0":       `{"scope_concept_ids":["anion-gap"],"question_count":1,"stop":{"theta_sd":0}}`,
		"a number as text":       `{"scope_concept_ids":["anion-gap"],"question_count":"1"}`,
		"a field of its own":     `{"scope_concept_ids":["anion-gap"],"question_count":1,"shuffle":true}`,
		"an id that is none":     `{"scope_concept_ids":["anion gap"],"question_count":1}`,
		"a stop rule of nothing": `{"scope_concept_ids":["anion-gap"],"question_count":1,"stop":true}`,
	} {
		if got := ana.call(http.MethodPost, sessionsPath, body); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	opened := ana.open(`{"scope_concept_ids":["anion-gap"],"question_count":2}`)
	for name, graded := range map[string]string{
		"both": `"correct":true,"response":"A"`, "neither": `"latency":1`, "graded by the caller": `"correct":true`, "no option": `"response":"Z9"`,
		"null and correct": `"correct":true,"response":null`,
	} {
		if got := ana.answer(opened.SessionID, opened.NextItem.ItemID, graded); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

// Without it there is a record that no path can name: nobody could read, export or delete it.
func TestAStudentWhoseSubjectIsNoIDGetsNoRecord(t *testing.T) {
	t.Parallel()
	parts := resources(t)
	if err := parts.Store.Put(t.Context(), demo.NewBank().Rows()); err != nil {
		t.Fatal(err)
	}
	service := app.Practice(parts, nil)
	for _, subject := range []string{"a b", "a/b", "\u00e9", strings.Repeat("a", 129)} {
		caller := core.AuthTokenPayload{Subject: subject, Role: core.RoleStudent, InstitutionID: "inst-demo"}
		_, err := service.Open(t.Context(), core.NewRecordAccess(core.RecordPractice, caller), practice.Plan{
			Scope: []string{"anion-gap"}, Questions: 1, TimeMode: practice.Untimed,
		})
		if core.CodeOf(err) != core.CodeValidation {
			t.Errorf("%.10q: %v", subject, err)
		}
		if record, err := parts.Store.Student(t.Context(), subject); err != nil || record != nil {
			t.Errorf("%.10q has the record %v (%v)", subject, record, err)
		}
	}
}

// Whatever a student does in whatever order, what the service says is what a model of a few lines knows.
func TestARecordAndSessionsKeepToTheirModelOverHTTP(t *testing.T) {
	t.Parallel()
	api, _ := practiceAPI(t)
	ana := student.New("user-student", 815)
	ana.Bank, ana.Sync, ana.Complain = demo.NewBank(), "off", t.Errorf
	ana.Ask = student.Over(t, api.Client, "http://"+api.Address, "student")
	if got := api.Do(apitest.Request{Method: http.MethodDelete, Path: "/api/students/" + ana.ID, Token: "superadmin"}); got.Status != http.StatusOK {
		t.Fatalf("the student has a record already, whose removal is answered %d %s", got.Status, got.Body)
	}
	for range 8 {
		ana.Visit()
	}
}

// A thousand picks of fifty students, made again of what was kept, are the same.
func TestAThousandStoredPicksAreMadeAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand answers, each on disk; the stores' suites make fewer picks again")
	}
	t.Parallel()
	parts := resources(t)
	if err := parts.Store.Put(t.Context(), demo.NewBank().Rows()); err != nil {
		t.Fatal(err)
	}
	service := app.Practice(parts, nil)
	const students, questions = 50, 20
	var scope []string
	for _, concept := range demo.NewBank().Rows().Concepts {
		scope = append(scope, concept.ID)
	}
	picks := make([]int, students)
	var running sync.WaitGroup
	for n := range students {
		running.Go(func() {
			picks[n] = practiseAndExplain(t, service, fmt.Sprint("student-", n), scope[n%20:n%20+8], questions)
		})
	}
	running.Wait()
	total := 0
	for _, count := range picks {
		total += count
	}
	if total != students*questions {
		t.Errorf("%d picks were made again, want %d", total, students*questions)
	}
}

func practiseAndExplain(t *testing.T, service *practice.Service, id string, scope []string, questions int) (same int) {
	caller := core.AuthTokenPayload{Subject: id, Role: core.RoleStudent, InstitutionID: apitest.Institution}
	access := core.NewRecordAccess(core.RecordPractice, caller)
	view, err := service.Open(t.Context(), access, practice.Plan{Scope: scope, Questions: questions, TimeMode: practice.Untimed})
	for k := 0; err == nil && view.Open != nil; k++ {
		var got practice.Answered
		got, err = service.Answer(t.Context(), access, practice.Answer{
			SessionID: view.ID, ItemID: view.Open.Pick.Item.ID, Response: &view.Open.Options[(k*7+len(id))%len(view.Open.Options)].Key, At: time.Now(),
		})
		view = got.SessionView
	}
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return 0
	}
	for position := 1; position <= view.Answered; position++ {
		explained, err := service.Explain(t.Context(), view.ID, position)
		if err != nil || explained.BankChanged || !reflect.DeepEqual(explained.Again, explained.Given.Pick) {
			t.Errorf("%s, question %d: %v, the bank changed: %t\n%+v\n%+v", id, position, err, explained.BankChanged, explained.Given.Pick, explained.Again)
			continue
		}
		same++
	}
	return same
}
