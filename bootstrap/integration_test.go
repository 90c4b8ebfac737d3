package main

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/stack"
)

// outageTime is wide room for a real server to go or to come back, and for the monitor to see it.
const outageTime = 2 * time.Minute

// logins are how a service may ask the real servers.
func logins(servers *stack.Stack) map[string]string {
	return map[string]string{
		"SUPABASE_ANON_KEY":         servers.Supabase.AnonKey,
		"SUPABASE_SERVICE_ROLE_KEY": servers.Supabase.ServiceRoleKey,
		"SUPABASE_JWT_SECRET":       servers.Supabase.JWTSecret,
		"NEO4J_USERNAME":            servers.Neo4j.Username,
		"NEO4J_PASSWORD":            servers.Neo4j.Password,
	}
}

func TestIntegrationHealthFollowsTheRealServers(t *testing.T) {
	servers := stack.Running(t)
	settings := logins(servers)
	settings["SUPABASE_URL"], settings["NEO4J_URI"] = servers.Supabase.URL, servers.Neo4j.URI
	settings["HEALTH_INTERVAL"] = "100ms"
	r := boot(t, settings)
	settings["NEO4J_URI"] = "neo4j" + strings.TrimPrefix(servers.Neo4j.URI, "bolt")
	routed := boot(t, settings)
	up := map[string]string{"neo4j": "", "supabase": ""}
	r.waitForHealth("ok", up)
	routed.waitForHealth("ok", up)
	for _, outage := range []struct {
		stop  stack.Name
		wants map[string]string
	}{
		{stack.Neo4j, map[string]string{"neo4j": "Connection refused", "supabase": ""}},
		{stack.Postgres, map[string]string{"neo4j": "", "supabase": "Server error"}},
		{stack.Gateway, map[string]string{"neo4j": "", "supabase": "Connection refused"}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), outageTime)
		if err := servers.Stop(ctx, outage.stop); err != nil {
			t.Fatal(err)
		}
		r.waitForHealth("degraded", outage.wants)
		routed.waitForHealth("degraded", outage.wants)
		if err := servers.Start(ctx, outage.stop); err != nil {
			t.Fatal(err)
		}
		r.waitForHealth("ok", up)
		routed.waitForHealth("ok", up)
		cancel()
	}
}

func TestIntegrationHealthIsHonestUnderEveryFaultBeforeTheRealServers(t *testing.T) {
	servers := stack.Running(t)
	for _, row := range faulttable.Rows() { // one after the other: logging in is work for Neo4j
		if !row.LargeReplies {
			continue // PostgREST's is large
		}
		t.Run(row.Fault.String(), func(t *testing.T) {
			isHonest(t, &outside{logins: logins(servers), proxies: map[string]*faultproxy.Proxy{
				"neo4j":    faultproxy.Start(t, strings.TrimPrefix(servers.Neo4j.URI, "bolt://")),
				"supabase": faultproxy.Start(t, strings.TrimPrefix(servers.Supabase.URL, "http://")),
			}}, row)
		})
	}
}

func TestIntegrationWrongCredentialsAreSaid(t *testing.T) {
	servers := stack.Running(t)
	r := boot(t, map[string]string{
		"SUPABASE_URL":              servers.Supabase.URL,
		"SUPABASE_SERVICE_ROLE_KEY": "wrong-service-role-key",
		"NEO4J_URI":                 servers.Neo4j.URI,
		"NEO4J_USERNAME":            servers.Neo4j.Username,
		"NEO4J_PASSWORD":            "wrong-password",
	})
	r.waitForHealth("degraded", map[string]string{"neo4j": "Credentials rejected", "supabase": "Credentials rejected"})
}

func TestIntegrationNoSecretGetsOut(t *testing.T) {
	servers := stack.Running(t)
	for _, run := range []struct {
		name            string
		password, key   string
		neo4j, supabase string
	}{
		{"with good credentials", servers.Neo4j.Password, servers.Supabase.ServiceRoleKey, "", ""},
		{"with credentials that are refused", rand.Text(), "sb_secret_" + rand.Text(), "Credentials rejected", "Credentials rejected"},
	} {
		t.Run(run.name, func(t *testing.T) {
			s := plantSecrets(map[string]string{
				"SUPABASE_JWT_SECRET": servers.Supabase.JWTSecret, "SUPABASE_ANON_KEY": servers.Supabase.AnonKey,
				"SUPABASE_SERVICE_ROLE_KEY": run.key, "NEO4J_PASSWORD": run.password,
			})
			s.environment["SUPABASE_URL"], s.environment["NEO4J_URI"], s.environment["NEO4J_USERNAME"] = servers.Supabase.URL, servers.Neo4j.URI, servers.Neo4j.Username
			s.environment["HEALTH_TIMEOUT"] = "30s"
			collectors := collect(t, s)
			service := serveApart(t, build(t), s.environment)
			r := &running{t: t, url: "http://" + service.address, client: hurried()}
			r.waitForHealth("degraded", map[string]string{"database": "Connection refused", "neo4j": run.neo4j, "supabase": run.supabase})
			s.wantNoSecretIn(t, callEverything(t, service.address, s)...)
			s.wantNoSecretIn(t, service.pages()...)
			s.wantNoSecretInTheLog(t, service)
			s.wantNoSecretIn(t, collectors.sent())
		})
	}
}

// waitForHealth asks until the report has this status, and these words for what is down.
func (r *running) waitForHealth(status string, words map[string]string) {
	r.t.Helper()
	var last answer
	for range ticks(r.t, 10*time.Millisecond, outageTime) {
		last = r.get("/health")
		if last.Data["status"] == status && faultsAre(last, words) {
			return
		}
	}
	r.t.Fatalf("waited for %s %v, but /health says %s", status, words, last.Body)
}

// faultsAre reports whether the report has these words, "" for what is up with a latency.
func faultsAre(got answer, words map[string]string) bool {
	dependencies, _ := got.Data["dependencies"].(map[string]any)
	for name, word := range words {
		state, _ := dependencies[name].(map[string]any)
		fault, _ := state["error"].(string)
		latency, _ := state["latency_ms"].(float64)
		if fault != word || (word == "") != (latency > 0) {
			return false
		}
	}
	return true
}
