package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const shutdownLimit = 10 * time.Second

// inProcess is a server inside this program, for what can't be seen from outside a process: allocations and profiles.
type inProcess struct {
	address string
	stop    func() error
}

// serveService puts the service together as its own program does, less the drivers of the dependencies.
func serveService(c credentials, log io.Writer) (inProcess, error) {
	loaded, err := config.Load(serviceSettings(c, "0"), config.Text(""))
	if err != nil {
		return inProcess{}, err
	}
	settings := loaded.Settings
	verifier, err := jwtauth.New(jwtauth.Config{
		Algorithms: settings.JWT.Algorithms, Secret: settings.JWT.Secret.Reveal(), Leeway: settings.JWT.Leeway,
		JWKSURL: settings.Supabase.URL + keysPath,
	})
	if err != nil {
		return inProcess{}, err
	}
	monitor, err := core.NewMonitor(core.MonitorConfig{Interval: settings.Health.Interval, Timeout: settings.Health.Timeout},
		portstest.Neo4jDown(core.FaultConnectionRefused), portstest.SupabaseDown(core.FaultConnectionRefused))
	if err != nil {
		return inProcess{}, err
	}
	counted := metrics.New(metrics.Config{})
	http := settings.HTTP
	server, err := httpapi.New(httpapi.Config{
		CORSOrigins: http.CORSOrigins, TrustedProxies: http.TrustedProxies, DocsEnabled: http.DocsEnabled,
		MaxBodyBytes: http.MaxBodyBytes, MaxHeaderBytes: http.MaxHeaderBytes, MaxInFlight: http.MaxInFlight,
		RequestTimeout: http.RequestTimeout, ReadTimeout: http.ReadTimeout,
		WriteTimeout: http.WriteTimeout, IdleTimeout: http.IdleTimeout, RateLimit: http.RateLimit,
	}, httpapi.Dependencies{
		Verifier: verifier, Health: monitor, Log: slog.NewJSONHandler(log, nil),
		Observe: func(seen httpapi.Observation) { counted.Request(metrics.Request(seen)) },
	})
	if err != nil {
		return inProcess{}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { monitor.Run(ctx) })
	running.Go(func() { verifier.Run(ctx) })
	served, err := serve(server.Serve, server.Shutdown)
	stop := served.stop
	served.stop = func() error {
		defer running.Wait()
		defer cancel()
		return stop()
	}
	return served, err
}

func serveRival(app *fiber.App) (inProcess, error) {
	return serve(app.Listener, app.ShutdownWithContext)
}

func serve(on func(net.Listener) error, shutdown func(context.Context) error) (inProcess, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return inProcess{}, err
	}
	served := make(chan error, 1)
	go func() { served <- on(listener) }()
	stop := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownLimit)
		defer cancel()
		if err := errors.Join(shutdown(ctx), <-served); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
		return nil
	}
	return inProcess{address: listener.Addr().String(), stop: stop}, nil
}
