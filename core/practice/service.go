package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/mastery"
)

// Config says how the service behaves. Settings, Now and NewID are required.
type Config struct {
	// Settings are those of picks.
	Settings adaptive.Settings
	// Drift is how much the variance of the ability grows before each answer but the first (ABILITY_DRIFT).
	Drift float64
	// Graph says where prerequisites come from.
	Graph GraphConfig
	// Fresh is how old what is known of the bank may be; 0 looks at the store each time.
	Fresh time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// NewID returns a fresh UUIDv7.
	NewID func() string
	// StudentMoved is told of each student whose own token named another institution than before; it may be nil.
	StudentMoved func(ctx context.Context, studentID, from, to string)
	// Picked is told of each item that was given; it may be nil.
	Picked func(Given)
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
	shelf   shelf
	// linker is nil for the prerequisites of the bank.
	linker *linker
}

// New returns a service on the stores, which records answers by the other.
func New(config Config, recording *mastery.Service, stores Stores) *Service {
	s := &Service{config: config, mastery: recording, stores: stores, linker: newLinker(config.Graph, config.Now)}
	s.shelf.service = s
	return s
}

func (s *Service) now() time.Time { return mastery.Instant(s.config.Now()) }

func (s *Service) picked(given *Given) {
	if given != nil && s.config.Picked != nil {
		s.config.Picked(*given)
	}
}
