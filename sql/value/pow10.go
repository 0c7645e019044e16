package value

import "math/bits"

// MaxDigits is the most decimal digits that a numeric's coefficient holds.
const MaxDigits = 38

// Pow10Int64 holds 10^0 … 10^18.
var Pow10Int64 = [19]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// Pow10Int128 holds 10^0 … 10^38.
var Pow10Int128 = pow10Int128()

func pow10Int128() (t [MaxDigits + 1]Int128) {
	t[0] = Int128{Lo: 1}
	for i := 1; i < len(t); i++ {
		t[i] = t[i-1].Mul(Int128{Lo: 10})
	}
	return t
}

// Digits returns the number of decimal digits of |a|; zero has one.
func (a Int128) Digits() int {
	m := a.magnitude()
	// log10(2) ≈ 1233/4096 gives the count or one less.
	n := (m.bitLen() * 1233) >> 12
	if n >= len(Pow10Int128) {
		return n
	}
	p := Pow10Int128[n]
	if !m.less(uint128{lo: p.Lo, hi: uint64(p.Hi)}) {
		n++
	}
	return max(n, 1)
}

// FitsDigits reports |a| < 10^n; n may be anything.
func (a Int128) FitsDigits(n int) bool {
	if n < 0 {
		return false
	}
	if n > MaxDigits {
		return true
	}
	p := Pow10Int128[n]
	return a.Less(p) && p.Neg().Less(a)
}

// ScaleUp returns a × 10^n; overflow reports that the result needs more than 38
// digits. n ≥ 0.
func (a Int128) ScaleUp(n int) (r Int128, overflow bool) {
	if n == 0 {
		return a, !a.FitsDigits(MaxDigits)
	}
	if n > MaxDigits {
		return Int128{}, !a.IsZero()
	}
	if n <= 18 && a.IsInt64() { // two words of 63 bits make at most 37 digits
		return MulInt64(a.Int64(), Pow10Int64[n]), false
	}
	if !a.FitsDigits(MaxDigits - n) {
		return Int128{}, true
	}
	return a.Mul(Pow10Int128[n]), false
}

// ScaleDown returns a / 10^n rounded to nearest, halves away from zero. n ≥ 0.
func (a Int128) ScaleDown(n int) Int128 {
	if n == 0 {
		return a
	}
	if n > MaxDigits {
		return Int128{}
	}
	return a.DivRound(Pow10Int128[n])
}

// ScaleDownTrunc returns a / 10^n truncated toward zero. n ≥ 0.
func (a Int128) ScaleDownTrunc(n int) Int128 {
	if n > MaxDigits {
		return Int128{}
	}
	q, _ := a.DivMod(Pow10Int128[n])
	return q
}

// div1e19 divides a magnitude by 10^19, the largest power in a word.
func (m uint128) div1e19() (q uint128, r uint64) {
	const d = 10_000_000_000_000_000_000
	q.hi = m.hi / d
	q.lo, r = bits.Div64(m.hi%d, m.lo, d)
	return q, r
}
