package main

import (
	"crypto/rand"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/leak"
	"github.com/journey-os/journey-api/ports/portstest"
)

// The same proof for what the engines keep: the keys and explanations of the bank get out nowhere, and what belongs to an
// institution reaches nobody of another one.

// tenant is an institution with a concept, two items and a student of its own: keyed is graded by the bank, plain by the
// caller.
type tenant struct{ institution, student, concept, stem, keyed, plain, session string }

func newTenant(institution string) tenant {
	return tenant{institution, "s-" + rand.Text(), "c-" + rand.Text(), "Why " + rand.Text(), "k-" + rand.Text(), "p-" + rand.Text(), ""}
}

// token is that of somebody of the tenant.
func (w tenant) token(s *secrets, role, subject string) string {
	return s.search.Plant("a token of "+role, portstest.Token(s.environment["SUPABASE_JWT_SECRET"], portstest.StudentClaims(time.Now()).
		With("sub", subject).With("app_metadata.institution_id", w.institution).With("app_metadata.role", role)))
}

// fill imports the tenant's bank with the command line, and then a file with a fault in its second line.
func (w tenant) fill(t *testing.T, s *secrets) {
	t.Helper()
	key, explanation := s.search.Plant("an item's key", rand.Text()), s.search.Plant("an item's explanation", rand.Text())
	keyed := map[string]any{"item_id": w.keyed, "concept_id": w.concept, "key": key, "stem": w.stem, "explanation": explanation}
	faulty := map[string]any{"item_id": w.keyed, "concept_id": "nowhere", "key": key, "explanation": explanation, "options": key}
	for _, file := range []struct {
		what    string
		rows    []map[string]any
		code    int
		witness string
	}{
		{"concepts", []map[string]any{{"concept_id": w.concept, "name": w.stem}}, cli.ExitOK, "imported 1 concept"},
		{"items", []map[string]any{keyed, {"item_id": w.plain, "concept_id": w.concept, "explanation": explanation}}, cli.ExitOK, "imported 2 items"},
		{"items", []map[string]any{keyed, faulty}, cli.ExitCouldNot, "line 2"},
	} {
		path := filepath.Join(t.TempDir(), "bank.jsonl")
		write(t, path, jsonLines(file.rows))
		code, stdout, stderr := run(s.environment, "import", file.what, path, "--institution", w.institution, "--env-file", emptyFile(t))
		if code != file.code {
			t.Fatalf("import %s ended with %d: %s%s", file.what, code, stdout, stderr)
		}
		s.wantNoSecretIn(t, surface{"import " + file.what, stdout + stderr, file.witness})
	}
}

func jsonLines(rows []map[string]any) string {
	var text strings.Builder
	for _, row := range rows {
		line, _ := json.Marshal(row)
		text.Write(append(line, '\n'))
	}
	return text.String()
}

// answerTo is a body of POST /api/bkt/update.
func answerTo(student, concept, item, graded string) string {
	return `{"student_id":"` + student + `","concept_id":"` + concept + `","item_id":"` + item + `",` + graded + `,"latency_ms":900,"timestamp":"2025-11-03T09:00:00Z"}`
}

// asking is one request of a caller; witness stands in its reply.
type asking struct{ method, path, body, witness string }

// askings are what somebody can ask about a tenant: each path of the document with its ids, and answers with its bodies.
func (w tenant) askings(paths []string) []asking {
	ids := map[string]string{"student_id": w.student, "concept_id": w.concept, "item_id": w.keyed, "session_id": w.session}
	asked := []asking{
		{"POST", "/api/bkt/update", answerTo(w.student, w.concept, w.plain, `"correct":true`), witnessID},
		{"POST", "/api/bkt/update", answerTo(w.student, w.concept, w.keyed, `"response":"no such option"`), witnessID},
		{"POST", "/api/bkt/update", answerTo(w.student, w.concept, w.keyed, `"correct":true`), witnessID},
		{"POST", "/api/bkt/fit", `{"concept_id":"` + w.concept + `"}`, witnessID},
		{"GET", "/api/bank/items?limit=1000&concept_id=" + w.concept, "", witnessID},
	}
	for _, path := range paths {
		path = regexp.MustCompile(`\{(\w+)\}`).ReplaceAllStringFunc(path, func(name string) string { return ids[strings.Trim(name, "{}")] })
		if strings.HasPrefix(path, "/api/") {
			asked = append(asked, asking{"GET", path, "", witnessID}, asking{"POST", path, `{"student_id":"` + w.student + `"}`, witnessID})
		}
	}
	return asked
}

func TestNothingOfTheBankOrOfAnotherInstitutionGetsOut(t *testing.T) {
	t.Parallel()
	s := plantSecrets(nil)
	s.environment["SUPABASE_URL"], s.environment["NEO4J_URI"] = "http://"+refused, "bolt://"+refused
	s.environment["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "journey.db")
	own, other := newTenant("inst-uuid-1"), newTenant("inst-uuid-2")
	own.fill(t, s)
	other.fill(t, s)
	watched := collect(t, s)
	service := serveApart(t, build(t), s.environment)
	ask := func(token string, asked asking) string {
		path, query, _ := strings.Cut(asked.path, "?")
		wire := strings.Replace(s.wire(asked.method, path, "Bearer "+token, asked.body), "?", "?"+query+"&", 1)
		reply := askRaw(t, service.address, wire)
		s.wantNoSecretIn(t, surface{asked.method + " " + asked.path, reply, asked.witness})
		return reply
	}
	others := leak.New()
	for _, text := range []string{other.student, other.concept, other.stem, other.keyed, other.plain} {
		others.Plant("what is of another institution", text)
	}
	for _, w := range []*tenant{&own, &other} {
		token := w.token(s, "student", w.student)
		ask(token, asking{"POST", "/api/bkt/update", answerTo(w.student, w.concept, w.plain, `"correct":true`), `"new_p_mastered"`})
		ask(token, asking{"POST", "/api/bkt/update", answerTo(w.student, w.concept, w.keyed, `"response":"a guess"`), `"new_p_mastered"`})
		ask(token, asking{"GET", "/api/bank/items", "", w.stem})
		ask(token, asking{"GET", "/api/bkt/mastery/" + w.student, "", w.concept})
		opened := ask(token, asking{"POST", "/api/adaptive/sessions", `{"scope_concept_ids":["` + w.concept + `"],"question_count":2}`, w.stem})
		w.session = regexp.MustCompile(`"session_id":"([^"]+)"`).FindStringSubmatch(opened)[1]
	}
	// An id begins with the time in milliseconds, in part that of other ids (UUIDv7, RFC 9562, 5.7); its end is random.
	others.Plant("a session of another institution", other.session[len(other.session)-len("-b000-000000000000"):])
	paths := pathsOf(t, service.address)
	for _, role := range []string{"student", "faculty"} {
		token := own.token(s, role, own.student)
		for _, asked := range append(other.askings(paths), own.askings(paths)...) {
			for _, found := range others.In(ask(token, asked)) {
				t.Errorf("%s %s tells %s %s", asked.method, asked.path, role, found)
			}
		}
	}
	// A superadmin sees all institutions: the search finds what the others were not told.
	if reply := ask(s.tokens["a superadmin"], asking{"GET", "/api/bank/items", "", other.stem}); len(others.In(reply)) == 0 {
		t.Error("what is of another institution is not found where it is")
	}
	s.wantNoSecretIn(t, service.pages()...)
	s.wantNoSecretInTheLog(t, service)
	s.wantNoSecretIn(t, watched.sent())
}
