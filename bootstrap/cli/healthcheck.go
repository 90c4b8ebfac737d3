package cli

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
)

// healthcheckTimeout is less than a container runtime's time-out of a check.
const healthcheckTimeout = 2 * time.Second

type healthcheckCommand struct{}

// Run asks /health/live of the service on this machine.
func (healthcheckCommand) Run(p Process, line *commandLine) error {
	loaded, err := loadFor(p, line)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), healthcheckTimeout)
	defer cancel()
	url := "http://" + localAddress(loaded.Settings.HTTP) + "/health/live"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return failf("%v", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // past any proxy
	reply, err := client.Do(request)
	if err != nil {
		return failf("the service does not answer: %v", err)
	}
	_ = reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return failf("the service answered %d", reply.StatusCode)
	}
	return nil
}

// localAddress returns the address at which the service is reached from its own machine.
func localAddress(settings config.HTTP) string {
	host := settings.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(settings.Port))
}
