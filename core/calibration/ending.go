package calibration

import (
	"context"
	"sync/atomic"
	"time"
)

// Ending is how this copy's part in a run ended.
type Ending string

// The endings.
const (
	EndingCompleted Ending = "completed"
	EndingFailed    Ending = "failed"
	// EndingInsufficientData is for a run that failed because no item has enough answers: nothing is wrong with the service.
	EndingInsufficientData Ending = "insufficient_data"
	EndingCancelled        Ending = "cancelled"
	// EndingHandedBack is for a run that another copy continues, since this one stops.
	EndingHandedBack Ending = "handed_back"
	// EndingLost is for a run that was cancelled, or taken up by another copy, while this one computed it.
	EndingLost Ending = "lost"
)

// Endings lists every ending.
func Endings() []Ending {
	return []Ending{EndingCompleted, EndingFailed, EndingInsufficientData, EndingCancelled, EndingHandedBack, EndingLost}
}

// EndingCounts counts endings. It may be used by many goroutines at once.
type EndingCounts struct {
	completed, failed, insufficientData, cancelled, handedBack, lost atomic.Int64
	// took is how long the last completed run took, in nanoseconds.
	took atomic.Int64
}

func (e *EndingCounts) of(how Ending) *atomic.Int64 {
	switch how {
	case EndingCompleted:
		return &e.completed
	case EndingFailed:
		return &e.failed
	case EndingInsufficientData:
		return &e.insufficientData
	case EndingCancelled:
		return &e.cancelled
	case EndingHandedBack:
		return &e.handedBack
	default:
		return &e.lost
	}
}

// EndingCount returns how often runs ended in one way on this copy.
func (s *Service) EndingCount(how Ending) int64 { return s.ends.of(how).Load() }

// LastRunDuration returns how long the last run that this copy completed took, 0 before the first.
func (s *Service) LastRunDuration() time.Duration { return time.Duration(s.ends.took.Load()) }

func (s *Service) ended(ctx context.Context, runID string, how Ending, cause error) {
	s.ends.of(how).Add(1)
	if s.config.Ended != nil {
		s.config.Ended(ctx, runID, how, cause)
	}
}
