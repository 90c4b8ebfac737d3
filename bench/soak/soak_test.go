package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/ports/portstest"
)

// start is a moment that the tests count from.
func start() time.Time { return time.Unix(1_800_000_000, 0) }

func at(seconds float64) time.Time { return start().Add(time.Duration(seconds * float64(time.Second))) }

// stormy had fault from 100 s to 110 s.
func stormy(name string, fault faultproxy.Fault) *weather {
	return &weather{name: name, spells: []spell{
		{faultproxy.Pass(), at(0), at(100)}, {fault, at(100), at(110)}, {faultproxy.Pass(), at(110), time.Time{}},
	}}
}

func TestAReportMayShowTheWeatherOfTheLastSeconds(t *testing.T) {
	w := stormy("neo4j", faultproxy.Swallow())
	look := lookBack.Seconds()
	tests := map[string]struct {
		from, to float64
		want     []core.Fault
	}{
		"long before the fault":             {50, 50, []core.Fault{isUp}},
		"while it begins":                   {99, 101, []core.Fault{isUp, core.FaultTimedOut, core.FaultUnreachable}},
		"when nothing older can be shown":   {100.1 + look, 101 + look, []core.Fault{core.FaultTimedOut}},
		"after it, shorter than it is kept": {112, 112, []core.Fault{isUp, core.FaultTimedOut, core.FaultUnreachable}},
		"after it has been forgotten":       {110.1 + look, 200, []core.Fault{isUp}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, w.possible(at(tt.from), at(tt.to))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAStarvedServiceMayFindADependencyLate(t *testing.T) {
	w := stormy("neo4j", faultproxy.Refuse())
	c := &climate{neo4j: w, supabase: newWeather("supabase", nil)}
	c.noteLatency(at(20), starved-1)
	if got := w.possible(at(21), at(21)); !cmp.Equal(got, []core.Fault{isUp}) {
		t.Errorf("in time: %q", got)
	}
	c.noteLatency(at(20), starved+1)
	for when, want := range map[float64][]core.Fault{21: {isUp, core.FaultTimedOut}, 21 + lookBack.Seconds(): {isUp}} {
		if got := w.possible(at(when), at(when)); !cmp.Equal(got, want) {
			t.Errorf("at %v: %q", when, got)
		}
	}
}

func TestEveryFaultHasItsWords(t *testing.T) {
	if got := wordsUnder(faultproxy.Pass()); !cmp.Equal(got, []core.Fault{isUp}) {
		t.Errorf("in the calm: %q", got)
	}
	for _, fault := range faults() {
		words := wordsUnder(fault)
		if len(words) == 0 || words[0] != isUp && len(words) > 1 {
			t.Errorf("%s: %q", fault, words)
		}
	}
}

func TestAHealthReportIsHeldToTheWeather(t *testing.T) {
	const up, late = `{"status":"ok","latency_ms":1.5}`, `{"status":"error","latency_ms":null,"error":"Timed out"}`
	report := func(status, neo4j, supabase string) string {
		return `{"status":"` + status + `","version":"1","timestamp":"2026-01-01T00:00:00Z","uptime_seconds":1,"dependencies":{"database":` + up + `,"neo4j":` + neo4j + `,"supabase":` + supabase + `}}`
	}
	const refused = `{"status":"error","latency_ms":null,"error":"Connection refused"}`
	tests := map[string]struct {
		when   float64
		status int
		data   string
		wrong  string
	}{
		"well before the fault":                {50, 200, report("ok", up, up), ""},
		"down under it":                        {108, 503, report("error", late, up), ""},
		"well under it":                        {108, 200, report("ok", up, up), `neo4j is ""`},
		"down without it":                      {50, 503, report("error", late, up), `neo4j is "Timed out"`},
		"the wrong word":                       {108, 503, report("error", refused, up), `neo4j is "Connection refused"`},
		"the embedded database down":           {50, 200, strings.Replace(report("degraded", up, up), up, refused, 1), "no weather"},
		"another dependency down":              {50, 200, report("degraded", up, refused), `supabase is "Connection refused"`},
		"200 where a required one is down":     {108, 200, report("error", late, up), "does not fit"},
		"degraded where a required one is":     {108, 503, report("degraded", late, up), "does not fit"},
		"a latency of what is down":            {108, 503, report("error", `{"status":"error","latency_ms":3,"error":"Timed out"}`, up), "up or down"},
		"a dependency of another name":         {50, 200, strings.Replace(report("ok", up, up), "neo4j", "mysql", 1), "no report"},
		"a timestamp that is not UTC":          {50, 200, strings.Replace(report("ok", up, up), "00Z", "00+02:00", 1), "timestamp"},
		"nothing":                              {50, 200, "", "no report"},
		"a member that the contract lacks":     {50, 200, strings.Replace(report("ok", up, up), `"version"`, `"host":"x","version"`, 1), "no report"},
		"well again before it is forgotten":    {112, 200, report("ok", up, up), ""},
		"still down when it must be forgotten": {125, 503, report("error", late, up), `neo4j is "Timed out"`},
	}
	c := &climate{neo4j: stormy("neo4j", faultproxy.Swallow()), supabase: newWeather("supabase", nil)}
	c.supabase.spells[0].from = start()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &reply{status: tt.status, data: []byte(tt.data), sent: at(tt.when), received: at(tt.when)}
			wantComplaint(t, c.isHealth(r), tt.wrong)
		})
	}
}

func TestAGoodTokenIsHeldToItsKey(t *testing.T) {
	unknown := failure{core.CodeAuthentication, core.ReasonKeyUnknown}
	unavailable := failure{core.CodeUnavailable, core.ReasonKeysUnavailable}
	fresh := func(*key) {}
	proven := func(k *key) { k.proven.set(at(10)) }
	revoked := func(k *key) { k.proven.set(at(10)); k.withdrawn.set(at(15)) }
	tests := map[string]struct {
		history func(*key)
		status  int
		failure failure
		wrong   string
	}{
		"let in under a new key":               {fresh, 200, failure{}, ""},
		"a new key that can't be had":          {fresh, 503, unavailable, ""},
		"a new key that is unknown":            {fresh, 401, unknown, "is published"},
		"a key that was told of can't be had":  {func(k *key) { k.taught.set(at(10)) }, 503, unavailable, "was told"},
		"a known key that can't be had":        {proven, 503, unavailable, "has had"},
		"a known key that is unknown":          {proven, 401, unknown, "is published"},
		"let in under a key revoked just now":  {revoked, 200, failure{}, ""},
		"refused under a revoked key":          {revoked, 401, unknown, ""},
		"a revoked key that can't be had":      {revoked, 503, unavailable, ""},
		"let in after it was refused":          {func(k *key) { revoked(k); k.gone.set(at(18)) }, 200, failure{}, "had known"},
		"let in after the service was told":    {func(k *key) { revoked(k); k.untaught.set(at(18)) }, 200, failure{}, "was told"},
		"refused for its signature":            {proven, 401, failure{core.CodeAuthentication, core.ReasonSignatureInvalid}, "a good token"},
		"turned away":                          {proven, 503, failure{core.CodeUnavailable, core.ReasonOverloaded}, "a good token"},
		"an internal error":                    {proven, 500, failure{core.CodeInternal, ""}, "a good token"},
		"refused before anybody knew its kid":  {func(k *key) { k.withdrawn.set(at(15)) }, 401, unknown, ""},
		"revoked after the reply was received": {func(k *key) { k.withdrawn.set(at(25)) }, 401, unknown, "is published"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := &key{SigningKey: portstest.SigningKey{ID: "k"}}
			tt.history(k)
			r := &reply{status: tt.status, failure: tt.failure, sent: at(20), received: at(21)}
			wantComplaint(t, k.judge(r, func(*reply) string { return "" }), tt.wrong)
		})
	}
}

func wantComplaint(t *testing.T, got, want string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("it is told %q, want %q", got, want)
	}
}
