package stack_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"github.com/journey-os/journey-api/internal/testkit/stack"
)

// What tests of other packages rely on: a server that was stopped is gone, one that
// was started answers, and the others notice.
func TestIntegrationServersStopAndStartOneByOne(t *testing.T) {
	s := stack.Running(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tests := []struct {
		name stack.Name
		ask  func() int
		down int
	}{
		{stack.Postgres, func() int { return items(ctx, t, s) }, http.StatusServiceUnavailable},
		{stack.PostgREST, func() int { return items(ctx, t, s) }, http.StatusBadGateway},
		{stack.Gateway, func() int { return items(ctx, t, s) }, 0},
		{stack.Neo4j, func() int { return one(ctx, t, s) }, 0},
	}
	for _, test := range tests {
		t.Run(string(test.name), func(t *testing.T) {
			if got := test.ask(); got != http.StatusOK {
				t.Errorf("before: %d", got)
			}
			if err := s.Stop(ctx, test.name); err != nil {
				t.Fatal(err)
			}
			if got := test.ask(); got != test.down {
				t.Errorf("stopped: %d, want %d", got, test.down)
			}
			if err := s.Start(ctx, test.name); err != nil {
				t.Fatal(err)
			}
			if got := test.ask(); got != http.StatusOK {
				t.Errorf("started: %d", got)
			}
		})
	}
}

// items is the status of a read through the gateway, 0 if nothing answers.
func items(ctx context.Context, t *testing.T, s *stack.Stack) int {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Supabase.URL+"/rest/v1/integration_items?limit=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("apikey", s.Supabase.ServiceRoleKey)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

// one is 200 if Neo4j answers a query, else 0.
func one(ctx context.Context, t *testing.T, s *stack.Stack) int {
	t.Helper()
	driver, err := neo4j.NewDriverWithContext(s.Neo4j.URI, neo4j.BasicAuth(s.Neo4j.Username, s.Neo4j.Password, ""),
		func(c *config.Config) { c.MaxTransactionRetryTime = 0 })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close(ctx) }()
	if _, err := neo4j.ExecuteQuery(ctx, driver, "RETURN 1", nil, neo4j.EagerResultTransformer); err != nil {
		return 0
	}
	return http.StatusOK
}
