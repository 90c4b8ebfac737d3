package core_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
)

func TestFaultsAreTheContractsWords(t *testing.T) {
	want := []core.Fault{
		"Connection refused", "Timed out", "Host not found", "TLS failed", "Credentials rejected", "Server error", "Unreachable",
		"Storage full",
	}
	if diff := cmp.Diff(want, core.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestFaultOf(t *testing.T) {
	var nilHealthError *core.HealthError
	tests := map[string]struct {
		err  error
		want core.Fault
	}{
		"no error":                         {nil, ""},
		"a health error":                   {core.NewHealthError(core.FaultTLSFailed, fs.ErrInvalid), "TLS failed"},
		"a health error without a cause":   {core.NewHealthError(core.FaultServerError, nil), "Server error"},
		"a wrapped health error":           {fmt.Errorf("neo4j: %w", core.NewHealthError(core.FaultHostNotFound, nil)), "Host not found"},
		"a joined health error":            {errors.Join(fs.ErrInvalid, core.NewHealthError(core.FaultServerError, nil)), "Server error"},
		"a health error before a deadline": {core.NewHealthError(core.FaultCredentialsRejected, context.DeadlineExceeded), "Credentials rejected"},
		"a deadline":                       {context.DeadlineExceeded, "Timed out"},
		"a wrapped deadline":               {fmt.Errorf("run query: %w", context.DeadlineExceeded), "Timed out"},
		"a cancelled context":              {context.Canceled, "Unreachable"},
		"any other error":                  {errors.New("dial bolt://secret-host:7687"), "Unreachable"},
		"a word outside the set":           {core.NewHealthError("neo4j.internal:7687 is down", nil), "Unreachable"},
		"no word":                          {core.NewHealthError("", fs.ErrInvalid), "Unreachable"},
		"a nil *HealthError as an error":   {nilHealthError, "Unreachable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := core.FaultOf(test.err)
			if got != test.want {
				t.Errorf("FaultOf = %q, want %q", got, test.want)
			}
			if test.err != nil && !slices.Contains(core.Faults(), got) {
				t.Errorf("%q is no fault of the closed set", got)
			}
		})
	}
}

func TestHealthErrorKeepsItsCauseForTheLog(t *testing.T) {
	err := core.NewHealthError(core.FaultUnreachable, fmt.Errorf("read: %w", fs.ErrClosed))
	if got, want := err.Error(), "Unreachable: read: file already closed"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, fs.ErrClosed) {
		t.Error("the cause is lost")
	}
	if got, want := core.NewHealthError(core.FaultTimedOut, nil).Error(), "Timed out"; got != want {
		t.Errorf("without a cause Error() = %q, want %q", got, want)
	}
}
