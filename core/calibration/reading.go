package calibration

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/irt"
)

// reading gathers each student's first answer to each item. Once the calibration would need more memory than it may
// have, reading only counts, so that the refusal can say how much is needed.
type reading struct {
	// asked is nil if every item is calibrated.
	asked map[string]bool
	limit int64

	builder irt.Builder
	student string
	// answered are the items that the student has an answer to.
	answered map[string]bool
	// responded are the items with an answer.
	responded                map[string]bool
	people, items, responses int
	tooLarge                 bool
}

// read returns the data of a run. Its error is a *Failure if another try would fail too, else the store's.
func read(ctx context.Context, store ResponseReader, settings Settings, limit int64) (*reading, *irt.Data, error) {
	r := &reading{limit: limit, answered: map[string]bool{}, responded: map[string]bool{}}
	if len(settings.Items) > 0 {
		r.asked = make(map[string]bool, len(settings.Items))
		for _, id := range settings.Items {
			r.asked[id] = true
		}
	}
	if err := store.Responses(ctx, r.visit); err != nil {
		return nil, nil, err
	}
	if need := r.memory(); need > limit {
		return nil, nil, &Failure{Code: core.CodeConflict, Message: fmt.Sprintf(
			"The calibration of %d items from %d answers of %d students needs about %d MB of memory; CALIBRATION_MEMORY allows %d MB",
			r.items, r.responses, r.people, megabytes(need), megabytes(limit))}
	}
	data, err := r.builder.Data()
	return r, data, err
}

func (r *reading) visit(studentID, itemID string, correct bool) error {
	if r.asked != nil && !r.asked[itemID] {
		return nil
	}
	if r.people == 0 || studentID != r.student {
		r.student = studentID
		r.people++
		clear(r.answered)
	}
	if r.answered[itemID] {
		return nil
	}
	if !r.responded[itemID] {
		r.responded[itemID] = true
		r.items++
	}
	r.answered[itemID] = true
	r.responses++
	if r.responses%1024 == 0 && !r.tooLarge && r.memory() > r.limit {
		r.tooLarge, r.builder = true, irt.Builder{}
	}
	if !r.tooLarge {
		r.builder.Add(studentID, itemID, correct)
	}
	return nil
}

// memory is an upper estimate of the bytes that the answers and their calibration need.
func (r *reading) memory() int64 {
	const perResponse, perID = 24, 150 // of builder and data, with the space that growing slices leave
	return irt.EstimateMemory(r.people, r.items, r.responses) + int64(r.responses)*perResponse + int64(r.people+r.items)*perID
}

// megabytes rounds up.
func megabytes(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// withUnanswered adds the requested items without an answer.
func (r *reading) withUnanswered(skipped []irt.Skipped) []irt.Skipped {
	all := slices.Clone(skipped)
	for id := range r.asked {
		if !r.responded[id] {
			all = append(all, irt.Skipped{ID: id, Reason: irt.SkipInsufficientResponses})
		}
	}
	slices.SortFunc(all, func(x, y irt.Skipped) int { return strings.Compare(x.ID, y.ID) })
	return all
}
