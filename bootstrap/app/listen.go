package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen opens the service's port and the operators' pages, which answer from then on. Its error is a sentence for a
// person; nothing is left open after an error.
func (a *App) Listen() error {
	err := a.operators.open()
	if err == nil {
		err = a.listen(a.settings.HTTP.Address())
	}
	if err != nil {
		a.parts.stop()
		a.lines.flush()
	}
	return err
}

func (a *App) listen(address string) error {
	var listen net.ListenConfig
	listen.SetMultipathTCP(false) // its queue can't be emptied for good before it is closed
	listener, err := listen.Listen(context.Background(), "tcp", address)
	if err != nil {
		return errors.New(listenFault(err, listening{address, "API_PORT", "API_HOST to one that is, or to 0.0.0.0"}))
	}
	a.listener = listener
	return nil
}

// Address returns the address that the service listens on, once Listen has returned.
func (a *App) Address() net.Addr { return a.listener.Addr() }

// Pages returns the addresses of the operators' pages, by their names in the log.
func (a *App) Pages() map[string]net.Addr {
	pages := map[string]net.Addr{}
	for _, page := range a.operators.pages {
		pages[page.name] = page.listener.Addr()
	}
	return pages
}

// listening is an address to listen on, the setting of its port, and what to do if its host is of another machine.
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
