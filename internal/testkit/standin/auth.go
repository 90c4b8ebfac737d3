package standin

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// AuthUser is a user of Auth.
type AuthUser struct {
	ID           string           `json:"id"`
	Audience     string           `json:"aud"`
	Role         string           `json:"role"`
	Email        string           `json:"email"`
	Phone        string           `json:"phone"`
	AppMetadata  map[string]any   `json:"app_metadata"`
	UserMetadata map[string]any   `json:"user_metadata"`
	Identities   []map[string]any `json:"identities"`
	CreatedAt    string           `json:"created_at"`
	UpdatedAt    string           `json:"updated_at"`
}

// Auth is as much of Supabase Auth, with the gateway in front of it, as its administrators' interface needs: the users in
// pages, with or without a filter, and a change of one. It is made from the documentation and the public source of
// Auth (openapi.yaml, internal/api/admin.go and pagination.go, internal/models/user.go of supabase/auth).
type Auth struct {
	// Key is the key that the gateway accepts; any other gets 401.
	Key string
	// NoFilter is a version from before the filter.
	NoFilter bool
	// Answer, if set, answers every request.
	Answer http.HandlerFunc

	server *httptest.Server

	mu       sync.Mutex
	users    []AuthUser
	requests []*http.Request
}

// Add signs a user up, whose app_metadata also has what Auth writes into it by itself.
func (a *Auth) Add(id, email string, appMetadata map[string]any) {
	metadata := map[string]any{"provider": "email", "providers": []any{"email"}}
	maps.Copy(metadata, appMetadata)
	a.users = append(a.users, AuthUser{
		ID: id, Audience: "authenticated", Role: "authenticated", Email: email, AppMetadata: metadata,
		UserMetadata: map[string]any{"full_name": "somebody"}, CreatedAt: "2026-01-02T03:04:05.678901Z", UpdatedAt: "2026-01-02T03:04:05.678901Z",
		Identities: []map[string]any{{
			"identity_id": id, "id": id, "user_id": id, "identity_data": map[string]any{"email": email}, "provider": "email",
			"last_sign_in_at": "2026-01-02T03:04:05.678901Z", "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z", "email": email,
		}},
	})
}

// Start serves on a port of its own until the test ends.
func (a *Auth) Start(t testing.TB) (url string) {
	t.Helper()
	a.server = httptest.NewServer(a)
	t.Cleanup(a.server.Close)
	return a.server.URL
}

// Stop ends it before the test ends; its address then refuses connections.
func (a *Auth) Stop() { a.server.Close() }

// Requests returns the requests that came, in order.
func (a *Auth) Requests() []*http.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

func (a *Auth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, r.Clone(r.Context()))
	id, isUser := strings.CutPrefix(r.URL.Path, "/auth/v1/admin/users/")
	switch {
	case a.Answer != nil:
		a.Answer(w, r)
	case r.Header.Get("apikey") != a.Key:
		reply(w, http.StatusUnauthorized, map[string]any{"message": "Invalid API key"})
	case !a.isAdmin(r):
		reply(w, http.StatusUnauthorized, map[string]any{"code": 401, "error_code": "no_authorization", "msg": "This endpoint requires a valid Bearer token"})
	case r.Method == http.MethodGet && r.URL.Path == "/auth/v1/admin/users":
		a.list(w, r)
	case r.Method == http.MethodPut && isUser:
		a.update(w, r, id)
	default:
		reply(w, http.StatusNotFound, map[string]any{"message": "no Route matched with those values"})
	}
}

// isAdmin reports whether Auth gets a token: the gateway makes one of a secret key, a key that is a JWT has to be sent.
func (a *Auth) isAdmin(r *http.Request) bool {
	token := r.Header.Get("Authorization")
	if strings.HasPrefix(a.Key, "sb_secret_") {
		return token == ""
	}
	return token == "Bearer "+a.Key
}

func (a *Auth) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	page, pageErr := strconv.Atoi(cmp.Or(query.Get("page"), "1"))
	size, sizeErr := strconv.Atoi(cmp.Or(query.Get("per_page"), "50"))
	if pageErr != nil || sizeErr != nil || page < 1 || size < 1 {
		reply(w, http.StatusBadRequest, map[string]any{"code": 400, "error_code": "validation_failed", "msg": "Bad Pagination Parameters"})
		return
	}
	matching := slices.DeleteFunc(append([]AuthUser{}, a.users...), func(user AuthUser) bool {
		return !a.NoFilter && !strings.Contains(user.Email, query.Get("filter"))
	})
	from := min((page-1)*size, len(matching))
	reply(w, http.StatusOK, map[string]any{"aud": "authenticated", "users": matching[from:min(from+size, len(matching))]})
}

// update merges app_metadata member by member, and a null takes one away.
func (a *Auth) update(w http.ResponseWriter, r *http.Request, id string) {
	var asked struct {
		AppMetadata map[string]any `json:"app_metadata"`
	}
	i := slices.IndexFunc(a.users, func(user AuthUser) bool { return user.ID == id })
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || i < 0 {
		reply(w, http.StatusNotFound, map[string]any{"code": 404, "error_code": "user_not_found", "msg": "User not found"})
		return
	}
	for name, value := range asked.AppMetadata {
		if value == nil {
			delete(a.users[i].AppMetadata, name)
			continue
		}
		a.users[i].AppMetadata[name] = value
	}
	reply(w, http.StatusOK, a.users[i])
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
