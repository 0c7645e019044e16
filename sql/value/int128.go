package value

import "math/bits"

// minInt128 is the one value without a positive counterpart.
var minInt128 = Int128{Hi: -1 << 63}

// Int128From widens a 64-bit integer.
func Int128From(v int64) Int128 { return Int128{Lo: uint64(v), Hi: v >> 63} }

// Int128FromUint64 widens an unsigned 64-bit integer.
func Int128FromUint64(v uint64) Int128 { return Int128{Lo: v} }

// MulInt64 returns the exact product of two 64-bit integers.
func MulInt64(a, b int64) Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi)
	h -= (a >> 63) & b
	h -= (b >> 63) & a
	return Int128{Lo: lo, Hi: h}
}

// Add returns a+b modulo 2^128.
func (a Int128) Add(b Int128) Int128 {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{Lo: lo, Hi: int64(uint64(a.Hi) + uint64(b.Hi) + c)}
}

// AddInt64 returns a+b modulo 2^128; it is the accumulation step of sums.
func (a Int128) AddInt64(b int64) Int128 {
	lo, c := bits.Add64(a.Lo, uint64(b), 0)
	return Int128{Lo: lo, Hi: int64(uint64(a.Hi) + uint64(b>>63) + c)}
}

// Sub returns a-b modulo 2^128.
func (a Int128) Sub(b Int128) Int128 {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	return Int128{Lo: lo, Hi: int64(uint64(a.Hi) - uint64(b.Hi) - c)}
}

// AddOverflow returns a+b modulo 2^128 and whether it left the range.
func (a Int128) AddOverflow(b Int128) (Int128, bool) {
	s := a.Add(b)
	return s, (a.Hi^s.Hi)&(b.Hi^s.Hi) < 0
}

// SubOverflow returns a-b modulo 2^128 and whether it left the range.
func (a Int128) SubOverflow(b Int128) (Int128, bool) {
	s := a.Sub(b)
	return s, (a.Hi^b.Hi)&(a.Hi^s.Hi) < 0
}

// Mul returns a*b modulo 2^128.
func (a Int128) Mul(b Int128) Int128 {
	hi, lo := bits.Mul64(a.Lo, b.Lo)
	return Int128{Lo: lo, Hi: int64(hi + uint64(a.Hi)*b.Lo + a.Lo*uint64(b.Hi))}
}

// MulOverflow returns a*b modulo 2^128 and whether it left the range.
func (a Int128) MulOverflow(b Int128) (Int128, bool) {
	if a.IsInt64() && b.IsInt64() {
		return MulInt64(int64(a.Lo), int64(b.Lo)), false
	}
	neg := (a.Hi ^ b.Hi) < 0
	w := mul128(a.magnitude(), b.magnitude())
	over := w[2]|w[3] != 0
	m := uint128{lo: w[0], hi: w[1]}
	r := m.signed(neg)
	if neg {
		return r, over || r.Hi > 0 || (r.Hi == 0 && r.Lo != 0)
	}
	return r, over || r.Hi < 0
}

// MulInt64 returns a*b modulo 2^128 and whether it left the range.
func (a Int128) MulInt64(b int64) (Int128, bool) {
	return a.MulOverflow(Int128From(b))
}

// Neg returns -a modulo 2^128 (the least value is its own negation).
func (a Int128) Neg() Int128 {
	lo, c := bits.Sub64(0, a.Lo, 0)
	return Int128{Lo: lo, Hi: int64(0 - uint64(a.Hi) - c)}
}

// Abs returns |a| modulo 2^128.
func (a Int128) Abs() Int128 {
	if a.Hi < 0 {
		return a.Neg()
	}
	return a
}

// Sign returns -1, 0 or 1.
func (a Int128) Sign() int {
	if a.Hi < 0 {
		return -1
	}
	if uint64(a.Hi)|a.Lo == 0 {
		return 0
	}
	return 1
}

// IsZero reports a = 0.
func (a Int128) IsZero() bool { return uint64(a.Hi)|a.Lo == 0 }

// Cmp returns -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a.Hi < b.Hi:
		return -1
	case a.Hi > b.Hi:
		return 1
	case a.Lo < b.Lo:
		return -1
	case a.Lo > b.Lo:
		return 1
	}
	return 0
}

// Less reports a < b without a branch on equality.
func (a Int128) Less(b Int128) bool {
	_, c := bits.Sub64(a.Lo, b.Lo, 0)
	_, v := bits.Sub64(uint64(a.Hi)^(1<<63), uint64(b.Hi)^(1<<63), c)
	return v != 0
}

// IsInt64 reports whether a fits 64 bits.
func (a Int128) IsInt64() bool { return a.Hi == int64(a.Lo)>>63 }

// Int64 returns the low 64 bits: a itself if IsInt64.
func (a Int128) Int64() int64 { return int64(a.Lo) }

// DivMod returns the quotient truncated toward zero and the remainder, which
// has the sign of a. b must not be zero.
func (a Int128) DivMod(b Int128) (q, r Int128) {
	if a.IsInt64() && b.IsInt64() && b.Lo != 1<<64-1 {
		x, y := int64(a.Lo), int64(b.Lo)
		return Int128From(x / y), Int128From(x % y)
	}
	uq, ur := a.magnitude().divMod(b.magnitude())
	return uq.signed((a.Hi ^ b.Hi) < 0), ur.signed(a.Hi < 0)
}

// DivRound returns a/b rounded to nearest, halves away from zero. b must not be
// zero.
func (a Int128) DivRound(b Int128) Int128 {
	m := b.magnitude()
	q, r := a.magnitude().divMod(m)
	// r ≥ m-r instead of 2r ≥ m, which could leave 128 bits.
	if !r.less(m.sub(r)) {
		q = q.add(uint128{lo: 1})
	}
	return q.signed((a.Hi ^ b.Hi) < 0)
}
