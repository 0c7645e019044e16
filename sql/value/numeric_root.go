package value

import (
	"math"
	"math/big"
	"math/bits"
)

// RootAt returns the square root of a finite a ≥ 0 rounded to the nearest number of
// that scale, as PostgreSQL's deviations have it.
func (a Numeric) RootAt(scale int) (Numeric, error) {
	shift := 2*scale - int(a.Scale)
	if shift >= 0 && shift <= MaxDigits {
		p := Pow10Int128[shift]
		w := mul128(a.Coef.magnitude(), uint128{lo: p.Lo, hi: uint64(p.Hi)})
		if w[2]|w[3] == 0 {
			return finite(uint128{lo: w[0], hi: w[1]}.root().signed(false), scale)
		}
	}
	x := a.Coef.Big()
	x.Mul(x, bigPow10(max(shift, 0)))
	r := new(big.Int).Sqrt(x)
	if d := new(big.Int).Sub(x, new(big.Int).Mul(r, r)); d.Cmp(r) > 0 {
		r.Add(r, big.NewInt(1))
	}
	return finiteBig(r, scale)
}

// root is the square root rounded to nearest: a guess in floating point has 53 bits
// right, one of Newton's steps makes that all but the last of 64.
func (m uint128) root() uint128 {
	if m == (uint128{}) {
		return m
	}
	guess := math.Sqrt(float64(m.hi)*(1<<64) + float64(m.lo))
	r := uint64(math.MaxUint64)
	if guess < 1<<64 {
		r = uint64(guess)
	}
	if m.hi < r {
		q, _ := bits.Div64(m.hi, m.lo, r)
		sum, carry := bits.Add64(r, q, 0)
		r = sum>>1 | carry<<63
	}
	for m.less(square(r)) {
		r--
	}
	rest := m.sub(square(r))
	for r < math.MaxUint64 && !rest.less(uint128{lo: r << 1, hi: r >> 63}.add(uint128{lo: 1})) { // (r+1)² ≤ m
		r++
		rest = m.sub(square(r))
	}
	whole := uint128{lo: r}
	if whole.less(rest) { // over r + 1/2
		return whole.add(uint128{lo: 1})
	}
	return whole
}

func square(x uint64) uint128 {
	hi, lo := bits.Mul64(x, x)
	return uint128{lo: lo, hi: hi}
}
