package jwtauth_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Warm is a token that was lately seen, cold one that was not, including its wait for a permit.
func BenchmarkVerifyWarmHS256(b *testing.B) { benchmarkWarm(b, hs256Token()) }
func BenchmarkVerifyWarmES256(b *testing.B) { benchmarkWarm(b, realSized(es256)) }
func BenchmarkVerifyWarmRS256(b *testing.B) { benchmarkWarm(b, realSized(rs256)) }
func BenchmarkVerifyWarmEdDSA(b *testing.B) { benchmarkWarm(b, realSized(edDSA)) }
func BenchmarkVerifyColdHS256(b *testing.B) { benchmarkCold(b, hs256Token()) }
func BenchmarkVerifyColdES256(b *testing.B) { benchmarkCold(b, realSized(es256)) }
func BenchmarkVerifyColdRS256(b *testing.B) { benchmarkCold(b, realSized(rs256)) }
func BenchmarkVerifyColdEdDSA(b *testing.B) { benchmarkCold(b, realSized(edDSA)) }

// Forged tokens have a right form and a known kid; what they cost includes the wait that slows them down.
func BenchmarkVerifyForgedHS256(b *testing.B) {
	benchmarkForged(b, portstest.Token(portstest.OtherSecret, portstest.RealSizedClaims(time.Now())), core.ReasonSignatureInvalid)
}

func BenchmarkVerifyForgedES256(b *testing.B) {
	benchmarkForged(b, realSized(stranger), core.ReasonSignatureInvalid)
}

func BenchmarkVerifyUnknownKid(b *testing.B) {
	benchmarkForged(b, realSized(nextKey), core.ReasonKeyUnknown)
}

func hs256Token() string {
	return portstest.SignHS256(portstest.Secret, `{"alg":"HS256","kid":"es-1","typ":"JWT"}`, portstest.RealSizedClaims(time.Now()).JSON())
}

func realSized(key portstest.SigningKey) string {
	return key.Token(portstest.RealSizedClaims(time.Now()))
}

func benchmarkWarm(b *testing.B, token string) {
	_, verifier := newProject(b, es256, rs256, edDSA)
	wantAccepted(b, verifier, token)
	b.ReportAllocs()
	b.ReportMetric(float64(len(token)), "token-bytes")
	for b.Loop() {
		if _, err := verifier.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkCold(b *testing.B, token string) {
	_, verifier := newProject(b, es256, rs256, edDSA)
	b.ReportAllocs()
	for b.Loop() {
		jwtauth.ForgetVerdicts(verifier)
		if _, err := verifier.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkForged(b *testing.B, token string, want core.Reason) {
	_, verifier := newProject(b, es256, rs256, edDSA)
	_, _ = verifier.Verify(b.Context(), token)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := verifier.Verify(b.Context(), token); core.AsError(err).Reason != want {
			b.Fatal(err)
		}
	}
}
