package neo4jdb_test

import (
	"context"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/leak"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

func TestWhatTheServerQuotesOfThePasswordIsMasked(t *testing.T) {
	t.Parallel()
	const password = "vQ7-kept-from-every-log-2zR"
	search := leak.New()
	search.Plant("the password", password)
	for name, server := range map[string]*standin.Bolt{
		"when it refuses the login":          {Answer: failing(standin.Logon, "Neo.ClientError.Security.Unauthorized"), Says: "neo4j/" + password + " is unauthorized"},
		"its first letters":                  {Answer: failing(standin.Logon, "Neo.ClientError.Security.Unauthorized"), Says: password[:14] + "…"},
		"when it fails":                      {Answer: failing(standin.Run, "Neo.DatabaseError.General.UnknownError"), Says: "logged in with " + password},
		"in the code":                        {Answer: failing(standin.Run, "Neo.DatabaseError."+password+".X")},
		"when it fails in passing":           {Answer: failing(standin.Begin, "Neo.TransientError."+password+".X"), Says: password},
		"when a constraint is violated":      {Answer: failing(standin.Run, "Neo.ClientError.Schema.ConstraintValidationFailed"), Says: password},
		"as a page instead of Bolt":          {Banner: "HTTP/1.1 400 " + password + "\r\n\r\n"},
		"as the version that it speaks":      {Banner: password[:4]},
		"when the query is not to its taste": {Answer: failing(standin.Run, "Neo.ClientError.Statement.SyntaxError"), Says: password},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := settings(server.URI(t))
			config.Password, config.AcquireTimeout = password, time.Second // so that it is tried again once
			client := newClient(t, config)
			for way, ask := range map[string]func(context.Context) error{
				"a check": client.Check,
				"a read":  func(ctx context.Context) error { return client.Read(ctx, fetchOne) },
				"a write": func(ctx context.Context) error { return client.Write(ctx, fetchOne) },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				if err := ask(ctx); err != nil {
					if found := search.In(err.Error()); len(found) > 0 {
						t.Errorf("%s: %v", way, found)
					}
				}
				cancel()
			}
		})
	}
}
