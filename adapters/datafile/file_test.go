package datafile_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

func TestASilentPipeEndsWithTheContext(t *testing.T) {
	silent, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	ctx, cancel := context.WithCancelCause(t.Context())
	file, err := datafile.Open(ctx, datafile.Stdin, silent)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	stopped := errors.New("stopped")
	cancel(stopped)
	if _, err := datafile.NewTable(file, layout); !errors.Is(err, stopped) {
		t.Errorf("ended with %v", err)
	}
}

func TestAReadThatFailsIsNoEnd(t *testing.T) {
	reader, writer := io.Pipe()
	broken := errors.New("the disk is gone")
	go func() {
		_, _ = writer.Write([]byte("id,name\na,b\n"))
		_ = writer.CloseWithError(broken)
	}()
	file, err := datafile.Open(t.Context(), datafile.Stdin, reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table, err := datafile.NewTable(file, layout)
	if err != nil {
		t.Fatal(err)
	}
	for table.Next() {
	}
	if err := table.Err(); !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}
