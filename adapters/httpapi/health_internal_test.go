package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
)

func TestAReportOnTheWire(t *testing.T) {
	latency := 12.35
	want := health{
		Status: corehealth.StatusDegraded, Version: "1.2.3", Timestamp: "2026-02-19T10:00:00Z", UptimeSeconds: 3600.501,
		Dependencies: map[string]dependencyHealth{
			"neo4j":    {Status: corehealth.StatusOK, LatencyMS: &latency},
			"supabase": {Status: corehealth.StatusError, Error: core.FaultTimedOut},
		},
	}
	got := healthOf(corehealth.Report{
		Status: corehealth.StatusDegraded, Version: "1.2.3", Timestamp: time.Date(2026, 2, 19, 10, 0, 0, 1, time.UTC),
		Uptime: time.Hour + 500600*time.Microsecond,
		Dependencies: []corehealth.Dependency{
			{Name: "neo4j", Status: corehealth.StatusOK, Latency: 12345678 * time.Nanosecond},
			{Name: "supabase", Status: corehealth.StatusError, Latency: time.Second, Fault: core.FaultTimedOut, Cause: errors.New("inside")},
		},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheReportIsRenderedTenTimesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor, err := corehealth.NewMonitor(corehealth.Config{Version: "1.2.3", Interval: time.Second, Timeout: time.Second, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{health: monitor}
		var seen []string
		for _, pause := range []time.Duration{0, 99 * time.Millisecond, 1 * time.Millisecond, 0} {
			<-time.After(pause)
			reply, err := s.reportHealth(t.Context(), nil)
			if err != nil || reply.Status != http.StatusOK {
				t.Errorf("answered %d: %v", reply.Status, err)
			}
			var sent struct {
				Uptime float64 `json:"uptime_seconds"`
			}
			if err := json.Unmarshal(reply.encoded, &sent); err != nil {
				t.Error(err)
			}
			seen = append(seen, fmt.Sprint(sent.Uptime))
		}
		if diff := cmp.Diff([]string{"0", "0", "0.1", "0.1"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRetryAfterIsNeverBelowASecond(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "1", time.Nanosecond: "1", time.Second: "1", time.Second + 1: "2"} {
		if got := retrySeconds(&core.Error{RetryAfter: after}); got != want {
			t.Errorf("%v became %s, want %s", after, got, want)
		}
	}
}
