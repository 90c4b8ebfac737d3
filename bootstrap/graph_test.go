package main

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

// The clients of this graph wait an hour, so an answer that waited for it would reach the request's deadline.
func TestAnswersDoNotWaitForAGraphThatIsSilent(t *testing.T) {
	t.Parallel()
	silent := faultproxy.Start(t, "127.0.0.1:9")
	if err := silent.Set(faultproxy.Silent()); err != nil {
		t.Fatal(err)
	}
	r := boot(t, map[string]string{
		"BANK_OPEN": "true", "MASTERY_GRAPH": "neo4j", "NEO4J_URI": "bolt://" + silent.Address(),
		"NEO4J_CONNECT_TIMEOUT": "1h", "NEO4J_ACQUIRE_TIMEOUT": "1h",
	})
	r.client.Timeout = wait.Limit
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()).With("sub", "ana"))
	for second := range 5 {
		r.answers("ana", "renal", "r1", second, token)
	}
	if got := r.syncOf("ana", "renal", token); got != "pending" {
		t.Errorf("without the graph the state is %s", got)
	}
}
