package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
	htmlreport "github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/bootstrap/app"
)

type reportCommand struct {
	ID   string `name:"run" required:"" placeholder:"ID" help:"The calibration, as GET /api/irt/runs names it."`
	File string `arg:"" optional:"" help:"The page; standard output if it is left out."`
}

// Help is shown below the usage.
func (reportCommand) Help() string {
	return "Writes the curve and the fit of each item as one page of HTML, from what the run kept when it was completed. It " +
		"holds no student's id. Works on the database of DATABASE_URL, while the service runs; no other setting is needed."
}

// Run reads the run and writes its page.
func (r reportCommand) Run(p Process, line *commandLine) error {
	settings, err := loadDatabase(p, line)
	if err != nil {
		return err
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	page, err := r.read(ctx, settings)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	page.Version = p.Version
	if r.File == "" {
		_, err := page.WriteTo(p.Stdout)
		return written(err)
	}
	file, err := openOutput(r.File)
	if err != nil {
		return err
	}
	defer file.discard()
	if err := file.write(func(w io.Writer) error { _, err := page.WriteTo(w); return err }); err != nil {
		return failf("%v", err)
	}
	say(p.Stderr, "wrote the report to "+file.path+"\n")
	return nil
}

func (r reportCommand) read(ctx context.Context, settings config.Settings) (page htmlreport.Calibration, err error) {
	store, closeStore, err := app.OpenExistingStore(ctx, settings)
	if err != nil {
		return page, err
	}
	defer func() {
		if fault := closeStore(); err == nil && fault != nil {
			err = fault
		}
	}()
	run, err := store.Run(ctx, r.ID)
	switch {
	case err != nil:
		return page, err
	case run == nil:
		return page, fmt.Errorf("there is no calibration run %.128q", r.ID)
	}
	content, err := store.RunReport(ctx, run.ID)
	switch {
	case err != nil:
		return page, err
	case content == nil:
		return page, fmt.Errorf("the run is %s: only a completed one has a report", run.Status)
	}
	return htmlreport.ReadArchive(content)
}
