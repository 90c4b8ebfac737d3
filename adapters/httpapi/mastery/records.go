package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// records reads students' states and answers.
type records struct{ service *mastery.Service }

type statesInput struct {
	StudentID httpapi.ID `path:"student_id"`
	ConceptID httpapi.ID `query:"concept_id" doc:"Only this concept"`
	Min       float64    `query:"min_mastery" minimum:"0" maximum:"1" default:"0" doc:"The least mastery, included"`
	Max       float64    `query:"max_mastery" minimum:"0" maximum:"1" default:"1" doc:"The highest mastery, included"`
	httpapi.Paging
}

type states struct {
	StudentID string  `json:"student_id"`
	Total     int     `json:"total_concepts" doc:"How many states fit, whatever the page"`
	Mastered  int     `json:"mastered_count" doc:"How many of them are mastered"`
	States    []state `json:"states" nullable:"false"`
}

type state struct {
	StudentID   string             `json:"student_id"`
	ConceptID   string             `json:"concept_id"`
	Mastery     float64            `json:"p_mastered"`
	IsMastered  bool               `json:"is_mastered"`
	Evidence    int                `json:"evidence_count"`
	Trend       bkt.Trend          `json:"trend" enum:"improving,declining,stable"`
	LastUpdated string             `json:"last_updated" format:"date-time"`
	Sync        mastery.SyncStatus `json:"sync_status" enum:"off,pending,synced,failed"`
}

func (r records) states(ctx context.Context, in *statesInput) (httpapi.Reply[states], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[states]{}, err
	}
	page, err := r.service.Mastery(ctx, access, string(in.StudentID), mastery.StateQuery{
		ConceptID: string(in.ConceptID), Min: in.Min, Max: in.Max, Limit: in.Limit, Offset: in.Offset,
	})
	if err != nil {
		return httpapi.Reply[states]{}, err
	}
	listed := states{StudentID: string(in.StudentID), Total: page.Total, Mastered: page.Mastered, States: make([]state, len(page.States))}
	for i, one := range page.States {
		listed.States[i] = state{
			StudentID: one.StudentID, ConceptID: one.ConceptID, Mastery: one.Mastery, IsMastered: r.service.IsMastered(one),
			Evidence: one.Evidence, Trend: one.Trend(), LastUpdated: one.UpdatedAt.Format(httpapi.TimeLayout), Sync: one.Sync,
		}
	}
	return httpapi.OK(listed), nil
}

type historyInput struct {
	StudentID httpapi.ID `path:"student_id"`
	ConceptID httpapi.ID `query:"concept_id" doc:"Only this concept"`
	Since     time.Time  `query:"since" doc:"The earliest time of an answer, included"`
	httpapi.Paging
}

type history struct {
	Entries []entry `json:"entries" nullable:"false"`
}

type entry struct {
	ConceptID string  `json:"concept_id"`
	ItemID    string  `json:"item_id"`
	Correct   bool    `json:"correct"`
	Mastery   float64 `json:"p_mastered" doc:"What was shown after the answer"`
	Evidence  int     `json:"evidence_count" doc:"How many answers counted then"`
	Timestamp string  `json:"timestamp" format:"date-time" doc:"When the answer was given"`
}

func (r records) history(ctx context.Context, in *historyInput) (httpapi.Reply[history], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[history]{}, err
	}
	attempts, err := r.service.History(ctx, access, string(in.StudentID), mastery.HistoryQuery{
		ConceptID: string(in.ConceptID), Since: in.Since, Limit: in.Limit, Offset: in.Offset,
	})
	if err != nil {
		return httpapi.Reply[history]{}, err
	}
	listed := history{Entries: make([]entry, len(attempts))}
	for i, one := range attempts {
		listed.Entries[i] = entry{
			ConceptID: one.ConceptID, ItemID: one.ItemID, Correct: one.Correct, Mastery: one.Shown.After,
			Evidence: one.Shown.Evidence, Timestamp: one.At.Format(httpapi.TimeLayout),
		}
	}
	return httpapi.OK(listed), nil
}
