package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
)

const shutdownLimit = 10 * time.Second

// inProcess is a server inside this program, for what can't be seen from outside a process: allocations and profiles.
type inProcess struct {
	address string
	stop    func() error
}

// serveService runs the service as its own program does.
func serveService(c credentials, log io.Writer) (inProcess, error) {
	settings := serviceSettings(c, "0")
	loaded, err := config.Load(settings, config.Source{})
	if err != nil {
		return inProcess{}, err
	}
	service, err := app.New(app.Config{Version: "bench", Loaded: loaded, Environment: settings, Log: log})
	if err != nil {
		return inProcess{}, err
	}
	if err := service.Listen(); err != nil {
		return inProcess{}, err
	}
	stop, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(stop, context.Background()) }()
	return inProcess{address: service.Address().String(), stop: func() error { end(); return <-ended }}, nil
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
