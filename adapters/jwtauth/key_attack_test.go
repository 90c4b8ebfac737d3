package jwtauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/ports/portstest"
)

// TestReasonByTokenOfPublishedKeys is the attack suite for the published keys: each token is built by hand, and is good
// but for its attack.
func TestReasonByTokenOfPublishedKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, attacks := range keyAttacks() {
		for _, a := range attacks {
			if seen[a.name] {
				t.Errorf("two attacks are named %q", a.name)
			}
			seen[a.name] = true
			t.Run(a.name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { attackPublishedKeys(t, a) }) })
		}
	}
	if len(seen) < 90 {
		t.Errorf("the suite has shrunk to %d attacks", len(seen))
	}
}

// attackPublishedKeys tries the token twice: what was refused once must not have been remembered as right.
func attackPublishedKeys(t *testing.T, a attack) {
	_, verifier := newProjectWith(t, func(c *jwtauth.Config) { c.Now = func() time.Time { return now } }, es256, rs256, edDSA)
	for range 2 {
		start := time.Now()
		_, err := verifier.Verify(t.Context(), a.token)
		wantReason(t, err, a.want)
		if took := time.Since(start); took != 0 {
			t.Errorf("it waited %v", took)
		}
	}
}

func keyAttacks() [][]attack {
	return [][]attack{
		confusionAttacks(), familyAttacks(), broughtKeyAttacks(), kidAttacks(), ecdsaAttacks(), rsaAttacks(), edDSAAttacks(), signedClaimAttacks(),
	}
}

// confusionAttacks sign with HMAC, and take for the secret what everyone knows: the public key, in every form it has.
func confusionAttacks() []attack {
	var attacks []attack
	for _, key := range []portstest.SigningKey{es256, rs256, edDSA} {
		for form, secret := range publicForms(key) {
			for _, header := range []string{`{"alg":"HS256","typ":"JWT","kid":"` + key.ID + `"}`, `{"alg":"HS256"}`} {
				name := fmt.Sprintf("HS256 under the public %s key %s, header %s", key.Algorithm, form, header)
				attacks = append(attacks, attack{name, portstest.SignHS256(secret, header, student().JSON()), signature})
			}
		}
	}
	header := `{"alg":"ES256","kid":"es-1"}`
	return append(attacks,
		attack{"ES256 said, an HMAC under the secret there", portstest.SignHS256(portstest.Secret, header, student().JSON()), signature},
		attack{"RS256 said, an HMAC under the secret there", portstest.SignHS256(portstest.Secret, `{"alg":"RS256","kid":"rs-1"}`, student().JSON()), signature},
		attack{"EdDSA said, an HMAC under the public key there", portstest.SignHS256(string(decode(edDSA.JWK()["x"].(string))), `{"alg":"EdDSA","kid":"ed-1"}`, student().JSON()), signature},
		attack{"HS256 said, an ES256 signature there", es256.Sign(`{"alg":"HS256","kid":"es-1"}`, student().JSON()), signature},
		attack{"HS256 under the right secret with a published kid", portstest.SignHS256(portstest.Secret, `{"alg":"HS256","kid":"es-1"}`, student().JSON()), accepted},
		attack{"HS384 under the public key", portstest.SignHS256(publicForms(es256)["in PEM"], `{"alg":"HS384","kid":"es-1"}`, student().JSON()), algorithm},
	)
}

func publicForms(key portstest.SigningKey) map[string]string {
	der, err := x509.MarshalPKIXPublicKey(key.Private.Public())
	if err != nil {
		panic(err)
	}
	block := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	forms := map[string]string{
		"in DER":                          string(der),
		"in PEM":                          block,
		"in PEM without the last newline": strings.TrimSuffix(block, "\n"),
		"in PEM with CRLF":                strings.ReplaceAll(block, "\n", "\r\n"),
		"in base64":                       base64.StdEncoding.EncodeToString(der),
		"as a JWK":                        key.JWK().JSON(),
		"as a JWKS":                       portstest.JWKS(key.JWK()),
	}
	switch public := key.Private.Public().(type) {
	case *ecdsa.PublicKey:
		point, _ := public.Bytes()
		forms["as a point"], forms["as coordinates"], forms["as x"] = string(point), string(point[1:]), string(point[1:33])
	case *rsa.PublicKey:
		pkcs1 := x509.MarshalPKCS1PublicKey(public)
		forms["in PKCS #1 DER"] = string(pkcs1)
		forms["in PKCS #1 PEM"] = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}))
		forms["as its modulus"] = string(public.N.Bytes())
	default:
		forms["as its 32 bytes"] = string(decode(key.JWK()["x"].(string)))
	}
	return forms
}

// familyAttacks name one family's algorithm and another's key.
func familyAttacks() []attack {
	attacks := []attack{
		{"a good ES256 token", es256.Token(student()), accepted},
		{"a good RS256 token", rs256.Token(student()), accepted},
		{"a good EdDSA token", edDSA.Token(student()), accepted},
		{"signed ES256 by a stranger under the same kid", stranger.Token(student()), signature},
	}
	signers := []portstest.SigningKey{es256, rs256, edDSA}
	for _, signer := range signers {
		for _, said := range signers {
			for _, named := range signers {
				want := signature
				if said.Algorithm != named.Algorithm {
					want = algorithm
				}
				if signer.Algorithm == said.Algorithm && said.Algorithm == named.Algorithm {
					want = accepted
				}
				header := fmt.Sprintf(`{"alg":%q,"kid":%q}`, said.Algorithm, named.ID)
				attacks = append(attacks, attack{
					fmt.Sprintf("%s said, the key of %s named, signed by %s", said.Algorithm, named.Algorithm, signer.Algorithm),
					signer.Sign(header, student().JSON()), want,
				})
			}
		}
	}
	for _, other := range []string{"none", "None", "NONE", "nOnE", "es256", "ES256 ", "ES384", "ES512", "ES256K", "RS384", "RS512", "PS256", "Ed25519", "Ed448", "ESB256", "HS512"} {
		header := fmt.Sprintf(`{"alg":%q,"kid":"es-1"}`, other)
		token := es256.Sign(header, student().JSON())
		attacks = append(attacks,
			attack{"alg " + other + " over an ES256 signature", token, algorithm},
			attack{"alg " + other + " without a signature", token[:strings.LastIndexByte(token, '.')+1], algorithm})
	}
	return attacks
}

// broughtKeyAttacks bring the key that verifies them.
func broughtKeyAttacks() []attack {
	jwk := stranger.JWK().JSON()
	der, _ := x509.MarshalPKIXPublicKey(stranger.Private.Public())
	certificate := base64.StdEncoding.EncodeToString(der)
	var attacks []attack
	for _, kid := range []string{`"es-1"`, `"mine"`} {
		want := signature
		if kid == `"mine"` {
			want = keyUnknown
		}
		for name, member := range map[string]string{
			"jwk": jwk, "jku": `"https://evil.example/jwks.json"`, "x5u": `"https://evil.example/cert.pem"`, "x5c": `["` + certificate + `"]`,
			"x5t": `"AAAA"`, "x5t#S256": `"AAAA"`, "keys": `[` + jwk + `]`,
		} {
			header := fmt.Sprintf(`{"alg":"ES256","kid":%s,%q:%s}`, kid, name, member)
			attacks = append(attacks, attack{"a stranger's token with its own " + name + " and kid " + kid, stranger.Sign(header, student().JSON()), want})
		}
	}
	return append(attacks, attack{
		"jwk, jku, x5u and x5c in a good token, ignored",
		es256.Sign(`{"alg":"ES256","kid":"es-1","jwk":`+jwk+`,"jku":"https://evil.example","x5u":"https://evil.example","x5c":["AAAA"]}`, student().JSON()), accepted,
	})
}

func kidAttacks() []attack {
	var attacks []attack
	for name, kid := range map[string]string{
		"null": `null`, "a number": `7`, "true": `true`, "a list": `["es-1"]`, "an object": `{"kid":"es-1"}`, "empty": `""`,
		"a path": `"../../../../dev/null"`, "SQL": `"es-1' OR '1'='1"`, "a command": `"es-1; id"`, "a URL": `"https://evil.example/key"`,
		"in upper case": `"ES-1"`, "with a space": `"es-1 "`, "with a null character": `"es-1\u0000"`, "a prefix": `"es-"`,
		"of 4 KB": `"` + strings.Repeat("k", 4096) + `"`, "of 257 bytes": `"` + strings.Repeat("k", 257) + `"`,
		"in letters that only look like it": `"еs-1"`, "a JSON pointer": `"/keys/0"`, "a format": `"%s%n%x"`, "a template": `"${jndi:ldap://evil.example}"`,
	} {
		attacks = append(attacks, attack{"kid " + name, es256.Sign(`{"alg":"ES256","kid":`+kid+`}`, student().JSON()), keyUnknown})
	}
	return append(attacks,
		attack{"no kid", es256.Sign(`{"alg":"ES256"}`, student().JSON()), keyUnknown},
		attack{"KID in place of kid", es256.Sign(`{"alg":"ES256","KID":"es-1"}`, student().JSON()), keyUnknown},
		attack{"kid in the payload", es256.Sign(`{"alg":"ES256"}`, student().With("kid", "es-1").JSON()), keyUnknown},
		attack{"kid twice", es256.Sign(`{"alg":"ES256","kid":"x","kid":"es-1"}`, student().JSON()), malformed},
		attack{"kid escaped is that kid", es256.Sign(`{"alg":"ES256","kid":"\u0065s-1"}`, student().JSON()), accepted},
		attack{"a faulty typ before an unknown kid", es256.Sign(`{"alg":"ES256","kid":"x","typ":"JWE"}`, student().JSON()), malformed},
	)
}

func ecdsaAttacks() []attack {
	good := es256.Token(student())
	signed, raw := splitSignature(good)
	part := func(signature []byte) string { return signed + "." + portstest.EncodePart(string(signature)) }
	r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
	order := elliptic.P256().Params().N
	pair := func(r, s *big.Int) string {
		return part(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
	}
	der, _ := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	zero, one := new(big.Int), big.NewInt(1)
	most := new(big.Int).Sub(new(big.Int).Lsh(one, 256), one)
	attacks := []attack{
		{"ECDSA in DER", part(der), signature},
		{"ECDSA in DER cut to 64 bytes", part(der[:64]), signature},
		{"s and r swapped", pair(s, r), signature},
		{"r zero", pair(zero, s), signature},
		{"s zero", pair(r, zero), signature},
		{"r and s zero", pair(zero, zero), signature},
		{"r the order", pair(order, s), signature},
		{"s the order", pair(r, order), signature},
		{"r and s the order", pair(order, order), signature},
		{"r and s one", pair(one, one), signature},
		{"r and s past the order", pair(most, most), signature},
		{"r that wraps around", part(append(append([]byte{1}, raw[:32]...), raw[32:]...)), signature},
		{"r and s in 33 bytes each", part(slices.Concat([]byte{0}, raw[:32], []byte{0}, raw[32:])), signature},
		{"r and s little-endian", part(slices.Concat(reversed(raw[:32]), reversed(raw[32:]))), signature},
		{"an ES256 signature with a byte more", part(append(slices.Clone(raw), 0)), signature},
		{"the raw signature twice", part(slices.Concat(raw, raw)), signature},
		{"one bit of r changed", part(flipped(raw, 0)), signature},
		{"one bit of s changed", part(flipped(raw, 63)), signature},
		{"the negated s, which ECDSA allows", pair(r, new(big.Int).Sub(order, s)), accepted},
		{"an ES256 payload changed after signing", changedPayload(good), signature},
		{"an ES256 header changed after signing", portstest.EncodePart(`{"kid":"es-1","alg":"ES256"}`) + good[strings.IndexByte(good, '.'):], signature},
		{"another ES256 token's signature", part(es256.Signature("x")), signature},
		{"signed by the curve P-384", part(signP384(signed)[:64]), signature},
		{"signed by the curve P-384, whole", part(signP384(signed)), signature},
		{"signed with SHA-512 as hash", part(signSHA512(signed)), signature},
	}
	return append(attacks, truncated("ES256", signed, raw)...)
}

func rsaAttacks() []attack {
	good := rs256.Token(student())
	signed, raw := splitSignature(good)
	part := func(signature []byte) string { return signed + "." + portstest.EncodePart(string(signature)) }
	n := rsaModulus()
	value := new(big.Int).SetBytes(raw)
	hash := sha256.Sum256([]byte(signed))
	private := rs256.Private.(*rsa.PrivateKey)
	pss, _ := rsa.SignPSS(rand.Reader, private, crypto.SHA256, hash[:], nil)
	unnamed, _ := rsa.SignPKCS1v15(rand.Reader, private, 0, hash[:])
	long := sha512.Sum512([]byte(signed))
	rs512, _ := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA512, long[:])
	padded := slices.Concat([]byte{0, 1}, slices.Repeat([]byte{0xff}, 202), []byte{0}, hash[:])
	attacks := []attack{
		{"PSS in place of PKCS #1", part(pss), signature},
		{"RS512 in place of RS256", part(rs512), signature},
		{"PKCS #1 without the name of the hash", part(unnamed), signature},
		{"the padded hash without a key", part(padded), signature},
		{"an RSA signature of zeros", part(make([]byte, 256)), signature},
		{"the RSA signature of one", part(append(make([]byte, 255), 1)), signature},
		{"the RSA signature as the modulus", part(n.Bytes()), signature},
		{"the RSA signature plus the modulus", part(new(big.Int).Add(value, n).Bytes()), signature},
		{"the RSA signature with a zero before it", part(append([]byte{0}, raw...)), signature},
		{"one bit of the RSA signature changed", part(flipped(raw, 255)), signature},
		{"an RS256 payload changed after signing", changedPayload(good), signature},
	}
	return append(attacks, truncated("RS256", signed, raw)...)
}

func edDSAAttacks() []attack {
	good := edDSA.Token(student())
	signed, raw := splitSignature(good)
	part := func(signature []byte) string { return signed + "." + portstest.EncodePart(string(signature)) }
	// s plus the order of the base point is the same number to a verifier that does not look (RFC 8032, section 5.1.7).
	order, _ := new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
	s := new(big.Int).SetBytes(reversed(raw[32:]))
	twice := reversed(new(big.Int).Add(s, order).FillBytes(make([]byte, 32)))
	neutral := append([]byte{1}, make([]byte, 63)...)
	attacks := []attack{
		{"an Ed25519 s plus the order", part(slices.Concat(raw[:32], twice)), signature},
		{"an Ed25519 signature of the neutral point", part(neutral), signature},
		{"an Ed25519 signature of zeros", part(make([]byte, 64)), signature},
		{"one bit of an Ed25519 signature changed", part(flipped(raw, 5)), signature},
		{"an Ed25519 signature with a byte more", part(append(slices.Clone(raw), 0)), signature},
		{"Ed25519 over the hash", part(edDSA.Signature(string(hashOf(signed)))), signature},
		{"an EdDSA payload changed after signing", changedPayload(good), signature},
	}
	return append(attacks, truncated("EdDSA", signed, raw)...)
}

// signedClaimAttacks are rightly signed: what follows the signature holds for every family.
func signedClaimAttacks() []attack {
	return []attack{
		{"an anon key in ES256", es256.Token(portstest.Claims{"role": "anon", "iat": now.Unix(), "exp": now.Unix() + 60}), notAUser},
		{"an anonymous user in ES256", es256.Token(student().With("is_anonymous", true)), notAUser},
		{"an expired ES256 token", es256.Token(portstest.ExpiredClaims(now)), expired},
		{"an ES256 token of the future", es256.Token(student().With("nbf", now.Unix()+60)), notYet},
		{"an ES256 token for another audience", es256.Token(student().With("aud", "other")), audience},
		{"an ES256 token without aud", es256.Token(student().Without("aud")), audience},
		{"an ES256 token with its role in user_metadata", es256.Token(student().Without("app_metadata.role").With("user_metadata", portstest.Claims{"role": "superadmin"})), badAccount},
		{"an expired token of a stranger", stranger.Token(portstest.ExpiredClaims(now)), signature},
		{"crit in ES256", es256.Sign(`{"alg":"ES256","kid":"es-1","crit":["kid"]}`, student().JSON()), malformed},
		{"b64 in ES256", es256.Sign(`{"alg":"ES256","kid":"es-1","b64":false,"crit":["b64"]}`, student().JSON()), malformed},
		{"a payload that is no JSON in ES256", es256.Sign(es256.Header(), "{"), malformed},
	}
}

func truncated(name, signed string, raw []byte) []attack {
	var attacks []attack
	for _, length := range []int{0, 1, 32, len(raw) - 1} {
		attacks = append(attacks, attack{fmt.Sprintf("%d bytes of an %s signature", length, name), signed + "." + portstest.EncodePart(string(raw[:length])), signature})
	}
	return attacks
}

func splitSignature(token string) (signed string, raw []byte) {
	dot := strings.LastIndexByte(token, '.')
	return token[:dot], decode(token[dot+1:])
}

func changedPayload(token string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + portstest.EncodePart(portstest.SuperadminClaims(now).JSON()) + "." + parts[2]
}

func signP384(signed string) []byte {
	key, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	r, s, _ := ecdsa.Sign(rand.Reader, key, hashOf(signed))
	return append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...)
}

func signSHA512(signed string) []byte {
	hash := sha512.Sum512([]byte(signed))
	r, s, _ := ecdsa.Sign(rand.Reader, es256.Private.(*ecdsa.PrivateKey), hash[:])
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func hashOf(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}

func flipped(data []byte, at int) []byte {
	changed := slices.Clone(data)
	changed[at] ^= 1
	return changed
}

func reversed(data []byte) []byte {
	turned := slices.Clone(data)
	slices.Reverse(turned)
	return turned
}
