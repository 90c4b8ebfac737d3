package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/journey-os/journey-api/bench/process"
)

const (
	// maxBody and readTimeout are low, so that what they bound can be done often.
	maxBody     = 64 << 10
	readTimeout = 3 * time.Second
	idleTimeout = 5 * time.Second
	// ratePerMinute is more than anybody needs who does not try to need more.
	ratePerMinute   = 2400
	drainDelay      = time.Second
	shutdownTimeout = 6 * time.Second
	startLimit      = 15 * time.Second

	// plantedEmail is in every account, and must stand in no log.
	plantedEmail = "soak-planted-email"
)

// service is the real binary in a process of its own, with everything on.
type service struct {
	*process.Process
	address, metricsAddress string
	// logEnded gets what came of reading the log, once the process is gone.
	logEnded chan error
}

// startService starts it with its log read by l, and waits until it has found both dependencies well.
func startService(ctx context.Context, path, folder string, d dependencies, t *town, l *logReader) (*service, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	metricsPort, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	fromService, toLog, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = toLog.Close() }()
	s := &service{
		address: net.JoinHostPort("127.0.0.1", port), metricsAddress: net.JoinHostPort("127.0.0.1", metricsPort), logEnded: make(chan error, 1),
	}
	s.Process, err = process.Start(ctx, process.Program{
		Line: []string{path, "serve"}, Environment: environment(port, s.metricsAddress, d, t), Folder: folder, Output: toLog,
	})
	if err != nil {
		return nil, errors.Join(err, fromService.Close())
	}
	go func() {
		s.logEnded <- errors.Join(l.read(fromService), fromService.Close())
	}()
	if err := s.awaitHealth(ctx, l.ledger); err != nil {
		_ = s.Stop()
		return nil, fmt.Errorf("start the service: %w; it said: %q", err, s.Complaint())
	}
	return s, nil
}

func environment(port, metricsAddress string, d dependencies, t *town) []string {
	return []string{
		"API_HOST=127.0.0.1", "API_PORT=" + port, "METRICS_ADDR=" + metricsAddress,
		"SUPABASE_URL=http://" + t.climate.supabase.proxy.Address(), "NEO4J_URI=bolt://" + t.climate.neo4j.proxy.Address(),
		"SUPABASE_ANON_KEY=soak-anon-key", "SUPABASE_SERVICE_ROLE_KEY=" + d.serviceKey, "SUPABASE_JWT_SECRET=" + t.secret,
		"NEO4J_USERNAME=" + d.username, "NEO4J_PASSWORD=" + d.password,
		"CORS_ORIGINS=" + goodOrigin, "TRUSTED_PROXIES=127.0.0.0/8", "LOG_LEVEL=DEBUG", // probes have a line then
		"HEALTH_REQUIRED=neo4j", "HEALTH_INTERVAL=" + healthInterval.String(), "HEALTH_TIMEOUT=" + healthTimeout.String(),
		fmt.Sprintf("RATE_LIMIT=%d", ratePerMinute), fmt.Sprintf("FAILED_SIGN_IN_LIMIT=%d", ratePerMinute), fmt.Sprintf("MAX_BODY_BYTES=%d", maxBody),
		"READ_TIMEOUT=" + readTimeout.String(), "IDLE_TIMEOUT=" + idleTimeout.String(),
		"DRAIN_DELAY=" + drainDelay.String(), "SHUTDOWN_TIMEOUT=" + shutdownTimeout.String(),
	}
}

// awaitHealth asks until both dependencies are well.
func (s *service) awaitHealth(ctx context.Context, to *ledger) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	last := errors.New("it was not asked")
	for number := 0; pause(ctx, 50*time.Millisecond); number++ {
		asked := draft{path: "/health"}.build(fmt.Sprintf("soak-start-%d", number))
		got, err := ask(s.address, &asked)
		if err != nil {
			last = err
			continue
		}
		to.reply(asked.id, entry{got.status, asked.method, asked.route})
		if bytes.Contains(got.body, []byte(`"data":{"status":"ok"`)) {
			return nil
		}
		last = fmt.Errorf("it answers %s", got.body)
	}
	return last
}

// ask sends one request on a connection of its own.
func ask(address string, asked *request) (*reply, error) {
	conn, err := net.DialTimeout("tcp", address, exchangeLimit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(exchangeLimit)); err != nil {
		return nil, err
	}
	if _, err := conn.Write(asked.bytes); err != nil {
		return nil, err
	}
	return read(bufio.NewReader(conn), asked)
}
