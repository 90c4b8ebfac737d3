package mastery_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func right() mastery.Answer {
	return mastery.Answer{StudentID: "ana", ConceptID: "renal", ItemID: "r1", Correct: new(true), Latency: time.Second, At: now}
}

// newService is the use case on an empty store with a small bank.
func newService(t *testing.T) *mastery.Service {
	t.Helper()
	store := portstest.NewMemory()
	ids := 0
	service := mastery.New(mastery.Config{
		Mastered: .95, Now: func() time.Time { return now }, NewID: func() string { ids++; return string(rune('a' + ids)) },
	}, mastery.Stores{Recorder: store, Reader: store})
	err := store.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{{ID: "renal"}, {ID: "cardiac"}, {ID: "theirs", InstitutionID: "inst-2"}},
		Items: []bank.Item{
			{ID: "r1", ConceptID: "renal"}, {ID: "c1", ConceptID: "cardiac"}, {ID: "free", ConceptID: "renal", Key: "B"},
			{ID: "k1", ConceptID: "renal", Key: "B", Options: []bank.Option{{Key: "A"}, {Key: "B"}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func by(role core.Role, subject, institutionID string) *core.RecordAccess {
	return core.NewRecordAccess(core.RecordAnswer, core.AuthTokenPayload{Subject: subject, Role: role, InstitutionID: institutionID})
}

func TestWhatDoesNotFitIsRefusedWithItsField(t *testing.T) {
	tests := map[string]struct {
		change func(*mastery.Answer)
		want   string // fields, "" for an answer that fits
	}{
		"a plain answer":                  {func(*mastery.Answer) {}, ""},
		"no student":                      {func(a *mastery.Answer) { a.StudentID = "" }, "student_id"},
		"a student id with a space":       {func(a *mastery.Answer) { a.StudentID = "a b" }, "student_id"},
		"a session id that is none":       {func(a *mastery.Answer) { a.SessionID = "ü" }, "session_id"},
		"several faults at once":          {func(a *mastery.Answer) { a.ConceptID, a.ItemID = "", "/" }, "concept_id item_id"},
		"neither correct nor response":    {func(a *mastery.Answer) { a.Correct = nil }, "(all)"},
		"both correct and response":       {func(a *mastery.Answer) { a.Response = new("B") }, "(all)"},
		"no latency":                      {func(a *mastery.Answer) { a.Latency = 0 }, ""},
		"an hour":                         {func(a *mastery.Answer) { a.Latency = time.Hour }, ""},
		"more than an hour":               {func(a *mastery.Answer) { a.Latency = time.Hour + 1 }, "latency_ms"},
		"less than nothing":               {func(a *mastery.Answer) { a.Latency = -1 }, "latency_ms"},
		"the year 2000":                   {func(a *mastery.Answer) { a.At = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }, ""},
		"before the year 2000":            {func(a *mastery.Answer) { a.At = time.Date(1999, 12, 31, 23, 59, 59, 999, time.UTC) }, "timestamp"},
		"five minutes ahead":              {func(a *mastery.Answer) { a.At = now.Add(5 * time.Minute) }, ""},
		"more than five minutes ahead":    {func(a *mastery.Answer) { a.At = now.Add(5*time.Minute + 1) }, "timestamp"},
		"the longest key":                 {func(a *mastery.Answer) { a.Key = strings.Repeat("~", 128) }, ""},
		"too long a key":                  {func(a *mastery.Answer) { a.Key = strings.Repeat("~", 129) }, "idempotency_key"},
		"a key with a line break":         {func(a *mastery.Answer) { a.Key = "a\n" }, "idempotency_key"},
		"an item of another concept":      {func(a *mastery.Answer) { a.ItemID = "c1" }, "item_id"},
		"an item that is not in the bank": {func(a *mastery.Answer) { a.ItemID = "r7" }, "item_id"},
		"a grade for an item with a key":  {func(a *mastery.Answer) { a.ItemID = "k1" }, "correct response"},
		"a response to one without a key": {func(a *mastery.Answer) { a.Correct, a.Response = nil, new("B") }, "correct"},
		"a response that is no option":    {func(a *mastery.Answer) { a.ItemID, a.Correct, a.Response = "k1", nil, new("C") }, "response"},
		"a response if none are known":    {func(a *mastery.Answer) { a.ItemID, a.Correct, a.Response = "free", nil, new("C") }, ""},
		"a response with a line break":    {func(a *mastery.Answer) { a.ItemID, a.Correct, a.Response = "free", nil, new("C\n") }, "response"},
		"a response that no store keeps":  {func(a *mastery.Answer) { a.ItemID, a.Correct, a.Response = "free", nil, new("\x00") }, "response"},
		"a response beyond ASCII":         {func(a *mastery.Answer) { a.ItemID, a.Correct, a.Response = "free", nil, new("é β 9") }, ""},
		"an institution id that is no id": {func(a *mastery.Answer) { a.InstitutionID = " " }, "institution_id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := right()
			test.change(&answer)
			_, err := newService(t).Record(t.Context(), by(core.RoleStudent, "ana", "inst-1"), answer)
			var fields []string
			if err != nil {
				for _, violation := range core.AsError(err).Violations {
					fields = append(fields, cmp.Or(violation.Field, "(all)"))
				}
			}
			if got := strings.Join(fields, " "); got != test.want || (err == nil) != (test.want == "") {
				t.Errorf("got %v, want the fields %q", err, test.want)
			}
		})
	}
}

func TestTheKeyOfTheBankGrades(t *testing.T) {
	for response, want := range map[string]bool{"A": false, "B": true} {
		answer := right()
		answer.ItemID, answer.Correct, answer.Response = "k1", nil, &response
		got, err := newService(t).Record(t.Context(), by(core.RoleStudent, "ana", "inst-1"), answer)
		if err != nil || got.Attempt.Correct != want || got.Attempt.GradedBy != mastery.GradedByService || got.Attempt.Response != response {
			t.Errorf("response %s: %+v, %v", response, got.Attempt, err)
		}
	}
}

func TestWhoMayRecordAnswersOfWhom(t *testing.T) {
	tests := map[string]struct {
		access *core.RecordAccess
		named  string // the institution in the body
		known  string // the institution of a student who is known; "" for a new one
		want   core.Code
		reason core.Reason
		home   string
	}{
		"a student, the own":                          {by(core.RoleStudent, "ana", "inst-1"), "", "", "", "", "inst-1"},
		"a student, somebody else's":                  {by(core.RoleStudent, "bea", "inst-1"), "", "inst-1", core.CodeForbidden, core.ReasonNotOwnRecord, "inst-1"},
		"a student who moved":                         {by(core.RoleStudent, "ana", "inst-2"), "", "inst-1", "", "", "inst-2"},
		"a student who names another institution":     {by(core.RoleStudent, "ana", "inst-1"), "inst-2", "inst-1", core.CodeForbidden, core.ReasonInstitutionMismatch, "inst-1"},
		"faculty, a new student":                      {by(core.RoleFaculty, "prof", "inst-1"), "", "", "", "", "inst-1"},
		"faculty, of another institution":             {by(core.RoleFaculty, "prof", "inst-2"), "", "inst-1", core.CodeNotFound, "", "inst-1"},
		"an administrator, the own institution":       {by(core.RoleInstitutionalAdmin, "adm", "inst-1"), "", "inst-1", "", "", "inst-1"},
		"an administrator, another":                   {by(core.RoleInstitutionalAdmin, "adm", "inst-2"), "", "inst-1", core.CodeNotFound, "", "inst-1"},
		"an advisor":                                  {by(core.RoleAdvisor, "adv", "inst-1"), "", "inst-1", core.CodeForbidden, core.ReasonRoleNotAllowed, "inst-1"},
		"a superadmin, a known student":               {by(core.RoleSuperadmin, "root", ""), "", "inst-1", "", "", "inst-1"},
		"a superadmin, a new student":                 {by(core.RoleSuperadmin, "root", ""), "inst-3", "", "", "", "inst-3"},
		"a superadmin, a new student of nowhere":      {by(core.RoleSuperadmin, "root", ""), "", "", core.CodeValidation, "", ""},
		"a superadmin moves nobody":                   {by(core.RoleSuperadmin, "root", ""), "inst-3", "inst-1", core.CodeValidation, "", "inst-1"},
		"a superadmin who names the right one":        {by(core.RoleSuperadmin, "root", ""), "inst-1", "inst-1", "", "", "inst-1"},
		"a superadmin with an institution, a new one": {by(core.RoleSuperadmin, "root", "inst-9"), "", "", core.CodeValidation, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			service := newService(t)
			if test.known != "" {
				first := right()
				first.At = now.Add(-time.Hour)
				if _, err := service.Record(t.Context(), by(core.RoleStudent, "ana", test.known), first); err != nil {
					t.Fatal(err)
				}
			}
			answer := right()
			answer.InstitutionID = test.named
			_, err := service.Record(t.Context(), test.access, answer)
			if core.CodeOf(err) != test.want || err != nil && core.AsError(err).Reason != test.reason {
				t.Errorf("got %v, want %s %s", err, test.want, test.reason)
			}
			reader := core.NewRecordAccess(core.RecordRead, core.AuthTokenPayload{Role: core.RoleAdvisor, InstitutionID: test.home})
			_, err = service.Mastery(t.Context(), reader, "ana", mastery.StateQuery{Max: 1, Limit: 1})
			if (err == nil) != (test.home != "") {
				t.Errorf("an advisor of %q: %v", test.home, err)
			}
		})
	}
}

func TestAFingerprintTellsRequestsApartAndBodiesWithTheSameValuesNot(t *testing.T) {
	base := right()
	same := right()
	same.At = now.In(time.FixedZone("", 3600)).Add(999 * time.Nanosecond)
	same.Key = "another key"
	if base.Fingerprint() != same.Fingerprint() {
		t.Error("the same instant in another zone is another request")
	}
	changes := map[string]func(*mastery.Answer){
		"student":               func(a *mastery.Answer) { a.StudentID = "bea" },
		"institution":           func(a *mastery.Answer) { a.InstitutionID = "inst-1" },
		"concept":               func(a *mastery.Answer) { a.ConceptID = "renal2" },
		"ids that run together": func(a *mastery.Answer) { a.ConceptID, a.ItemID = "renalr", "1" },
		"item":                  func(a *mastery.Answer) { a.ItemID = "r2" },
		"session":               func(a *mastery.Answer) { a.SessionID = "s" },
		"outcome":               func(a *mastery.Answer) { a.Correct = new(false) },
		"response":              func(a *mastery.Answer) { a.Correct, a.Response = nil, new("right") },
		"latency":               func(a *mastery.Answer) { a.Latency++ },
		"time":                  func(a *mastery.Answer) { a.At = now.Add(time.Microsecond) },
	}
	for name, change := range changes {
		other := right()
		change(&other)
		if other.Fingerprint() == base.Fingerprint() {
			t.Errorf("another %s gives the same fingerprint", name)
		}
	}
}

// Stored keys have this scope: with another one, the repeat of an answer from before an update of the service would count
// again.
func TestTheScopeOfStoredKeysStaysWhatItIs(t *testing.T) {
	for name, session := range map[string]string{"an answer": "", "an answer of a session": "s1"} {
		answer := right()
		answer.SessionID, answer.Key = session, "k1"
		decision, err := newService(t).Decision(by(core.RoleStudent, "ana", "inst-1"), answer)
		if err != nil {
			t.Fatal(err)
		}
		want := mastery.Key{Caller: "ana", Scope: "POST /api/bkt/update", Text: "k1"}
		if got := decision.Lookup().Key; got == nil || *got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
