package app

import (
	"runtime"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core/health"
)

// diagnose collects the diagnostics of the adapters, which may not import one another.
func (a *App) diagnose() httpapi.Diagnostics {
	tokens := a.verifier.Stats()
	known := httpapi.Diagnostics{
		Settings:    []httpapi.SettingInForce{},
		SigningKeys: []httpapi.SigningKey{},
		KeyEndpoint: httpapi.KeyEndpoint{
			State:               string(tokens.KeyEndpoint.State),
			Fault:               string(tokens.KeyEndpoint.Fault),
			SinceSuccessSeconds: wholeMilliseconds(tokens.KeyEndpoint.SinceSuccess),
			UntilFetchSeconds:   wholeMilliseconds(tokens.KeyEndpoint.UntilFetch),
			Fetches:             tokens.KeyEndpoint.Fetches,
			Failed:              tokens.KeyEndpoint.Failed,
			Waiting:             tokens.KeyEndpoint.Waiting,
		},
		Caches:  []httpapi.Cache{httpapi.Cache(tokens.Verdicts)},
		Pools:   []httpapi.Pool{},
		Engines: a.engineFigures(),
	}
	for _, entry := range a.loaded.InForce {
		known.Settings = append(known.Settings, httpapi.SettingInForce{Name: entry.Name, Value: entry.Value, From: entry.Origin.String()})
	}
	for _, key := range tokens.Keys {
		known.SigningKeys = append(known.SigningKeys, httpapi.SigningKey{KeyID: key.ID, Algorithm: key.Algorithm, AgeSeconds: wholeMilliseconds(key.Age)})
	}
	for _, pool := range a.pools(tokens) {
		known.Pools = append(known.Pools, httpapi.Pool(pool))
	}
	return known
}

// pools returns how much of each bounded resource is in use, without the server's own.
func (a *App) pools(tokens jwtauth.Stats) []health.Pool {
	pools := []health.Pool{
		{Name: "token verifications", InUse: tokens.Verifications.Running, Capacity: runtime.GOMAXPROCS(0)},
		{Name: "tokens waiting for verification", InUse: tokens.Verifications.Waiting, Capacity: tokens.Verifications.MaxWaiting},
	}
	for _, dependency := range a.dependencies {
		if dependency.pool != nil {
			pools = append(pools, dependency.pool())
		}
	}
	return pools
}

func (a *App) engineFigures() []httpapi.EngineFigures {
	shown := []httpapi.EngineFigures{{Name: "jobs", Figures: figuresOf(a.jobFigures()), Notes: []string{}}}
	for _, engine := range a.engines {
		var figures []metrics.Figure
		if engine.Figures != nil {
			figures = engine.Figures()
		}
		notes := []string{}
		if engine.Notes != nil {
			notes = append(notes, engine.Notes()...)
		}
		shown = append(shown, httpapi.EngineFigures{Name: engine.Name, Figures: figuresOf(figures), Notes: notes})
	}
	return shown
}

func figuresOf(figures []metrics.Figure) []httpapi.Figure {
	shown := []httpapi.Figure{}
	for _, figure := range figures {
		shown = append(shown, httpapi.Figure{Name: figure.Name, Labels: figure.Labels, Value: figure.Value})
	}
	return shown
}

// wholeMilliseconds returns a duration in seconds, rounded to milliseconds.
func wholeMilliseconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
