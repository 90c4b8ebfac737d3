package soak

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// maxBody and readTimeout are low, so that what they bound comes often; a busy machine may stand still for some seconds.
	maxBody, readTimeout = 64 << 10, 8 * time.Second
	// ratePerMinute is more than anybody needs who does not try to need more.
	ratePerMinute = 1200
	// drainDelay is enough for every kept connection to be told, on a machine that has much else to do.
	drainDelay, shutdownTimeout = 3 * time.Second, 6 * time.Second
	// keptPublished and keptRevoked are how many signing keys there are of each.
	keptPublished, keptRevoked = 3, 2
)

// start starts stand-ins for the dependencies, the faults in front of them, and the service: the real binary in a process
// of its own, with everything on. It returns what comes of reading the log.
func (s *soak) start(t *testing.T) (logEnded chan error) {
	project := standin.Supabase{Keys: s.publish, Key: plantedKey}
	s.schedules = map[string]*schedule{}
	targets := map[string]string{"neo4j": new(standin.Bolt).Start(t), "supabase": project.Start(t)}
	for name, target := range targets {
		first := period{faulttable.Rows()[0], time.Now()}
		s.schedules[name] = &schedule{name: name, proxy: faultproxy.Start(t, target), periods: []period{first}}
	}
	fromService, toLog, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.log.reply(process.StartID, entry{http.StatusOK, "GET", "/health/live"})
	s.service = process.Serve(t, func(port, metrics string) *exec.Cmd {
		serve := s.command("serve")
		serve.Env, serve.Stdout = append(serve.Env, "API_PORT="+port, "METRICS_ADDR="+metrics), toLog
		return serve
	})
	_ = toLog.Close()
	text, err := s.command("openapi").Output()
	if err != nil {
		t.Fatal(err)
	}
	described, err := document.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	s.contract = contract.Contract{Document: described, Origins: []string{goodOrigin}}
	logEnded = make(chan error, 1)
	go func() { logEnded <- s.log.read(fromService) }()
	s.prepare(t)
	return logEnded
}

// command is one of the service's, with all its settings but those of where it listens.
func (s *soak) command(arguments ...string) *exec.Cmd {
	command := exec.Command(*binary, arguments...)
	command.Dir = s.folder // without a .env
	command.Env = []string{
		"API_HOST=127.0.0.1", "DATABASE_URL=sqlite:journey.db", "LOG_LEVEL=DEBUG", // probes have a line then
		"SUPABASE_URL=http://" + s.schedules["supabase"].proxy.Address(),
		"NEO4J_URI=bolt://" + s.schedules["neo4j"].proxy.Address(),
		"SUPABASE_ANON_KEY=soak-anon-key", "SUPABASE_SERVICE_ROLE_KEY=" + plantedKey, "SUPABASE_JWT_SECRET=" + s.secret,
		"NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=" + plantedPassword,
		"CORS_ORIGINS=" + goodOrigin, "TRUSTED_PROXIES=127.0.0.0/8",
		"HEALTH_REQUIRED=neo4j", "HEALTH_INTERVAL=" + healthInterval.String(), "HEALTH_TIMEOUT=" + healthTimeout.String(),
		fmt.Sprintf("RATE_LIMIT=%d", ratePerMinute), fmt.Sprintf("FAILED_SIGN_IN_LIMIT=%d", ratePerMinute),
		fmt.Sprintf("MAX_BODY_BYTES=%d", maxBody), "READ_TIMEOUT=" + readTimeout.String(),
		"DRAIN_DELAY=" + drainDelay.String(), "SHUTDOWN_TIMEOUT=" + shutdownTimeout.String(),
	}
	return command
}

// publish makes the key set for a request. The service has learned the keys if nothing disturbed the reply.
func (s *soak) publish() string {
	s.count("the keys", "fetched")
	asked := time.Now()
	published, revoked := s.allKeys()
	var shown []portstest.Claims
	for _, one := range published {
		shown = append(shown, one.JWK())
	}
	time.AfterFunc(settled, func() {
		if s.schedules["supabase"].passed(asked.Add(-settled), time.Now()) {
			for _, one := range published {
				one.taught.set(time.Now())
			}
			for _, one := range revoked {
				one.untaught.set(time.Now())
			}
		}
	})
	return portstest.JWKS(shown...)
}

// prepare waits until all dependencies are up, and imports what the platform grades.
func (s *soak) prepare(t *testing.T) {
	if !wait.For(func() bool {
		got := s.send(s.draw(row{"the start", 1, "GET /health", "", steps{nobody}}))
		return got != nil && bytes.HasPrefix(got.envelope.Data, []byte(`{"status":"ok"`))
	}) {
		t.Fatal("its dependencies are not up")
	}
	for _, table := range [][2]string{
		{"concepts", "concept_id\n" + platformConcept + "\n" + quietConcept + "\n"},
		{"items", "item_id,concept_id\n" + platformItem + "," + platformConcept + "\n"},
	} {
		importing := s.command("import", table[0], "-")
		importing.Stdin = strings.NewReader(table[1])
		if output, err := importing.CombinedOutput(); err != nil {
			t.Fatalf("import %s: %v: %s", table[0], err, output)
		}
	}
}
