package jwtauth_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/ports/portstest"
)

func BenchmarkVerify(b *testing.B) {
	now := time.Now()
	good := portstest.Token(portstest.Secret, portstest.RealSizedClaims(now))
	for _, c := range []struct{ name, token string }{
		{"good", good},
		{"under_previous_secret", portstest.Token(portstest.PreviousSecret, portstest.RealSizedClaims(now))},
		{"forged", portstest.Token(portstest.OtherSecret, portstest.RealSizedClaims(now))},
	} {
		b.Run(c.name, func(b *testing.B) {
			verifier, err := jwtauth.New(jwtauth.Config{
				Algorithms:     []string{"HS256"},
				Secret:         portstest.Secret,
				PreviousSecret: portstest.PreviousSecret,
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := verifier.Verify(b.Context(), c.token); (err == nil) != (c.name != "forged") {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(c.token)), "token-bytes")
		})
	}
}
