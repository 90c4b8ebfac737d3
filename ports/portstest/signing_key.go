package portstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
)

// SigningKey signs test tokens as a project with asymmetric keys does, by the standard library alone.
type SigningKey struct {
	// ID is its kid.
	ID string
	// Algorithm is ES256, RS256 or EdDSA.
	Algorithm string
	// Private is an *ecdsa.PrivateKey on P-256, an *rsa.PrivateKey or an ed25519.PrivateKey.
	Private crypto.Signer
}

// NewES256Key makes a key on the curve P-256.
func NewES256Key(id string) SigningKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return SigningKey{ID: id, Algorithm: "ES256", Private: mustMake(private, err)}
}

// NewRS256Key makes a key with this number of bits; 2048 take some tenths of a second.
func NewRS256Key(id string, bits int) SigningKey {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	return SigningKey{ID: id, Algorithm: "RS256", Private: mustMake(private, err)}
}

// NewEdDSAKey makes a key for Ed25519.
func NewEdDSAKey(id string) SigningKey {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return SigningKey{ID: id, Algorithm: "EdDSA", Private: mustMake(private, err)}
}

func mustMake(private crypto.Signer, err error) crypto.Signer {
	if err != nil {
		panic("portstest: " + err.Error())
	}
	return private
}

// Header is the header of its tokens, as Supabase writes it.
func (k SigningKey) Header() string {
	return Claims{"alg": k.Algorithm, "kid": k.ID, "typ": "JWT"}.JSON()
}

// Token makes a token of claims with the usual header.
func (k SigningKey) Token(claims Claims) string { return k.Sign(k.Header(), claims.JSON()) }

// Sign makes a token of any header and payload, valid JSON or not.
func (k SigningKey) Sign(headerJSON, payloadJSON string) string {
	signed := EncodePart(headerJSON) + "." + EncodePart(payloadJSON)
	return signed + "." + EncodePart(string(k.Signature(signed)))
}

// Signature signs what a token says: for ES256 r and s of 32 bytes each (RFC 7518, section 3.4), for RS256 PKCS #1 v1.5,
// for EdDSA as RFC 8032 has it.
func (k SigningKey) Signature(signed string) []byte {
	hash := sha256.Sum256([]byte(signed))
	switch private := k.Private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, hash[:])
		if err != nil {
			panic("portstest: " + err.Error())
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case *rsa.PrivateKey:
		signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, hash[:])
		if err != nil {
			panic("portstest: " + err.Error())
		}
		return signature
	case ed25519.PrivateKey:
		return ed25519.Sign(private, []byte(signed))
	default:
		panic(fmt.Sprintf("portstest: no signature is made with a %T", private))
	}
}

// JWK is its public half as Supabase publishes it. It may be changed with With and Without.
func (k SigningKey) JWK() Claims {
	published := Claims{"kid": k.ID, "alg": k.Algorithm, "use": "sig", "key_ops": []string{"verify"}, "ext": true}
	switch public := k.Private.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		if err != nil {
			panic("portstest: " + err.Error())
		}
		return published.With("kty", "EC").With("crv", "P-256").
			With("x", EncodePart(string(point[1:33]))).With("y", EncodePart(string(point[33:])))
	case *rsa.PublicKey:
		return published.With("kty", "RSA").
			With("n", EncodePart(string(public.N.Bytes()))).
			With("e", EncodePart(string(big.NewInt(int64(public.E)).Bytes())))
	case ed25519.PublicKey:
		return published.With("kty", "OKP").With("crv", "Ed25519").With("x", EncodePart(string(public)))
	default:
		panic(fmt.Sprintf("portstest: a %T is not published", public))
	}
}

// JWKS is the document that publishes keys; with none it is what a project with only a JWT secret publishes.
func JWKS(keys ...Claims) string {
	document, err := json.Marshal(map[string][]Claims{"keys": append([]Claims{}, keys...)})
	if err != nil {
		panic("portstest: " + err.Error())
	}
	return string(document)
}
