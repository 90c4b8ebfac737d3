package keyring

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/adapters/jwtauth/strictjson"
)

const (
	// MaxIDBytes is the longest kid that is accepted; Supabase's are UUIDs.
	MaxIDBytes = 256
	// minRSABits is what RFC 7518, section 3.3 asks; maxRSABits keeps one verification from costing milliseconds.
	minRSABits, maxRSABits = 2048, 8192
	// maxIgnoredKeys is how many of an answer's unusable keys are reported: a project publishes only a few keys.
	maxIgnoredKeys = 100
)

// The algorithms that a published key may be for, by their names in RFC 7518, section 3.1 and RFC 8037, section 3.1.
// EdDSA means only Ed25519.
const (
	ES256 = "ES256"
	RS256 = "RS256"
	EdDSA = "EdDSA"
)

// Key is one key that the project publishes. As long as it is published it is the same pointer.
type Key struct {
	// ID is its kid, Algorithm the only one that it may be used with.
	ID, Algorithm string
	// Material is an *ecdsa.PublicKey, an *rsa.PublicKey or an ed25519.PublicKey.
	Material interface{ Equal(crypto.PublicKey) bool }
	// known is when this copy of the service first saw it.
	known time.Time
}

func (k *Key) equal(other *Key) bool {
	return k.ID == other.ID && k.Algorithm == other.Algorithm && k.Material.Equal(other.Material)
}

// IgnoredKey is a published key that is not used.
type IgnoredKey struct {
	// ID is its kid; "" if it has none that could be used.
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

// jwk is the trusted part of a JSON Web Key (RFC 7517, section 4): no certificates, and no links to them.
type jwk struct {
	Type       strictjson.Text     `json:"kty"`
	Use        strictjson.Text     `json:"use"`
	Operations strictjson.TextList `json:"key_ops"`
	Algorithm  strictjson.Text     `json:"alg"`
	ID         strictjson.Text     `json:"kid"`
	Curve      strictjson.Text     `json:"crv"`
	X          strictjson.Text     `json:"x"`
	Y          strictjson.Text     `json:"y"`
	N          strictjson.Text     `json:"n"`
	E          strictjson.Text     `json:"e"`

	Secret   jsontext.Value `json:"k"`
	PrivateD jsontext.Value `json:"d"`
	PrivateP jsontext.Value `json:"p"`
	PrivateQ jsontext.Value `json:"q"`
}

// parseKeySet reads a JWK Set (RFC 7517, section 5). A key that can't be used is ignored, as the RFC asks, and
// reported. A document that is no key set is a fault.
func parseKeySet(document []byte) ([]*Key, []IgnoredKey, Fault) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	switch {
	case !jsontext.Value(document).IsValid():
		return nil, nil, FaultNotJSON
	case !strictjson.Decode(document, &set) || set.Keys == nil:
		return nil, nil, FaultNotAKeySet
	}
	var keys []*Key
	var ignored []IgnoredKey
	for _, raw := range set.Keys {
		if key, why := parseKey(raw); why == "" {
			keys = append(keys, key)
		} else {
			ignored = append(ignored, IgnoredKey{ID: usableID(raw), Why: why})
		}
	}
	keys, twins := withoutDuplicates(keys)
	ignored = append(ignored, twins...)
	return keys, ignored[:min(len(ignored), maxIgnoredKeys)], ""
}

// withoutDuplicates drops all keys of a kid that has two different keys, since nothing tells which one is meant.
func withoutDuplicates(keys []*Key) (unique []*Key, twins []IgnoredKey) {
	first, shared := map[string]*Key{}, map[string]bool{}
	for _, key := range keys {
		if other := first[key.ID]; other == nil {
			first[key.ID] = key
		} else if !other.equal(key) {
			shared[key.ID] = true
		}
	}
	for _, key := range keys {
		if shared[key.ID] {
			twins = append(twins, IgnoredKey{ID: key.ID, Why: whyDuplicate})
		} else if first[key.ID] == key {
			unique = append(unique, key)
		}
	}
	return unique, twins
}

func usableID(raw jsontext.Value) string {
	var key jwk
	if !strictjson.Decode(raw, &key) || len(key.ID.Value) > MaxIDBytes {
		return ""
	}
	return key.ID.Value
}

func parseKey(raw jsontext.Value) (key *Key, why string) {
	var published jwk
	if !strictjson.Decode(raw, &published) {
		return nil, whyNoJWK
	}
	if why := published.check(); why != "" {
		return nil, why
	}
	algorithm := published.algorithm()
	if algorithm == "" {
		return nil, whyUnsupported
	}
	if alg := published.Algorithm; alg.State != strictjson.Missing && alg.Value != algorithm {
		return nil, whyAlgorithm
	}
	material, why := published.material()
	if why != "" {
		return nil, why
	}
	return &Key{ID: published.ID.Value, Algorithm: algorithm, Material: material}, ""
}

// check refuses keys that are for another use (RFC 7517, sections 4.2 and 4.3).
func (j *jwk) check() (why string) {
	switch {
	case j.Type.Value == "oct" || j.Secret != nil:
		return whySymmetric
	case j.PrivateD != nil || j.PrivateP != nil || j.PrivateQ != nil:
		return whyPrivate
	case j.ID.Value == "" || len(j.ID.Value) > MaxIDBytes:
		return whyNoID
	case j.Use.State != strictjson.Missing && j.Use.Value != "sig":
		return whyUse
	case j.Operations.State != strictjson.Missing && !slices.Contains(j.Operations.Value, "verify"):
		return whyOperations
	}
	return ""
}

// algorithm returns the algorithm of keys of this kind and curve; "" if there is none.
func (j *jwk) algorithm() string {
	switch {
	case j.Type.Value == "EC" && j.Curve.Value == "P-256":
		return ES256
	case j.Type.Value == "RSA":
		return RS256
	case j.Type.Value == "OKP" && j.Curve.Value == "Ed25519":
		return EdDSA
	}
	return ""
}

// material decodes the key with jwkset, from its public parameters only: jwkset would refuse a key whose certificate
// does not parse, and would return a private key for a private parameter. Its strict padding follows RFC 7518, sections
// 6.2.1.2 and 6.3.1. It also checks that the point is on its curve.
func (j *jwk) material() (material interface{ Equal(crypto.PublicKey) bool }, why string) {
	parsed, err := jwkset.NewJWKFromMarshal(jwkset.JWKMarshal{
		KTY: jwkset.KTY(j.Type.Value), CRV: jwkset.CRV(j.Curve.Value),
		X: j.X.Value, Y: j.Y.Value, N: j.N.Value, E: j.E.Value,
	}, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{StrictPadding: true})
	if err != nil {
		return nil, whyMalformed
	}
	switch key := parsed.Key().(type) {
	case *ecdsa.PublicKey:
		return key, ""
	case *rsa.PublicKey:
		// No key has an even modulus or exponent; the exponent 1 would verify any signature.
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
