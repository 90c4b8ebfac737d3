package cli

import (
	"os/signal"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
)

type serveCommand struct{}

// Run serves until a signal, and returns when everything is closed.
func (serveCommand) Run(p Process, line *commandLine) error {
	loaded, err := load(p, line)
	if err != nil {
		return err
	}
	hello := newBanner(p, loaded.Settings)
	service, err := app.New(app.Config{
		Version: p.Version, Loaded: loaded, Environment: p.Environment, Log: p.Stdout, DependencyChanged: hello.dependencyKnown,
		DemoBank: loaded.Settings.Environment == config.Development,
	})
	if err != nil {
		return failf("can't be put together: %v", err)
	}
	hello.dependencies = service.Dependencies()
	// Before listening, so that no signal that comes after the first reply is missed.
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go away; the service stays
	stop, hurry, release := untilSignals(syscall.SIGTERM, syscall.SIGINT)
	defer release()

	if err := service.Listen(); err != nil {
		return err
	}
	hello.listening(service.Address())
	hello.try(service)
	return service.Run(stop, hurry)
}
