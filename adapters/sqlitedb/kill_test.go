package sqlitedb_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/ports/portstest"
)

// killedWriter marks the arguments of a test binary that is the process to be killed.
const killedWriter = "the-writer-that-is-killed"

func TestMain(m *testing.M) {
	if n := len(os.Args); n > 2 && os.Args[n-2] == killedWriter {
		writeUntilKilled(os.Args[n-1])
	}
	os.Exit(m.Run()) //nolint:forbidigo // TestMain of a process that a test kills
}

// writeUntilKilled records answers of four students at once and says which were acknowledged.
func writeUntilKilled(path string) {
	store, err := sqlitedb.Open(context.Background(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err != nil {
		panic(err)
	}
	c, err := portstest.NewClass(context.Background(), store)
	if err != nil {
		panic(err)
	}
	var (
		people sync.WaitGroup
		mu     sync.Mutex
	)
	for p := range 4 {
		people.Go(func() {
			for n := 0; ; n++ {
				if err := c.Record(context.Background(), fmt.Sprintf("student-%d", p), n); err != nil {
					panic(err)
				}
				mu.Lock()
				_, _ = fmt.Fprintln(os.Stdout, p, n)
				mu.Unlock()
			}
		})
	}
	people.Wait()
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	for round := range 2 {
		path := filepath.Join(t.TempDir(), "journey.db")
		acknowledged := killAfter(t, path, 100+150*round)
		c := class{Store: open(t, path)}
		for p, last := range acknowledged {
			if got := c.Count(t, fmt.Sprintf("student-%d", p)); got < last+1 || got > last+2 {
				t.Errorf("round %d, student %d: %d answers were acknowledged, %d are there", round, p, last+1, got)
			}
		}
	}
}

// killAfter kills a writer after it has acknowledged some answers, and returns the last of each student.
func killAfter(t *testing.T, path string, answers int) [4]int {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, killedWriter, path)
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	last := [4]int{-1, -1, -1, -1}
	lines := bufio.NewReader(output)
	for seen := 0; ; seen++ {
		if seen == answers {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := lines.ReadString('\n')
		if err == io.EOF || !strings.HasSuffix(line, "\n") {
			break
		}
		var p, n int
		if _, err := fmt.Sscan(line, &p, &n); err != nil {
			t.Fatalf("the writer says %q", line)
		}
		last[p] = n
	}
	if err := command.Wait(); err == nil || last[0] < 0 {
		t.Fatalf("the writer was not killed in mid-work: %v, %v", err, last)
	}
	return last
}

// A kill of the process shows nothing of what a power cut does: that needs each commit to be flushed.
func TestEachCommitIsFlushedToTheDisk(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "journey.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		if got, err := store.Setting(pragma); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %s", pragma, got, err, want)
		}
	}
}
