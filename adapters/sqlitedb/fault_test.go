package sqlitedb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

type class = portstest.Class[*sqlitedb.Store]

func newClass(t testing.TB, store *sqlitedb.Store) class {
	t.Helper()
	c, err := portstest.NewClass(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFullDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	c := newClass(t, open(t, path))
	c.Store.DelayNotes(time.Millisecond) // who is refused must find the cause in the health all the same
	if err := c.Store.LimitSize(20); err != nil {
		t.Fatal(err)
	}
	kept, err := 0, error(nil)
	for ; kept < 10_000 && err == nil; kept++ {
		err = c.Record(t.Context(), "ana", kept)
	}
	kept-- // the last one was refused
	fault := core.AsError(err)
	if fault.Code != core.CodeUnavailable || fault.Message != "The storage is full" || fault.RetryAfter <= 0 {
		t.Fatalf("after %d answers: %v", kept, err)
	}
	if got := core.FaultOf(c.Store.Check(t.Context())); got != core.FaultStorageFull {
		t.Errorf("its health says %q", got)
	}
	if got := c.Count(t, "ana"); got != kept {
		t.Errorf("%d answers were acknowledged, %d are there", kept, got)
	}
	if err := c.Store.LimitSize(1000); err != nil {
		t.Fatal(err)
	}
	if err := c.Store.Check(t.Context()); err != nil {
		t.Errorf("with space again, its health says %v", err)
	}
	if err := c.Record(t.Context(), "ana", kept); err != nil || c.Count(t, "ana") != kept+1 {
		t.Errorf("the refused answer, again: %v, %d of %d", err, c.Count(t, "ana"), kept+1)
	}
}

// lockFile holds the database as another process would.
func lockFile(t *testing.T, path string) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		_, err := db.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK")
		if err := errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAnswerWaitsForALockedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	c := newClass(t, open(t, path))
	release := lockFile(t, path)
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := c.Record(short, "ana", 1); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("a caller who can't wait: %v", err)
	}
	answered := make(chan error, 1)
	go func() { answered <- c.Record(context.WithoutCancel(t.Context()), "ana", 2) }()
	if got := c.Count(t, "ana"); got != 0 {
		t.Errorf("%d answers are there while the database is locked", got)
	}
	release()
	if err := <-answered; err != nil {
		t.Errorf("a caller who waits: %v", err)
	}
	if got := c.Count(t, "ana"); got != 1 {
		t.Errorf("%d answers are there, want the one whose caller waited", got)
	}
}

func TestASecondServiceOnTheFileIsRefusedAndAToolIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	c := newClass(t, open(t, path))
	second, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err == nil {
		_ = second.Close()
		t.Fatal("a second service was let in")
	}
	tool, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Migrate: false, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(newClass(t, tool).Record(t.Context(), "bea", 1), tool.Close()); err != nil {
		t.Error(err)
	}
	if err := c.Record(t.Context(), "bea", 2); err != nil || c.Count(t, "bea") != 2 {
		t.Errorf("the service sees %d answers, %v", c.Count(t, "bea"), err)
	}
	if err := c.Store.Close(); err != nil {
		t.Fatal(err)
	}
	c.Store = open(t, path)
	if got := c.Count(t, "bea"); got != 2 {
		t.Errorf("after a restart there are %d answers", got)
	}
}

func TestAClosedStoreRefuses(t *testing.T) {
	c := newClass(t, open(t, filepath.Join(t.TempDir(), "journey.db")))
	if err := c.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Record(t.Context(), "ana", 1); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if got := core.FaultOf(c.Store.Check(t.Context())); got != core.FaultServerError {
		t.Errorf("its health says %q", got)
	}
}

func TestCancelledCallersDoNotHurtThoseBesideThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	c := newClass(t, open(t, path))
	const callers, each = 8, 60
	results := make(chan int, callers)
	for caller := range callers {
		go func() {
			acknowledged := 0
			for i := range each {
				ctx, cancel := context.WithCancel(t.Context())
				if i%2 == 0 {
					go cancel() // some time while it is under way
				}
				if c.Record(ctx, fmt.Sprintf("student-%d", caller), i) == nil {
					acknowledged++
				}
				cancel()
			}
			results <- acknowledged
		}()
	}
	total := 0
	for range callers {
		total += <-results
	}
	kept := 0
	for caller := range callers {
		kept += c.Count(t, fmt.Sprintf("student-%d", caller))
	}
	if total < callers*each/2 || kept < total {
		t.Errorf("%d answers were acknowledged, %d are there", total, kept)
	}
}

func TestAServiceDoesNotStartOnAFileThatItMayNotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if file, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		_ = file.Close()
		t.Skip("this user may write every file")
	}
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err == nil {
		_ = store.Close()
		t.Fatal("it started, and would refuse every answer")
	}
	if !strings.Contains(err.Error(), "may not be written") {
		t.Errorf("the error is %v", err)
	}
}
