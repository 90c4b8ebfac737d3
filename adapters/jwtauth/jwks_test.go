package jwtauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/ports/portstest"
)

// TestOnlyKeysThatMayVerifyAreUsed publishes each key beside a good one: the good one always works, the other one is
// used or told with the reason.
func TestOnlyKeysThatMayVerifyAreUsed(t *testing.T) {
	es, rs, ed := nextKey.JWK(), rs256.JWK(), edDSA.JWK()
	x := es["x"].(string)
	weak, huge := portstest.NewRS256Key("weak", 1024).JWK(), new(big.Int).SetBit(rsaModulus(), 9000, 1)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	point, _ := p384.PublicKey.Bytes()
	for _, c := range []struct {
		name string
		key  portstest.Claims
		why  string
	}{
		{"a key as Supabase publishes it", es, ""},
		{"an RSA key", rs, ""},
		{"an Ed25519 key", ed, ""},
		{"no alg, use and key_ops", es.Without("alg").Without("use").Without("key_ops"), ""},
		{"key_ops with more in it", es.With("key_ops", []string{"sign", "verify"}), ""},
		{"members that nobody knows", es.With("x5t", "AAAA").With("D", "AAAA").With("oth", nil), ""},
		{"a certificate that does not parse", es.With("x5c", []string{"AAAA"}).With("x5u", "https://evil.example"), ""},

		{"a shared secret", portstest.Claims{"kty": "oct", "kid": "s", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "alg": "HS256"}, "is a shared secret, which must never be published"},
		{"an EC key with a secret", es.With("k", "AAAA"), "is a shared secret, which must never be published"},
		{"a private EC key", es.With("d", "AAAA"), "is a private key, which must never be published"},
		{"a private member that is null", es.With("d", nil), "is a private key, which must never be published"},
		{"a private RSA key", rs.With("d", "AAAA").With("p", "AAAA"), "is a private key, which must never be published"},
		{"the first prime of an RSA key", rs.With("p", "AAAA"), "is a private key, which must never be published"},
		{"the second prime of an RSA key", rs.With("q", "AAAA"), "is a private key, which must never be published"},
		{"a private Ed25519 key", ed.With("d", "AAAA"), "is a private key, which must never be published"},
		{"no kid", es.Without("kid"), "has no kid of 1 to 256 bytes"},
		{"an empty kid", es.With("kid", ""), "has no kid of 1 to 256 bytes"},
		{"a kid that is a number", es.With("kid", 5), "has no kid of 1 to 256 bytes"},
		{"a kid of 257 bytes", es.With("kid", strings.Repeat("k", 257)), "has no kid of 1 to 256 bytes"},
		{"for encryption", es.With("use", "enc"), "is not for signatures (use)"},
		{"use that is null", es.With("use", nil), "is not for signatures (use)"},
		{"for signing alone", es.With("key_ops", []string{"sign"}), "is not for verifying (key_ops)"},
		{"for nothing", es.With("key_ops", []string{}), "is not for verifying (key_ops)"},
		{"key_ops that is an object", es.With("key_ops", portstest.Claims{"verify": true}), "is not for verifying (key_ops)"},
		{"an EC key for RS256", es.With("alg", "RS256"), "is for an algorithm that is not supported or not of its kind (alg)"},
		{"an EC key for HS256", es.With("alg", "HS256"), "is for an algorithm that is not supported or not of its kind (alg)"},
		{"an RSA key for RS512", rs.With("alg", "RS512"), "is for an algorithm that is not supported or not of its kind (alg)"},
		{"an RSA key for PS256", rs.With("alg", "PS256"), "is for an algorithm that is not supported or not of its kind (alg)"},
		{"alg that is a list", es.With("alg", []string{"ES256"}), "is for an algorithm that is not supported or not of its kind (alg)"},
		{"a key of no kind", es.Without("kty"), "is of a kind or curve that is not supported"},
		{"a kind in lower case", es.With("kty", "ec"), "is of a kind or curve that is not supported"},
		{"another curve", portstest.Claims{"kty": "EC", "kid": "p", "crv": "P-384", "x": portstest.EncodePart(string(point[1:49])), "y": portstest.EncodePart(string(point[49:]))}, "is of a kind or curve that is not supported"},
		{"the curve of Bitcoin", es.With("crv", "secp256k1"), "is of a kind or curve that is not supported"},
		{"no curve", es.Without("crv"), "is of a kind or curve that is not supported"},
		{"X25519", ed.With("crv", "X25519"), "is of a kind or curve that is not supported"},
		{"a point of another curve's length", es.With("x", portstest.EncodePart(string(point[1:49]))), "holds no valid public key"},
		{"a point that is not on the curve", es.With("y", x), "holds no valid public key"},
		{"the point at infinity", es.With("x", portstest.EncodePart(strings.Repeat("\x00", 32))).With("y", portstest.EncodePart(strings.Repeat("\x00", 32))), "holds no valid public key"},
		{"x past the field", es.With("x", portstest.EncodePart(strings.Repeat("\xff", 32))), "holds no valid public key"},
		{"x with a zero byte before it", es.With("x", portstest.EncodePart("\x00")[:1]+"A"+x), "holds no valid public key"},
		{"x with padding", es.With("x", x+"="), "holds no valid public key"},
		{"no y", es.Without("y"), "holds no valid public key"},
		{"y a number", es.With("y", 5), "holds no valid public key"},
		{"no modulus", rs.Without("n"), "holds no valid public key"},
		{"an even modulus", rs.With("n", portstest.EncodePart(string(new(big.Int).Add(rsaModulus(), big.NewInt(1)).Bytes()))), "holds no valid public key"},
		{"an even exponent", rs.With("e", "BA"), "holds no valid public key"},
		{"the exponent 1", rs.With("e", "AQ"), "holds no valid public key"},
		{"an exponent of 33 bits", rs.With("e", "AQAAAAE"), "holds no valid public key"},
		{"an exponent of 72 bits that ends like 65537", rs.With("e", "AQAAAAAAAQAB"), "holds no valid public key"},
		{"an RSA key of 1024 bits", weak, "is weaker or longer than is allowed"},
		{"an RSA key of 9001 bits", rs.With("n", portstest.EncodePart(string(huge.Bytes()))), "is weaker or longer than is allowed"},
		{"an Ed25519 key of 31 bytes", ed.With("x", portstest.EncodePart(strings.Repeat("x", 31))), "holds no valid public key"},
		{"an Ed25519 key that is no point", ed.With("x", portstest.EncodePart("\x02"+strings.Repeat("\x00", 31))), "holds no valid public key"},
		{"an Ed25519 key past the field", ed.With("x", portstest.EncodePart("\xee"+strings.Repeat("\xff", 31))), "holds no valid public key"},
		{"an Ed25519 key that is 0 written as the field", ed.With("x", portstest.EncodePart("\xed"+strings.Repeat("\xff", 30)+"\x7f")), "holds no valid public key"},
		{"an Ed25519 key of order 1", ed.With("x", portstest.EncodePart("\x01"+strings.Repeat("\x00", 31))), "is weaker or longer than is allowed"},
		{"an Ed25519 key of order 2", ed.With("x", portstest.EncodePart("\xec"+strings.Repeat("\xff", 30)+"\x7f")), "is weaker or longer than is allowed"},
		{"an Ed25519 key of order 4", ed.With("x", portstest.EncodePart(strings.Repeat("\x00", 32))), "is weaker or longer than is allowed"},
		{"an Ed25519 key of order 4 with a sign", ed.With("x", portstest.EncodePart(strings.Repeat("\x00", 31)+"\x80")), "is weaker or longer than is allowed"},
		{"an Ed25519 key of order 8", ed.With("x", portstest.EncodePart("\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05")), "is weaker or longer than is allowed"},
		{"an Ed25519 key of order 8, the other one", ed.With("x", portstest.EncodePart("\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\xfa")), "is weaker or longer than is allowed"},
		{"a key of the good one's kid", es.With("kid", "es-1"), "shares its kid with another key"},
		{"the good one again", es256.JWK(), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ignored []keyring.IgnoredKey
				project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
					config.KeyIgnored = func(key keyring.IgnoredKey) { ignored = append(ignored, key) }
				})
				project.answers(document(portstest.JWKS(es256.JWK(), c.key)))
				run(t, verifier)
				pass(16 * 60 * second) // several fetches: each key is told of once
				var want []keyring.IgnoredKey
				id, _ := c.key["kid"].(string)
				if len(id) > 256 {
					id = ""
				}
				if c.why != "" {
					want = []keyring.IgnoredKey{{ID: id, Why: c.why}}
				}
				if diff := cmp.Diff(want, ignored); diff != "" {
					t.Errorf("ignored (-want +got):\n%s", diff)
				}
				used := 1
				if c.why == "" && id != "es-1" {
					used = 2
				}
				if strings.Contains(c.why, "shares") {
					used = 0 // and the fetch is a failed one for it
				}
				if got := len(verifier.Stats().Keys); got != used {
					t.Errorf("%d keys are used, want %d", got, used)
				}
			})
		})
	}
}

func TestUnusableKeysThatTakeTheLastUsableOneAlongAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ignored []keyring.IgnoredKey
		project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
			config.KeyIgnored = func(key keyring.IgnoredKey) { ignored = append(ignored, key) }
		}, es256)
		run(t, verifier)
		synctest.Wait()
		project.answers(document(portstest.JWKS(es256.JWK().With("d", "AAAA"))))
		pass(15 * 60 * second)
		want := []keyring.IgnoredKey{{ID: "es-1", Why: "is a private key, which must never be published"}}
		if diff := cmp.Diff(want, ignored); diff != "" {
			t.Errorf("ignored (-want +got):\n%s", diff)
		}
	})
}

func TestAnAnswerFullOfUnusableKeysIsToldInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		project, verifier := newProjectWith(t, func(config *jwtauth.Config) {
			config.KeyIgnored = func(keyring.IgnoredKey) { told++ }
		})
		published := []portstest.Claims{es256.JWK()}
		for i := range 10_000 {
			published = append(published, portstest.Claims{"kid": fmt.Sprint("k", i)})
		}
		project.answers(document(portstest.JWKS(published...)))
		wantAccepted(t, verifier, tokenOf(es256))
		if told != 100 {
			t.Errorf("%d were told of", told)
		}
	})
}

// An algorithm that is not allowed needs no key, but its keys are known: a token that names one is told so.
func TestAKeyVerifiesItsOwnAlgorithmAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, verifier := newProjectWith(t, func(c *jwtauth.Config) { c.Algorithms = []string{"ES256"} }, es256, rs256, edDSA)
		wantAccepted(t, verifier, tokenOf(es256))
		wantRefused(t, verifier, tokenOf(rs256), algorithm)
		wantRefused(t, verifier, tokenOf(edDSA), algorithm)
		wantRefused(t, verifier, nextKey.Sign(`{"alg":"ES256","kid":"rs-1"}`, student().JSON()), algorithm)
		wantRefused(t, verifier, portstest.Token(portstest.Secret, student()), algorithm)
	})
}

func rsaModulus() *big.Int {
	n := new(big.Int)
	return n.SetBytes(decode(rs256.JWK()["n"].(string)))
}
