package sqlitedb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
)

// TestABackupUnderLoadIsTheDatabaseOfOneMoment copies while four students answer: each state of the copy has all the
// answers that it counts, and everything that was on disk before is there.
func TestABackupUnderLoadIsTheDatabaseOfOneMoment(t *testing.T) {
	folder := t.TempDir()
	c := newClass(t, open(t, filepath.Join(folder, "journey.db")))
	ctx, stop := context.WithCancel(t.Context())
	var (
		students sync.WaitGroup
		answered [4]atomic.Int64
		warm     sync.WaitGroup
	)
	warm.Add(len(answered))
	for i := range answered {
		students.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if err := c.Record(t.Context(), fmt.Sprintf("student-%d", i), n); err != nil {
					t.Error(err)
					stop()
				}
				if answered[i].Add(1) == 20 {
					warm.Done()
				}
			}
			if answered[i].Load() < 20 {
				warm.Done() // so that a failure ends the test
			}
		})
	}
	warm.Wait()
	for round := range 3 {
		before := [len(answered)]int64{}
		for i := range answered {
			before[i] = answered[i].Load()
		}
		to := filepath.Join(folder, fmt.Sprintf("copy-%d.db", round))
		size, err := sqlitedb.NewBackup(filepath.Join(folder, "journey.db"), to).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(to)
		if err != nil || info.Size() != size || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v, said %d bytes", info, err, size)
		}
		wantWhole(t, to, before[:])
	}
	stop()
	students.Wait()
}

func wantWhole(t *testing.T, path string, atLeast []int64) {
	t.Helper()
	copied := open(t, path)
	db := raw(t, path)
	for i, before := range atLeast {
		student := fmt.Sprintf("student-%d", i)
		counted := class{Store: copied}.Count(t, student)
		var attempts int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM attempts WHERE student_id = ?", student).Scan(&attempts); err != nil {
			t.Fatal(err)
		}
		if attempts != counted || int64(attempts) < before {
			t.Errorf("%s of %s: %d answers, counted %d, %d were there before", student, path, attempts, counted, before)
		}
	}
}

func TestABackupThatCannotBeLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	store := open(t, at("journey.db"))
	newClass(t, store)
	if err := errors.Join(os.WriteFile(at("taken"), []byte("mine"), 0o600), os.WriteFile(at("text.db"), []byte(strings.Repeat("no database ", 1000)), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ from, to, says string }{
		"no database":               {"none.db", "copy", "there is no database at"},
		"a folder":                  {".", "copy", "there is no database at"},
		"a file of something else":  {"text.db", "copy", "is no database of journey-api"},
		"over another file":         {"journey.db", "taken", "is there already"},
		"over itself":               {"journey.db", "journey.db", "is there already"},
		"into a folder that is not": {"journey.db", "none/copy", "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlitedb.NewBackup(at(test.from), at(test.to)).Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlitedb.NewBackup(at("journey.db"), at("copy")).Run(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("a backup that nobody waits for: %v", err)
	}
	left, err := filepath.Glob(at(".*"))
	if content, _ := os.ReadFile(at("taken")); err != nil || len(left) > 0 || string(content) != "mine" {
		t.Errorf("left %v, %q (%v)", left, content, err)
	}
	if _, err := os.Stat(at("copy")); err == nil {
		t.Error("there is a copy")
	}
}
