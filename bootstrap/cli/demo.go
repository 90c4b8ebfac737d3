package cli

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/core/mastery"
)

type demoCommand struct {
	Students int    `default:"400" placeholder:"N" help:"Simulated students, 0 to 10000 (${default})."`
	Seed     uint64 `default:"1" placeholder:"N" help:"The same seed gives the same students (${default})."`
}

// mostDemoStudents bounds the memory that their answers take: about 30 KB each.
const mostDemoStudents = 10_000

// demoWorkers is how many students are added at once: with a server, most of the time is waiting.
const demoWorkers = 8

// Help is shown below the usage.
func (demoCommand) Help() string {
	return "Adds what is missing of the demo bank to the database of DATABASE_URL, and students who practised on it for two " +
		"months, demo-student-0001 and so on, in the institution " + demo.InstitutionID + ". A student who exists already is not " +
		"changed, so a stopped run can be started again. The service may run meanwhile. Development only; no other setting is " +
		"needed."
}

// added is what a run of demo added.
type added struct{ concepts, items, students, answers int }

// Run adds the demo bank and students, and prints what was added.
func (d demoCommand) Run(p Process, line *commandLine) error {
	if d.Students < 0 || d.Students > mostDemoStudents {
		return exit{code: ExitUsage, message: fmt.Sprintf("--students must be from 0 to %d", mostDemoStudents)}
	}
	settings, err := loadDatabase(p, line)
	if err != nil {
		return err
	}
	if settings.Environment == config.Production {
		return failf("demo is for development: it would put made-up students beside real ones")
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	done, err := d.add(ctx, p, settings)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s\n  added %d concepts, %d items, %d students with %d answers; %d students were there already\n",
		settings.Database.Address(), done.concepts, done.items, done.students, done.answers, d.Students-done.students)
	if err == nil && d.Students > 0 {
		say(p.Stderr, fmt.Sprintf("See them as a teacher on /practice, or what one knows: GET /api/bkt/mastery/%s with make token ROLE=faculty INSTITUTION=%s\n",
			demo.StudentID(1), demo.InstitutionID))
	}
	return written(err)
}

func (d demoCommand) add(ctx context.Context, p Process, settings config.Settings) (done added, err error) {
	store, closed, err := app.OpenStore(ctx, settings)
	if err != nil {
		return done, err
	}
	defer func() {
		if fault := closed(); err == nil {
			err = fault
		}
	}()
	bank := demo.NewBank()
	missing, err := bank.Missing(ctx, store)
	if err == nil {
		err = store.Put(ctx, missing)
	}
	if err != nil {
		return done, err
	}
	done.concepts, done.items = len(missing.Concepts), len(missing.Items)
	err = d.addStudents(ctx, p, app.Mastery(app.Resources{Settings: settings, Store: store}), bank, &done)
	return done, err
}

// addStudents makes their records, a transaction each.
func (d demoCommand) addStudents(ctx context.Context, p Process, service *mastery.Service, bank demo.Bank, done *added) error {
	var next, finished, students, answers atomic.Int64
	defer showProgress(p, func() progress { return progress{"students", finished.Load(), int64(d.Students)} })()
	given := map[string][]mastery.Attempt{}
	for _, one := range demo.Attempts(bank, d.Students, d.Seed, time.Now()) {
		given[one.StudentID] = append(given[one.StudentID], attemptOf(one))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range demoWorkers {
		workers.Go(func() {
			for n := next.Add(1); n <= int64(d.Students) && ctx.Err() == nil; n = next.Add(1) {
				record := core.Record{StudentID: demo.StudentID(int(n)), InstitutionID: demo.InstitutionID}
				isNew, err := service.CreateRecord(ctx, record, given[record.StudentID])
				if err != nil {
					cancel(err) // the first one tells
					return
				}
				if isNew {
					students.Add(1)
					answers.Add(int64(len(given[record.StudentID])))
				}
				finished.Add(1)
			}
		})
	}
	workers.Wait()
	done.students, done.answers = int(students.Load()), int(answers.Load())
	return context.Cause(ctx)
}

func attemptOf(one demo.Attempt) mastery.Attempt {
	return mastery.Attempt{
		ConceptID: one.ConceptID,
		Position:  mastery.Position{At: mastery.StoredTime(one.Time), ItemID: one.ItemID, Correct: one.Correct},
		Response:  one.Response, Latency: one.Latency, GradedBy: mastery.GradedByService,
	}
}
