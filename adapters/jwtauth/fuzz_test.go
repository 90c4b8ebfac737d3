package jwtauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// FuzzVerify verifies any tokens, and compares the verdict with the reference.
func FuzzVerify(f *testing.F) {
	for _, attacks := range [][]attack{
		shapeAttacks(), base64Attacks(), headerAttacks(), algorithmAttacks(), signatureAttacks(), timeAttacks(), metadataAttacks(),
		confusionAttacks(), familyAttacks(), broughtKeyAttacks(), kidAttacks(), ecdsaAttacks(), rsaAttacks(), edDSAAttacks(),
	} {
		for _, a := range attacks {
			f.Add(a.token)
		}
	}
	f.Fuzz(func(t *testing.T, token string) { compareWithReference(t, token) })
}

// FuzzClaims signs any header and payload with one of three secrets, so that what lies behind the signature is reached.
func FuzzClaims(f *testing.F) {
	for _, attacks := range [][]attack{
		jsonAttacks(), headerAttacks(), userAttacks(), timeAttacks(), audienceAttacks(), claimAttacks(), metadataAttacks(),
	} {
		for _, a := range attacks {
			parts := strings.Split(a.token, ".")
			if len(a.token) > 4096 || len(parts) != 3 {
				continue
			}
			header, _ := base64.RawURLEncoding.DecodeString(parts[0])
			payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
			f.Add(string(header), string(payload), uint8(0))
		}
	}
	f.Add(portstest.HS256Header, student().JSON(), uint8(1))
	f.Add(portstest.HS256Header, portstest.RealSizedClaims(now).JSON(), uint8(2))
	secrets := []string{portstest.Secret, portstest.PreviousSecret, portstest.OtherSecret}
	f.Fuzz(func(t *testing.T, header, payload string, secret uint8) {
		compareWithReference(t, portstest.SignHS256(secrets[int(secret)%len(secrets)], header, payload))
	})
}

// FuzzKeys says one algorithm, names one key and signs with any: only if all three agree may a token pass.
func FuzzKeys(f *testing.F) {
	good := student().JSON()
	for signer := range signers() {
		for _, algorithm := range []string{"HS256", "ES256", "RS256", "EdDSA", "none", "es256"} {
			for _, id := range []string{"es-1", "rs-1", "ed-1", "es-2", ""} {
				f.Add(algorithm, id, uint8(signer), good)
			}
		}
		f.Add("ES256", "es-1", uint8(signer), portstest.ExpiredClaims(now).JSON())
		f.Add("RS256", "rs-1", uint8(signer), student().With("aud", "other").JSON())
	}
	f.Fuzz(func(t *testing.T, algorithm, id string, signer uint8, payload string) {
		sign := signers()[int(signer)%len(signers())]
		compareWithReference(t, sign(portstest.Claims{"alg": algorithm, "kid": id}.JSON(), payload))
	})
}

// signers sign any header and payload: the project's keys, its secrets, and others that must never count.
func signers() []func(header, payload string) string {
	withSecret := func(secret string) func(string, string) string {
		return func(header, payload string) string { return portstest.SignHS256(secret, header, payload) }
	}
	return []func(header, payload string) string{
		es256.Sign, rs256.Sign, edDSA.Sign, nextKey.Sign, stranger.Sign,
		withSecret(portstest.Secret), withSecret(portstest.PreviousSecret), withSecret(portstest.OtherSecret),
		withSecret(publicForms(es256)["in PEM"]), withSecret(publicForms(rs256)["in DER"]), withSecret(publicForms(edDSA)["as its 32 bytes"]),
		func(header, payload string) string {
			return portstest.EncodePart(header) + "." + portstest.EncodePart(payload) + "."
		},
	}
}

// compareWithReference asks a verifier with a secret alone and one with every kind of key, and each of them twice: the
// second answer may come from what it remembers.
func compareWithReference(t *testing.T, token string) {
	_, ofProject := newProjectWith(t, func(c *jwtauth.Config) { c.Now = func() time.Time { return now } }, es256, rs256, edDSA)
	for range 2 {
		compareOneWithReference(t, ofProject, token, referenceAccepts(token, publishedKeys()))
	}
	ofSecret := newVerifier(t, nil)
	for range 2 {
		compareOneWithReference(t, ofSecret, token, referenceAccepts(token, nil))
	}
}

func compareOneWithReference(t *testing.T, verifier *jwtauth.Verifier, token string, want bool) {
	payload, err := verifier.Verify(t.Context(), token)
	if got := err == nil; got != want {
		t.Fatalf("the verifier says %v (%v), the reference %v: %s", got, err, want, token)
	}
	if err == nil {
		if _, err := core.NewAuthTokenPayload(payload); err != nil {
			t.Fatalf("an accepted payload is not valid: %v", err)
		}
		return
	}
	if known := core.AsError(err); known.Code != core.CodeAuthentication || known.Reason == "" || payload != (core.AuthTokenPayload{}) {
		t.Fatalf("a refusal of another kind: %v, %v", err, payload)
	}
}

// referenceAccepts implements the contract again, as plainly as possible and only with the standard library: what a
// token needs to be accepted by a verifier with the secrets of baseConfig and these keys, in no order.
func referenceAccepts(token string, published map[string]crypto.PublicKey) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var decoded [3]string
	for i, part := range parts {
		data, _ := base64.RawURLEncoding.DecodeString(part)
		if decoded[i] = string(data); portstest.EncodePart(decoded[i]) != part {
			return false
		}
	}
	header, headerOK := strictObject(decoded[0])
	claims, claimsOK := strictObject(decoded[1])
	return headerOK && claimsOK && referenceHeader(header) &&
		referenceSignature(header, parts, decoded[2], published) &&
		referenceTimes(claims) && referenceCaller(claims)
}

// publishedKeys are those of compareWithReference's project, by kid.
func publishedKeys() map[string]crypto.PublicKey {
	return map[string]crypto.PublicKey{
		"es-1": es256.Private.Public(), "rs-1": rs256.Private.Public(), "ed-1": edDSA.Private.Public(),
	}
}

func referenceSignature(header map[string]any, parts []string, signature string, published map[string]crypto.PublicKey) bool {
	id, _ := header["kid"].(string)
	signed := parts[0] + "." + parts[1]
	hash := sha256.Sum256([]byte(signed))
	switch header["alg"] {
	case "HS256":
		return referenceMAC(portstest.Secret, parts) == signature || referenceMAC(portstest.PreviousSecret, parts) == signature
	case "ES256":
		key, ok := published[id].(*ecdsa.PublicKey)
		return ok && len(signature) == 64 &&
			ecdsa.Verify(key, hash[:], new(big.Int).SetBytes([]byte(signature[:32])), new(big.Int).SetBytes([]byte(signature[32:])))
	case "RS256":
		key, ok := published[id].(*rsa.PublicKey)
		return ok && rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], []byte(signature)) == nil
	case "EdDSA":
		key, ok := published[id].(ed25519.PublicKey)
		return ok && ed25519.Verify(key, []byte(signed), []byte(signature))
	}
	return false
}

func referenceMAC(secret string, parts []string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	return string(mac.Sum(nil))
}

func referenceHeader(header map[string]any) bool {
	_, critical := header["crit"]
	_, unencoded := header["b64"]
	kind, typed := header["typ"]
	name, _ := kind.(string)
	known := []string{"jwt", "at+jwt", "application/jwt", "application/at+jwt"}
	return !critical && !unencoded && (!typed || slices.Contains(known, strings.ToLower(name)))
}

func referenceTimes(claims map[string]any) bool {
	exp, expOK := referenceSeconds(claims["exp"])
	iat, iatOK := referenceSeconds(claims["iat"])
	nbf, nbfOK := int64(0), true
	if value, ok := claims["nbf"]; ok {
		nbf, nbfOK = referenceSeconds(value)
	}
	// now has a fraction of half a second: with whole seconds "before" is "up to and including this second".
	second := now.Unix()
	return expOK && iatOK && nbfOK && exp+5 > second && nbf-5 <= second && iat-5 <= second
}

func referenceSeconds(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	seconds, err := number.Float64()
	if err != nil || seconds < 0 || seconds >= 253402300800 {
		return 0, false
	}
	return int64(seconds), true
}

func referenceCaller(claims map[string]any) bool {
	anonymous, hasAnonymous := claims["is_anonymous"]
	issuer, hasIssuer := claims["iss"]
	_, issuerIsText := issuer.(string)
	audiences, isList := claims["aud"].([]any)
	if !isList {
		audiences = []any{claims["aud"]}
	}
	notText := func(value any) bool { _, ok := value.(string); return !ok }
	metadata, _ := claims["app_metadata"].(map[string]any)
	director, hasDirector := metadata["is_course_director"]
	_, directorIsFlag := director.(bool)
	institution, hasInstitution := metadata["institution_id"]
	superadmin := metadata["role"] == "superadmin"
	return claims["role"] == "authenticated" &&
		(!hasAnonymous || anonymous == false) &&
		(!hasIssuer || issuerIsText) &&
		slices.Contains(audiences, any("authenticated")) && !slices.ContainsFunc(audiences, notText) &&
		referenceID(claims["sub"]) && referenceID(claims["email"]) &&
		slices.Contains([]any{"superadmin", "institutional_admin", "faculty", "advisor", "student"}, metadata["role"]) &&
		(referenceID(institution) || superadmin && (!hasInstitution || institution == "")) &&
		(!hasDirector || directorIsFlag)
}

func referenceID(value any) bool {
	id, _ := value.(string)
	for _, r := range id {
		if r < 0x20 || r >= 0x7f && r <= 0x9f {
			return false
		}
	}
	return id != ""
}

// strictObject reads JSON token by token, so that a name that comes twice is seen.
func strictObject(text string) (map[string]any, bool) {
	if !utf8.ValidString(text) || !json.Valid([]byte(text)) || hasLoneSurrogate(text) {
		return nil, false
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	value, err := strictValue(decoder)
	object, isObject := value.(map[string]any)
	return object, err == nil && isObject
}

var errNameTwice = errors.New("a name twice")

func strictValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			if _, twice := object[name.(string)]; twice {
				return nil, errNameTwice
			}
			if object[name.(string)], err = strictValue(decoder); err != nil {
				return nil, err
			}
		}
		_, err := decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := strictValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	default:
		return token, nil
	}
}

// hasLoneSurrogate looks for \ud800 to \udfff that is no half of a pair: encoding/json replaces one in silence.
func hasLoneSurrogate(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if unit, ok := escapedUnit(text[i:]); ok && unit >= 0xd800 && unit <= 0xdfff {
			low, ok := escapedUnit(text[i+6:])
			if unit >= 0xdc00 || !ok || low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 6
		}
		i++
	}
	return false
}

func escapedUnit(text string) (unit uint64, ok bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	for _, digit := range strings.ToLower(text[2:6]) {
		unit = unit<<4 | uint64(strings.IndexRune("0123456789abcdef", digit))
	}
	return unit, true
}

// TestTheReferenceAgreesWithTheAttackSuite tests the reference: it agrees on every token that was judged by hand.
func TestTheReferenceAgreesWithTheAttackSuite(t *testing.T) {
	for _, a := range slices.Concat(
		shapeAttacks(), base64Attacks(), jsonAttacks(), headerAttacks(), algorithmAttacks(), signatureAttacks(),
		userAttacks(), timeAttacks(), audienceAttacks(), claimAttacks(), metadataAttacks(),
	) {
		if got := referenceAccepts(a.token, nil); got != (a.want == accepted) {
			t.Errorf("%s: the reference says %v", a.name, got)
		}
	}
	for _, a := range slices.Concat(keyAttacks()...) {
		if got := referenceAccepts(a.token, publishedKeys()); got != (a.want == accepted) {
			t.Errorf("%s: the reference says %v", a.name, got)
		}
	}
	if _, err := strictValue(json.NewDecoder(strings.NewReader(""))); !errors.Is(err, io.EOF) {
		t.Errorf("nothing is a value: %v", err)
	}
}
