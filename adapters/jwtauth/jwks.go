package jwtauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// maxKeyIDBytes is more than any kid has: Supabase's are UUIDs.
	maxKeyIDBytes = 256
	// minRSABits is what RFC 7518, section 3.3 asks; maxRSABits keeps one verification from costing milliseconds.
	minRSABits, maxRSABits = 2048, 8192
	// maxIgnoredKeys is how many of an answer's unusable keys are told: a project publishes a handful of keys at all.
	maxIgnoredKeys = 100
)

// signingMethods are those that verify with a published key, by the one alg that a key of theirs may be used with.
var signingMethods = map[string]jwt.SigningMethod{
	ES256: jwt.SigningMethodES256,
	RS256: jwt.SigningMethodRS256,
	EdDSA: jwt.SigningMethodEdDSA,
}

// publicKey is one key that the project publishes. As long as it is published it is the same pointer.
type publicKey struct {
	id        string
	algorithm string
	material  interface{ Equal(crypto.PublicKey) bool }
	// known is when this service first saw it.
	known time.Time
}

func (k *publicKey) equal(other *publicKey) bool {
	return k.id == other.id && k.algorithm == other.algorithm && k.material.Equal(other.material)
}

// IgnoredKey is a published key that is not used.
type IgnoredKey struct {
	// ID is its kid; "" where it has none that could be used.
	ID string
	// Why is one of a closed set of phrases that follow "it": "is shorter than 2048 bits".
	Why string
}

// Why a published key is not used.
const (
	whyNoJWK       = "is not a JSON Web Key"
	whyNoID        = "has no kid of 1 to 256 bytes"
	whySymmetric   = "is a shared secret, which must never be published"
	whyPrivate     = "is a private key, which must never be published"
	whyUse         = "is not for signatures (use)"
	whyOperations  = "is not for verifying (key_ops)"
	whyUnsupported = "is of a kind or curve that is not supported"
	whyAlgorithm   = "is for an algorithm that is not supported or not of its kind (alg)"
	whyWeak        = "is weaker or longer than is allowed"
	whyMalformed   = "holds no valid public key"
	whyDuplicate   = "shares its kid with another key"
)

// jwk is a JSON Web Key (RFC 7517, section 4), as far as it is believed: certificates and what points to them are not.
type jwk struct {
	Type       text     `json:"kty"`
	Use        text     `json:"use"`
	Operations textList `json:"key_ops"`
	Algorithm  text     `json:"alg"`
	ID         text     `json:"kid"`
	Curve      text     `json:"crv"`
	X          text     `json:"x"`
	Y          text     `json:"y"`
	N          text     `json:"n"`
	E          text     `json:"e"`

	Secret   jsontext.Value `json:"k"`
	PrivateD jsontext.Value `json:"d"`
	PrivateP jsontext.Value `json:"p"`
	PrivateQ jsontext.Value `json:"q"`
}

// parseKeySet reads a JWK Set (RFC 7517, section 5). A key that can't be used is ignored, as the RFC asks, and told;
// a document that is none of the kind gives a fault.
func parseKeySet(document []byte) ([]*publicKey, []IgnoredKey, KeyFault) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	switch {
	case !jsontext.Value(document).IsValid():
		return nil, nil, FaultNotJSON
	case !decodeObject(document, &set) || set.Keys == nil:
		return nil, nil, FaultNotAKeySet
	}
	var keys []*publicKey
	var ignored []IgnoredKey
	for _, raw := range set.Keys {
		if key, why := parseKey(raw); why == "" {
			keys = append(keys, key)
		} else {
			ignored = append(ignored, IgnoredKey{ID: usableID(raw), Why: why})
		}
	}
	keys, twins := withoutTwins(keys)
	ignored = append(ignored, twins...)
	return keys, ignored[:min(len(ignored), maxIgnoredKeys)], ""
}

// withoutTwins drops all keys of a kid under which two different ones are published: which of them is meant is a guess.
func withoutTwins(keys []*publicKey) (unique []*publicKey, twins []IgnoredKey) {
	first, shared := map[string]*publicKey{}, map[string]bool{}
	for _, key := range keys {
		if other := first[key.id]; other == nil {
			first[key.id] = key
		} else if !other.equal(key) {
			shared[key.id] = true
		}
	}
	for _, key := range keys {
		if shared[key.id] {
			twins = append(twins, IgnoredKey{ID: key.id, Why: whyDuplicate})
		} else if first[key.id] == key {
			unique = append(unique, key)
		}
	}
	return unique, twins
}

func usableID(raw jsontext.Value) string {
	var key jwk
	if !decodeObject(raw, &key) || len(key.ID.value) > maxKeyIDBytes {
		return ""
	}
	return key.ID.value
}

func parseKey(raw jsontext.Value) (key *publicKey, why string) {
	var published jwk
	if !decodeObject(raw, &published) {
		return nil, whyNoJWK
	}
	if why := published.check(); why != "" {
		return nil, why
	}
	algorithm := published.algorithm()
	if algorithm == "" {
		return nil, whyUnsupported
	}
	if alg := published.Algorithm; alg.state != missing && alg.value != algorithm {
		return nil, whyAlgorithm
	}
	material, why := published.material()
	if why != "" {
		return nil, why
	}
	return &publicKey{id: published.ID.value, algorithm: algorithm, material: material}, ""
}

// check respects what the key says it is for (RFC 7517, sections 4.2 and 4.3).
func (j *jwk) check() (why string) {
	switch {
	case j.Type.value == "oct" || j.Secret != nil:
		return whySymmetric
	case j.PrivateD != nil || j.PrivateP != nil || j.PrivateQ != nil:
		return whyPrivate
	case j.ID.value == "" || len(j.ID.value) > maxKeyIDBytes:
		return whyNoID
	case j.Use.state != missing && j.Use.value != "sig":
		return whyUse
	case j.Operations.state != missing && !slices.Contains(j.Operations.value, "verify"):
		return whyOperations
	}
	return ""
}

// algorithm is the one that keys of this kind and curve are used with; "" where there is none.
func (j *jwk) algorithm() string {
	switch {
	case j.Type.value == "EC" && j.Curve.value == "P-256":
		return ES256
	case j.Type.value == "RSA":
		return RS256
	case j.Type.value == "OKP" && j.Curve.value == "Ed25519":
		return EdDSA
	}
	return ""
}

// material leaves the decoding to jwkset and hands it nothing but the public parameters: a certificate that does not
// parse would cost it the key, and a private parameter would make it a private key. Its strict padding is what
// RFC 7518, sections 6.2.1.2 and 6.3.1 ask; that the point is on its curve is checked there.
func (j *jwk) material() (material interface{ Equal(crypto.PublicKey) bool }, why string) {
	parsed, err := jwkset.NewJWKFromMarshal(jwkset.JWKMarshal{
		KTY: jwkset.KTY(j.Type.value), CRV: jwkset.CRV(j.Curve.value),
		X: j.X.value, Y: j.Y.value, N: j.N.value, E: j.E.value,
	}, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{StrictPadding: true})
	if err != nil {
		return nil, whyMalformed
	}
	switch key := parsed.Key().(type) {
	case *ecdsa.PublicKey:
		return key, ""
	case *rsa.PublicKey:
		// An even modulus or exponent belongs to no key; 1 as exponent would verify anything.
		if key.N.Bit(0) == 0 || key.E%2 == 0 {
			return nil, whyMalformed
		}
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits || key.E < 3 {
			return nil, whyWeak
		}
		return key, ""
	case ed25519.PublicKey:
		return key, checkEd25519(key)
	}
	return nil, whyUnsupported
}
