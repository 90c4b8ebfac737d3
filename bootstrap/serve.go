package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
)

type serveCommand struct{}

// Run serves until a signal, and returns when all is closed.
func (serveCommand) Run(p process, line *commandLine) error {
	loaded, err := load(p, line)
	if err != nil {
		return err
	}
	lines := newLogWriter(p.stdout)
	defer lines.flush()
	logger := newLogger(lines, loaded.Settings.Log)
	traced, warnings := readTraceSettings(p.environment)
	for _, warning := range slices.Concat(loaded.Warnings, warnings) {
		logger.Warn("settings", "setting", warning.Name, "problem", warning.Message)
	}
	hello := newBanner(p.stderr, loaded.Settings)
	app, err := newApp(loaded, traced, logger, hello.dependencyKnown)
	if err != nil {
		return couldNot("can't be put together: %v", err)
	}
	// Registered before listening, so that no signal that comes after the first reply is missed.
	signals := make(chan os.Signal, 2)
	signal.Ignore(syscall.SIGPIPE) // whoever reads the log may go away; the service stays
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)

	if err := app.operators.open(); err != nil {
		app.close()
		return err
	}
	var listen net.ListenConfig
	listen.SetMultipathTCP(false) // its queue can't be emptied for good before it is closed
	listener, err := listen.Listen(context.Background(), "tcp", loaded.Settings.HTTP.Address())
	if err != nil {
		app.close()
		return couldNot("%s", listenFault(err, listening{loaded.Settings.HTTP.Address(), "API_PORT", "API_HOST to one that is, or to 0.0.0.0"}))
	}
	hello.listening(listener.Addr())
	return app.run(listener, signals)
}

// listening is an address to listen on, the setting of its port, and what to do where its host is of another machine.
type listening struct{ address, portSetting, hostRemedy string }

func listenFault(err error, on listening) string {
	host, port, _ := net.SplitHostPort(on.address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("port %s is taken by another program: stop that one, or set %s to a free port", port, on.portSetting)
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("port %s needs more rights than this user has: set %s to one above 1023", port, on.portSetting)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine: set %s", host, on.hostRemedy)
	default:
		return fmt.Sprintf("can't listen on %s: %v", on.address, err)
	}
}

func settingsFault(err error) string {
	if faults, ok := errors.AsType[config.Faults](err); ok {
		return "the settings can't be used\n\n" + faults.Table()
	}
	return err.Error()
}
