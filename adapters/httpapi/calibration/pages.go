package calibration

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

// replyTime is the time kept for the reply when the wait for the run ends.
const replyTime = time.Second

type calibrateInput struct {
	Prefer []string `header:"Prefer" doc:"respond-async: do not wait for the run"`
	Body   *calibrateBody
}

type calibrateBody struct {
	ItemIDs       []httpapi.ID `json:"item_ids,omitempty" maxItems:"20000" doc:"The items to calibrate; every item if it is left out"`
	MinResponses  int          `json:"min_responses,omitempty" minimum:"1" maximum:"1000000" default:"100" doc:"How many answers an item needs"`
	MaxIterations int          `json:"max_iterations,omitempty" minimum:"1" maximum:"500" default:"100"`
	Threshold     float64      `json:"convergence_threshold,omitempty" exclusiveMinimum:"0" exclusiveMaximum:"1" default:"0.001" doc:"The largest change of a parameter that ends the iterations"`
	Model         irt.Model    `json:"model,omitempty" enum:"3pl,2pl,1pl" default:"3pl"`
}

func (in *calibrateInput) settings() calibration.Settings {
	if in.Body == nil {
		return calibration.DefaultSettings()
	}
	settings := calibration.Settings{
		Model: in.Body.Model, MinResponses: in.Body.MinResponses, MaxIterations: in.Body.MaxIterations, Threshold: in.Body.Threshold,
	}
	for _, id := range in.Body.ItemIDs {
		settings.Items = append(settings.Items, string(id))
	}
	return settings
}

func (p pages) calibrate(ctx context.Context, in *calibrateInput) (httpapi.Reply[Run], error) {
	caller, _ := core.CallerFrom(ctx)
	run, err := p.service.Start(ctx, in.settings(), caller.Subject)
	if err == nil && !httpapi.Prefers(in.Prefer, "respond-async") {
		run, err = p.wait(ctx, run.ID)
	}
	switch {
	case err != nil:
		return httpapi.Reply[Run]{}, err
	case run.Failure != nil:
		return httpapi.Reply[Run]{}, errorOf(run.Failure)
	case run.Status == calibration.StatusCancelled:
		return httpapi.Reply[Run]{}, errCancelled
	case run.Status != calibration.StatusCompleted:
		return httpapi.Accepted[Run](RunState{RunHead: headOf(run, caller)}, "/api/irt/runs/"+run.ID), nil
	}
	result, err := p.result(ctx, run)
	return httpapi.OK(result), err
}

var errCancelled = core.NewConflictError("The calibration was cancelled")

func errorOf(failure *calibration.Failure) error {
	if failure.Code == core.CodeInternal {
		return core.NewInternalError(failure)
	}
	return &core.Error{Code: failure.Code, Message: failure.Message}
}

// wait waits for a run as long as there is time left for the reply.
func (p pages) wait(ctx context.Context, runID string) (calibration.Run, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-replyTime))
		defer cancel()
	}
	return p.service.Wait(ctx, runID)
}

// result returns the result of a completed run, with the items that the caller sees.
func (p pages) result(ctx context.Context, run calibration.Run) (Run, error) {
	scope := httpapi.ScopeOf(ctx)
	items, skipped, err := p.service.Items(ctx, scope, run.ID)
	if err != nil {
		return Run{}, err
	}
	result := resultOf(run, items, skipped)
	result.within(scope)
	return result, nil
}

type runInput struct {
	RunID httpapi.ID `path:"run_id"`
}

func (p pages) show(ctx context.Context, in *runInput) (httpapi.Reply[RunState], error) {
	run, err := p.service.Run(ctx, string(in.RunID))
	if err != nil {
		return httpapi.Reply[RunState]{}, err
	}
	return p.state(ctx, run)
}

// state returns the reply about a run.
func (p pages) state(ctx context.Context, run calibration.Run) (httpapi.Reply[RunState], error) {
	caller, _ := core.CallerFrom(ctx)
	state := RunState{RunHead: headOf(run, caller)}
	if run.Status == calibration.StatusCompleted {
		result, err := p.result(ctx, run)
		if err != nil {
			return httpapi.Reply[RunState]{}, err
		}
		state.Result = httpapi.OrNull(&result)
	}
	return httpapi.OK(state), nil
}

type listInput struct {
	httpapi.Paging
}

type runList struct {
	Runs  []ListedRun `json:"runs" nullable:"false"`
	Total int         `json:"total"`
}

// list leaves out the drifted items, which belong to institutions; show has them.
func (p pages) list(ctx context.Context, in *listInput) (httpapi.Reply[runList], error) {
	caller, _ := core.CallerFrom(ctx)
	runs, total, err := p.service.Runs(ctx, bank.Page{Limit: in.Limit, Offset: in.Offset})
	if err != nil {
		return httpapi.Reply[runList]{}, err
	}
	listed := runList{Total: total, Runs: make([]ListedRun, len(runs))}
	for i, run := range runs {
		listed.Runs[i] = ListedRun{RunHead: headOf(run, caller)}
		if run.Outcome == nil {
			continue
		}
		outcome := outcomeOf(run)
		if caller.Role != core.RoleSuperadmin {
			outcome.DriftedItems = []string{}
		}
		listed.Runs[i].Outcome = httpapi.OrNull(&outcome)
	}
	return httpapi.OK(listed), nil
}

func (p pages) cancel(ctx context.Context, in *runInput) (httpapi.Reply[RunState], error) {
	run, err := p.service.Cancel(ctx, string(in.RunID))
	if err != nil {
		return httpapi.Reply[RunState]{}, err
	}
	return p.state(ctx, run)
}

func (p pages) restore(ctx context.Context, in *runInput) (httpapi.Reply[RunState], error) {
	run, err := p.service.Restore(ctx, string(in.RunID))
	if err != nil {
		return httpapi.Reply[RunState]{}, err
	}
	return p.state(ctx, run)
}

type itemInput struct {
	ItemID httpapi.ID `path:"item_id"`
}

func (p pages) parameters(ctx context.Context, in *itemInput) (httpapi.Reply[Parameters], error) {
	item, err := p.service.Parameters(ctx, httpapi.ScopeOf(ctx), string(in.ItemID))
	if err != nil {
		return httpapi.Reply[Parameters]{}, err
	}
	return httpapi.OK(newParameters(item.Item, item.RunID, item.CalibratedAt)), nil
}

type studentInput struct {
	StudentID httpapi.ID `path:"student_id"`
}

// studentAbility is a student's ability on the wire.
type studentAbility struct {
	StudentID string  `json:"student_id"`
	Theta     float64 `json:"theta" doc:"The mean of the posterior distribution (EAP)"`
	SD        float64 `json:"theta_sd" doc:"Its standard deviation"`
	Responses int     `json:"responses_used"`
	RunID     *string `json:"calibration_run_id" doc:"The newest calibration in force; null before the first"`
	UpdatedAt *string `json:"updated_at" format:"date-time" doc:"When the last of the answers was recorded, or the scale came into force, whichever is later"`
}

func (p pages) ability(ctx context.Context, in *studentInput) (httpapi.Reply[studentAbility], error) {
	access, err := httpapi.RecordAccessOf(ctx)
	if err != nil {
		return httpapi.Reply[studentAbility]{}, err
	}
	found, err := p.service.Ability(ctx, access, string(in.StudentID))
	if err != nil {
		return httpapi.Reply[studentAbility]{}, err
	}
	wire := studentAbility{
		StudentID: string(in.StudentID), Theta: found.Theta, SD: found.SD, Responses: found.Responses, UpdatedAt: timeOrNull(found.UpdatedAt),
	}
	if found.RunID != "" {
		wire.RunID = &found.RunID
	}
	return httpapi.OK(wire), nil
}
