package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/ports/portstest"
)

// signInAs asks as the page does. Its routes are in no document.
func (r *running) signInAs(role string) (status int, token string, students []string) {
	r.t.Helper()
	asked, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+"/practice/sign-in/"+role, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	asked.Header.Set("Origin", r.url)
	response, err := http.DefaultClient.Do(asked)
	if err != nil {
		r.t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	var envelope struct {
		Data struct {
			Token     string   `json:"access_token"`
			ExpiresIn int      `json:"expires_in"`
			Students  []string `json:"students"`
		}
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		r.t.Fatalf("%v in %s", err, body)
	}
	if response.StatusCode == http.StatusOK && envelope.Data.ExpiresIn != 3600 {
		r.t.Errorf("the token is good for %d s", envelope.Data.ExpiresIn)
	}
	return response.StatusCode, envelope.Data.Token, envelope.Data.Students
}

func TestTheDemoUsersAreWhoTheySay(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	for role, subject := range map[string]string{"student": demo.PractisingStudentID, "faculty": demo.FacultyID} {
		status, token, students := r.signInAs(role)
		me := r.me(token).Data
		if status != http.StatusOK || me["sub"] != subject || me["role"] != role || me["institution_id"] != demo.InstitutionID {
			t.Errorf("%s signed in with %d as %v", role, status, me)
		}
		exp, _ := me["exp"].(float64)
		iat, _ := me["iat"].(float64)
		if exp-iat != 3600 {
			t.Errorf("the token is good for %v s", exp-iat)
		}
		want := 0
		if role == "faculty" {
			want = 1 + demo.DefaultStudents
		}
		if len(students) != want {
			t.Errorf("%s hears of %d students, want %d", role, len(students), want)
		}
	}
}

func TestOnlyADevelopersOwnServiceHasThePracticePage(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]map[string]string{
		"in production":                 {"APP_ENV": "production", "SUPABASE_URL": "https://abc.supabase.co"},
		"in production on this machine": {"APP_ENV": "production"},
		"with a project elsewhere":      {"SUPABASE_URL": "https://abc.supabase.co"},
		"without shared secrets":        {"JWT_ALGORITHMS": "ES256"},
		"if its tokens are refused":     {"SUPABASE_JWT_ISSUER": "https://abc.supabase.co/auth/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change["SUPABASE_JWT_SECRET"] = portstest.Secret
			r := boot(t, change)
			if status, token, _ := r.signInAs("student"); status != http.StatusNotFound || token != "" {
				t.Errorf("the sign-in answers %d", status)
			}
			if got := r.get("/practice"); got.Status != http.StatusNotFound {
				t.Errorf("the page answers %d", got.Status)
			}
		})
	}
}
