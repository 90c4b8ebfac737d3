package cli

import (
	"context"
	"encoding/json"
	"os"
	"reflect"
	"syscall"
	"time"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/practice"
)

// storedPick is a session's pick that was computed again.
type storedPick struct {
	SessionID string               `json:"session_id"`
	Position  int                  `json:"position"`
	StudentID string               `json:"student_id"`
	GivenAt   time.Time            `json:"given_at"`
	Theta     float64              `json:"theta"`
	ThetaSD   float64              `json:"theta_sd"`
	RunID     *string              `json:"calibration_run_id"`
	Graph     practice.GraphSource `json:"graph"`
	// GivenItem is the item that was given, GivenSentence the reason; ItemID and Sentence are those of the pick
	// computed again.
	GivenItem     string `json:"given_item_id"`
	GivenSentence string `json:"given_sentence"`
	// Same reports whether both picks are the same, and BankChanged whether the bank has changed, which explains a
	// difference.
	Same        bool `json:"same"`
	BankChanged bool `json:"bank_changed"`
	explainedPick
}

// explainStored prints how a stored pick came about.
func (e explainCommand) explainStored(p Process, line *commandLine) error {
	settings, err := loadDatabase(p, line)
	if err != nil {
		return err
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	store, closed, err := app.OpenExistingStore(ctx, settings)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	defer func() { _ = closed() }() // it was only read
	service := app.Practice(app.Resources{Settings: settings, Store: store, InForce: calibration.NewInForce(store, time.Now)}, nil)
	return e.printStored(ctx, p, service)
}

func (e explainCommand) printStored(ctx context.Context, p Process, service *practice.Service) error {
	found, err := service.Explain(ctx, e.Session, e.Position)
	if core.CodeOf(err) == core.CodeSessionNotFound {
		return failf("there is no question %d of a session %s", e.Position, e.Session)
	}
	if err != nil {
		return stoppedOr(ctx, err)
	}
	given := found.Given
	encoder := json.NewEncoder(p.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return written(encoder.Encode(storedPick{
		SessionID: given.SessionID, Position: given.Position, StudentID: given.StudentID, GivenAt: given.At,
		Theta: given.Ability.Theta, ThetaSD: given.Ability.SD, RunID: orNull(given.Ability.RunID), Graph: given.Graph,
		GivenItem: given.Pick.Item.ID, GivenSentence: given.Pick.Sentence,
		Same: reflect.DeepEqual(given.Pick, found.Again), BankChanged: found.BankChanged,
		explainedPick: explained(given.SessionID, found.Again, found.Explanation),
	}))
}
