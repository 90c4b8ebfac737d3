package keyring

import (
	"bytes"
	"crypto/ed25519"

	"filippo.io/edwards25519"
)

// checkEd25519 refuses keys that crypto/ed25519 does not check before it verifies: bytes that are no point of the curve
// or not its canonical encoding (RFC 8032, section 5.1.3), and the eight points of small order, with which one
// signature fits any message.
func checkEd25519(key ed25519.PublicKey) (why string) {
	point, err := new(edwards25519.Point).SetBytes(key)
	if err != nil {
		return whyMalformed
	}
	const sign = 0x80 // of x, in the last byte
	canonical := point.Bytes()
	canonical[31] = canonical[31]&^sign | key[31]&sign
	if !bytes.Equal(canonical, key) {
		return whyMalformed
	}
	if new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return whyWeak
	}
	return ""
}
