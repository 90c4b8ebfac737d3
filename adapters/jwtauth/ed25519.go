package jwtauth

import (
	"crypto/ed25519"
	"math/big"
	"slices"
)

// The field and the curve of Ed25519 (RFC 8032, section 5.1): -x² + y² = 1 + dx²y² modulo p.
var (
	one      = big.NewInt(1)
	fieldEd  = new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	constant = func() *big.Int {
		inverse := new(big.Int).ModInverse(big.NewInt(121666), fieldEd)
		return inverse.Mul(inverse, big.NewInt(-121665)).Mod(inverse, fieldEd)
	}()
)

// checkEd25519 refuses what crypto/ed25519 does not look at before it verifies: bytes that are no point of the curve,
// and the eight points of small order, under which one signature fits any message.
func checkEd25519(key ed25519.PublicKey) (why string) {
	bytes := slices.Clone([]byte(key))
	bytes[31] &= 0x7f // the sign of x
	slices.Reverse(bytes)
	y := new(big.Int).SetBytes(bytes)
	if y.Cmp(fieldEd) >= 0 {
		return whyMalformed
	}
	// x² = (y²-1) / (dy²+1): a square where the product of both is one, since dy²+1 is never zero.
	square := new(big.Int).Mul(y, y)
	numerator := new(big.Int).Sub(square, one)
	denominator := new(big.Int).Mul(constant, square)
	denominator.Add(denominator, one)
	product := new(big.Int).Mul(numerator, denominator)
	if big.Jacobi(product.Mod(product, fieldEd), fieldEd) == -1 {
		return whyMalformed
	}
	if hasSmallOrder(y, square) {
		return whyWeak
	}
	return ""
}

// hasSmallOrder knows the points whose eightfold is the neutral one by their y: 1 and -1 (order 1 and 2), 0 (order 4),
// and the roots of dy⁴+2y²-1 (order 8: doubled they have y = 0).
func hasSmallOrder(y, square *big.Int) bool {
	eighth := new(big.Int).Mul(constant, square)
	eighth.Add(eighth, big.NewInt(2)).Mul(eighth, square).Sub(eighth, one).Mod(eighth, fieldEd)
	minusOne := new(big.Int).Sub(fieldEd, one)
	return y.Sign() == 0 || y.Cmp(one) == 0 || y.Cmp(minusOne) == 0 || eighth.Sign() == 0
}
