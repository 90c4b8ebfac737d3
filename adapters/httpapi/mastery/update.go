package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// Recorder records answers: mastery.Service, or practice.Service, which also updates sessions.
type Recorder interface {
	Record(ctx context.Context, access *core.RecordAccess, answer mastery.Answer) (mastery.Recorded, error)
}

// answers records them.
type answers struct{ recorder Recorder }

type updateInput struct {
	Key  string `header:"Idempotency-Key" minLength:"1" maxLength:"128" pattern:"^[ -~]+$" doc:"Makes a repeat of the request count once; kept as long as the answer" example:"0198c5a4-6f2e-7c3b-9d1a-3f1f0c2b7a55"`
	Body struct {
		StudentID     httpapi.ID `json:"student_id" doc:"Whose answer it is; students record their own"`
		ConceptID     httpapi.ID `json:"concept_id"`
		ItemID        httpapi.ID `json:"item_id" doc:"An item of the concept"`
		Correct       *bool      `json:"correct,omitempty" doc:"Whether it is right, for an item that the bank has no key for"`
		Response      *string    `json:"response,omitempty" minLength:"1" maxLength:"128" doc:"The key of the option that was chosen, for an item that the bank has a key for"`
		LatencyMS     int64      `json:"latency_ms" minimum:"0" maximum:"3600000" doc:"What the answer took, in milliseconds"`
		Timestamp     time.Time  `json:"timestamp" doc:"When it was given; at most 5 minutes ahead, cut to microseconds"`
		SessionID     httpapi.ID `json:"session_id,omitempty" doc:"The practice session that it belongs to"`
		InstitutionID httpapi.ID `json:"institution_id,omitempty" doc:"Where a new student belongs; required of a superadmin then"`
	}
}

// Updated is the reply to an answer, wherever it was given.
type Updated struct {
	StudentID   string             `json:"student_id"`
	ConceptID   string             `json:"concept_id"`
	Previous    float64            `json:"previous_p_mastered" doc:"The probability that the student has mastered the concept, before this request"`
	New         float64            `json:"new_p_mastered" doc:"The same after it"`
	IsMastered  bool               `json:"is_mastered" doc:"Whether it is at least BKT_MASTERED"`
	Delta       float64            `json:"delta" doc:"new_p_mastered less previous_p_mastered"`
	Evidence    int                `json:"evidence_count" doc:"How many answers count"`
	Trend       bkt.Trend          `json:"trend" enum:"improving,declining,stable" doc:"Of the last three answers"`
	Sync        mastery.SyncStatus `json:"sync_status" enum:"off,pending,synced,failed" doc:"How far the graph follows; off without one"`
	NextCorrect float64            `json:"p_correct_next" doc:"The probability that the next answer to the concept is right"`
	AttemptID   string             `json:"attempt_id" doc:"The answer's own id, a UUID"`
	Correct     bool               `json:"correct"`
}

func (a answers) record(ctx context.Context, in *updateInput) (httpapi.Reply[Updated], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[Updated]{}, err
	}
	body := &in.Body
	recorded, err := a.recorder.Record(ctx, access, mastery.Answer{
		StudentID: string(body.StudentID), InstitutionID: string(body.InstitutionID),
		ConceptID: string(body.ConceptID), ItemID: string(body.ItemID),
		Correct: body.Correct, Response: body.Response,
		Latency: time.Duration(body.LatencyMS) * time.Millisecond, At: body.Timestamp,
		SessionID: string(body.SessionID), Key: in.Key,
	})
	if err != nil {
		return httpapi.Reply[Updated]{}, err
	}
	reply := httpapi.OK(UpdatedOf(recorded.Attempt))
	if recorded.Replayed {
		reply.Meta = httpapi.Replayed{Replayed: true}
	}
	return reply, nil
}

// UpdatedOf is made only from what is saved with the attempt, so that a repeat gets the first reply word for word.
func UpdatedOf(attempt mastery.Attempt) Updated {
	shown := attempt.Shown
	return Updated{
		StudentID: attempt.StudentID, ConceptID: attempt.ConceptID,
		Previous: shown.Before, New: shown.After, IsMastered: shown.IsMastered, Delta: shown.After - shown.Before,
		Evidence: shown.Evidence, Trend: shown.Trend, Sync: shown.Sync, NextCorrect: shown.NextCorrect,
		AttemptID: attempt.ID, Correct: attempt.Correct,
	}
}
