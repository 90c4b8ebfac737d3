package app

import (
	"testing"

	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

func TestWithoutAnAddressNothingIsCounted(t *testing.T) {
	t.Parallel()
	a := &App{settings: environment.Load(t, nil).Settings, operators: &operators{}}
	a.prepareOperators()
	if a.metrics != nil || a.observer() != nil || len(a.operators.pages) > 0 {
		t.Error("something is prepared that nobody asked for")
	}
}

func TestTheKeySourceIsHealthyIfNoKeyIsNeeded(t *testing.T) {
	for state, want := range map[keyring.EndpointState]bool{
		keyring.EndpointOK: true, keyring.EndpointNoKeys: true, keyring.EndpointOff: true,
		keyring.EndpointNeverFetched: false, keyring.EndpointFailing: false, keyring.EndpointStale: false,
	} {
		if got := keySourceHealthy(state); got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
}
