package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
)

type importCommand struct {
	What        string `arg:"" enum:"concepts,prerequisites,items,attempts" help:"concepts, prerequisites, items or attempts."`
	File        string `arg:"" help:"CSV with a header, or JSON lines; - reads standard input."`
	Institution string `placeholder:"ID" help:"The institution of the rows that name none; without it concepts and items are shared."`
}

// Help is shown below the usage.
func (importCommand) Help() string {
	return "The columns, of which those in brackets may be left out:\n\n" +
		"concepts: concept_id [name] [weight] [institution_id]\n\n" +
		"prerequisites: prerequisite_id concept_id\n\n" +
		"items: item_id concept_id [key] [stem] [options] [explanation] [retired] [institution_id]; options are a JSON array of {\"key\", \"text\"}\n\n" +
		"attempts: student_id item_id correct timestamp [latency_ms] [institution_id]\n\n" +
		"The whole file is checked first, and nothing is kept if anything is wrong. Then it is applied in steps, between which the " +
		"service goes on. Rows update what their columns name, the rest stays, and the same file twice changes nothing: run a command that was stopped again. " +
		"Works on the database of DATABASE_URL; no other setting is needed."
}

// Run prints how many rows there were, and for attempts how many were new.
func (i importCommand) Run(p Process, line *commandLine) error {
	if i.Institution != "" && !core.IsID(i.Institution) {
		return exit{code: ExitUsage, message: "--institution is no id: " + core.IDForm}
	}
	settings, err := loadDatabase(p, line)
	if err != nil {
		return err
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	words, err := i.run(ctx, p, settings)
	if err != nil && ctx.Err() != nil {
		return failf("stopped by %v: what was applied stays, and the same command again applies the rest", context.Cause(ctx))
	}
	if err != nil {
		return failf("%v", err)
	}
	_, err = fmt.Fprintln(p.Stdout, words)
	return written(err)
}

func (i importCommand) run(ctx context.Context, p Process, settings config.Settings) (words string, err error) {
	file, err := datafile.Open(ctx, i.File, p.Stdin)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	store, closeStore, err := app.OpenStore(ctx, settings)
	if err != nil {
		return "", err
	}
	defer func() {
		if fault := closeStore(); err == nil && fault != nil {
			err = fault
		}
	}()
	var done, total atomic.Int64
	stop := showProgress(p, func() progress {
		if total.Load() == 0 {
			return readingOf(file)()
		}
		return progress{"applying", done.Load(), total.Load()}
	})
	defer stop()
	told := func(rows int) { done.Store(int64(rows)) }
	if i.What == "attempts" {
		return i.attempts(ctx, file, app.Mastery(app.Resources{Settings: settings, Log: slog.New(slog.DiscardHandler), Store: store}), store, &total, told)
	}
	return i.bank(ctx, file, store, &total, told)
}

func (i importCommand) bank(ctx context.Context, file *datafile.File, store app.Store, total *atomic.Int64, told func(int)) (string, error) {
	into, err := bank.NewImport(ctx, store, store)
	if err != nil {
		return "", err
	}
	var rows bank.Rows
	switch i.What {
	case "concepts":
		rows.Concepts, err = datafile.ReadConcepts(file, i.Institution, into.Concept, into.CheckConcept)
	case "prerequisites":
		rows.Prerequisites, err = datafile.ReadPrerequisites(file, into.CheckPrerequisite)
	case "items":
		var before func(string) bank.Item
		if before, err = bank.ReadItems(ctx, store); err == nil {
			rows.Items, err = datafile.ReadItems(file, i.Institution, before, into.CheckItem)
		}
	}
	if err != nil {
		return "", err
	}
	count := len(rows.Concepts) + len(rows.Prerequisites) + len(rows.Items)
	total.Store(int64(count))
	return "imported " + counted(count, strings.TrimSuffix(i.What, "s")), into.Apply(ctx, rows, told)
}

func (i importCommand) attempts(ctx context.Context, file *datafile.File, service *mastery.Service, catalogue bank.Catalogue, total *atomic.Int64, told func(int)) (string, error) {
	into, err := service.NewImport(ctx, catalogue)
	if err != nil {
		return "", err
	}
	rows := 0
	err = datafile.ReadAttempts(file, i.Institution, func(row mastery.ImportedAttempt) (string, error) {
		rows++
		return into.Add(ctx, row)
	})
	if err != nil {
		return "", err
	}
	total.Store(int64(rows))
	added, err := into.Apply(ctx, told)
	return fmt.Sprintf("imported %s, %d of them new", counted(rows, "attempt"), added), err
}
