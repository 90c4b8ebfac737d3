package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/mastery"
)

// Config configures a Service. Settings, Now and NewID are required.
type Config struct {
	// Settings are the settings of picks.
	Settings adaptive.Settings
	// Drift is how much the variance of the ability grows before each answer but the first (ABILITY_DRIFT).
	Drift float64
	// Graph configures where prerequisites come from.
	Graph GraphConfig
	// BankMaxAge is how old the cached bank may be; 0 checks the store each time.
	BankMaxAge time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// NewID returns a fresh UUIDv7.
	NewID func() string
	// StudentMoved is called for each student whose own token names another institution than before; it may be nil.
	StudentMoved func(ctx context.Context, studentID, from, to string)
	// Picked is called for each item that was given; it may be nil.
	Picked func(GivenItem)
}

// Stores are the stores that the service calls.
type Stores struct {
	Recorder Recorder
	Reader   Reader
	Students mastery.Reader
	Bank     BankReader
	// InForce is the parameters of items in force.
	InForce *calibration.InForce
}

// Service is the use case. It may be called by many goroutines at once.
type Service struct {
	config  Config
	mastery *mastery.Service
	stores  Stores
	bank    bankCache
	// linker is nil for the prerequisites of the bank.
	linker *linker
}

// New returns a service on the stores. It records answers through the service recording.
func New(config Config, recording *mastery.Service, stores Stores) *Service {
	s := &Service{config: config, mastery: recording, stores: stores, linker: newLinker(config.Graph, config.Now)}
	s.bank.service = s
	return s
}

func (s *Service) now() time.Time { return mastery.StoredTime(s.config.Now()) }

func (s *Service) picked(given *GivenItem) {
	if given != nil && s.config.Picked != nil {
		s.config.Picked(*given)
	}
}
