package app

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

func TestTheLoggerKeepsToItsLevelAndFormat(t *testing.T) {
	for format, want := range map[string]string{"json": `"level":"WARN","msg":"kept"}` + "\n", "text": "level=WARN msg=kept\n"} {
		var text strings.Builder
		log := newLogger(&text, config.Log{Level: slog.LevelWarn, Format: format})
		log.Info("left out")
		log.Warn("kept")
		if !strings.HasSuffix(text.String(), want) || strings.Count(text.String(), "\n") != 1 {
			t.Errorf("%s: wrote %q", format, text.String())
		}
	}
}

func TestADependencyThatIsDownIsLoggedWithItsCause(t *testing.T) {
	var text strings.Builder
	log := newLogger(&text, config.Log{Level: slog.LevelInfo, Format: "json"})
	logDependency(log.Logger, health.Dependency{Name: "neo4j", Status: health.StatusError, Fault: core.FaultTimedOut, Cause: errors.New("the unshortened cause")})
	if want := `"msg":"dependency is down","dependency":"neo4j","fault":"Timed out","error":"the unshortened cause"}`; !strings.Contains(text.String(), want) {
		t.Errorf("wrote %s", text.String())
	}
}

func TestAGatewayThatWantsAKeyIsNamedWithTheWayOut(t *testing.T) {
	for fault, hasRemedy := range map[keyring.Fault]bool{keyring.FaultGateway: true, "Status 500": false} {
		var text strings.Builder
		log := newLogger(&text, config.Log{Level: slog.LevelInfo, Format: "json"})
		logKeyEndpoint(log.Logger, keyring.EndpointFailing, fault)
		if got := strings.Contains(text.String(), `"remedy":"let GET /auth/v1/.well-known/jwks.json through the gateway without an API key`); got != hasRemedy {
			t.Errorf("%s: wrote %s", fault, text.String())
		}
	}
}
