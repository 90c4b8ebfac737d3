package portstest_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestHealthCheckersAreSetUpAsTheyAreNamed(t *testing.T) {
	type finding struct {
		Name  string
		Fault core.Fault
	}
	tests := map[string]struct {
		checker ports.HealthChecker
		want    finding
	}{
		"Neo4j up":      {portstest.Neo4jUp(), finding{"neo4j", ""}},
		"Neo4j down":    {portstest.Neo4jDown(core.FaultConnectionRefused), finding{"neo4j", "Connection refused"}},
		"Supabase up":   {portstest.SupabaseUp(), finding{"supabase", ""}},
		"Supabase down": {portstest.SupabaseDown(core.FaultServerError), finding{"supabase", "Server error"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.checker.Check(t.Context())
			if diff := cmp.Diff(test.want, finding{test.checker.Name(), core.FaultOf(err)}); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			if err != nil && !strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q holds nothing that could leak", err)
			}
		})
	}
}

func TestStubsKeepTheirCalls(t *testing.T) {
	checker := portstest.Neo4jUp()
	_ = checker.Check(t.Context())
	_ = checker.Check(t.Context())
	if got := len(checker.CheckCalls()); got != 2 {
		t.Errorf("%d checks were kept, want 2", got)
	}
	verifier := portstest.VerifierAccepting("good", core.AuthTokenPayload{})
	_, _ = verifier.Verify(t.Context(), "other")
	if calls := verifier.VerifyCalls(); len(calls) != 1 || calls[0].Token != "other" {
		t.Errorf("calls: %v", calls)
	}
}

func TestHangingCheckerIgnoresItsContextUntilReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checker := portstest.NewHangingChecker("neo4j")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answer := make(chan error, 1)
		go func() { answer <- checker.Check(ctx) }()
		<-ctx.Done()
		synctest.Wait()
		select {
		case err := <-answer:
			t.Fatalf("it came back before it was released: %v", err)
		default:
		}
		checker.Release()
		checker.Release()
		if err := <-answer; err != nil {
			t.Errorf("released, it says %v", err)
		}
		if checker.Name() != "neo4j" || checker.Calls() != 1 {
			t.Errorf("name %q, %d calls", checker.Name(), checker.Calls())
		}
	})
}

func TestVerifiersTakeTheirTokensAndRefuseTheRest(t *testing.T) {
	student := core.AuthTokenPayload{Subject: "student-uuid-1", Role: core.RoleStudent}
	advisor := core.AuthTokenPayload{Subject: "advisor-uuid-1", Role: core.RoleAdvisor}
	refused := core.NewAuthenticationError("signature_invalid", "The token's signature is not valid")
	unavailable := core.NewUnavailableError(core.ReasonOverloaded, "Later", time.Second)
	both := portstest.VerifierOf(map[string]core.AuthTokenPayload{"s": student, "a": advisor})
	tests := map[string]struct {
		verifier ports.TokenVerifier
		token    string
		caller   core.AuthTokenPayload
		err      *core.Error
	}{
		"the one token":         {portstest.VerifierAccepting("s", student), "s", student, nil},
		"another token":         {portstest.VerifierAccepting("s", student), "S", core.AuthTokenPayload{}, refused},
		"no token":              {portstest.VerifierAccepting("s", student), "", core.AuthTokenPayload{}, refused},
		"the first of two":      {both, "s", student, nil},
		"the second of two":     {both, "a", advisor, nil},
		"none of two":           {both, "x", core.AuthTokenPayload{}, refused},
		"any token, on failure": {portstest.VerifierFailing(unavailable), "s", core.AuthTokenPayload{}, unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			caller, err := test.verifier.Verify(t.Context(), test.token)
			if diff := cmp.Diff(test.caller, caller); diff != "" {
				t.Errorf("caller (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.err, core.AsError(err), cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}
