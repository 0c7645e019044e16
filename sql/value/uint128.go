package value

import "math/bits"

// uint128 is the magnitude on which division and scaling work.
type uint128 struct{ lo, hi uint64 }

func (a Int128) magnitude() uint128 {
	if a.Hi < 0 {
		a = a.Neg()
	}
	return uint128{lo: a.Lo, hi: uint64(a.Hi)}
}

func (m uint128) signed(neg bool) Int128 {
	r := Int128{Lo: m.lo, Hi: int64(m.hi)}
	if neg {
		return r.Neg()
	}
	return r
}

func (m uint128) add(n uint128) uint128 {
	lo, c := bits.Add64(m.lo, n.lo, 0)
	return uint128{lo: lo, hi: m.hi + n.hi + c}
}

func (m uint128) sub(n uint128) uint128 {
	lo, c := bits.Sub64(m.lo, n.lo, 0)
	return uint128{lo: lo, hi: m.hi - n.hi - c}
}

func (m uint128) less(n uint128) bool {
	return m.hi < n.hi || m.hi == n.hi && m.lo < n.lo
}

func (m uint128) bitLen() int {
	if m.hi != 0 {
		return 64 + bits.Len64(m.hi)
	}
	return bits.Len64(m.lo)
}

// divMod divides by n ≠ 0.
func (m uint128) divMod(n uint128) (q, r uint128) {
	if n.hi == 0 {
		q.hi, r.lo = m.hi/n.lo, m.hi%n.lo
		q.lo, r.lo = bits.Div64(r.lo, m.lo, n.lo)
		return q, r
	}
	// Knuth's algorithm D for one quotient word: divide by the normalized top
	// word, then correct, at most twice.
	s := uint(bits.LeadingZeros64(n.hi))
	top := n.hi<<s | n.lo>>1>>(63-s)
	hi, lo := m.hi>>1, m.hi<<63|m.lo>>1
	est, _ := bits.Div64(hi, lo, top)
	est >>= 63 - s
	if est != 0 {
		est--
	}
	r = m.sub(n.mul64(est))
	if !r.less(n) {
		est++
		r = r.sub(n)
	}
	return uint128{lo: est}, r
}

func (m uint128) mul64(b uint64) uint128 {
	hi, lo := bits.Mul64(m.lo, b)
	return uint128{lo: lo, hi: hi + m.hi*b}
}

// uint256 is a product of two magnitudes, low word first.
type uint256 [4]uint64

func mul128(a, b uint128) uint256 {
	var w uint256
	h00, l00 := bits.Mul64(a.lo, b.lo)
	h01, l01 := bits.Mul64(a.lo, b.hi)
	h10, l10 := bits.Mul64(a.hi, b.lo)
	h11, l11 := bits.Mul64(a.hi, b.hi)
	var c, c2 uint64
	w[0] = l00
	w[1], c = bits.Add64(h00, l01, 0)
	w[2], c = bits.Add64(h01, l11, c)
	w[3] = h11 + c
	w[1], c2 = bits.Add64(w[1], l10, 0)
	w[2], c2 = bits.Add64(w[2], h10, c2)
	w[3] += c2
	return w
}

// divMod divides a 256-bit number by n ≠ 0; ok is false when the quotient
// needs more than 128 bits.
func (w uint256) divMod(n uint128) (q, r uint128, ok bool) {
	top := uint128{lo: w[2], hi: w[3]}
	if top == (uint128{}) {
		q, r = uint128{lo: w[0], hi: w[1]}.divMod(n)
		return q, r, true
	}
	if !top.less(n) {
		return q, r, false
	}
	if n.hi == 0 {
		q.hi, r.lo = bits.Div64(w[2], w[1], n.lo)
		q.lo, r.lo = bits.Div64(r.lo, w[0], n.lo)
		return q, r, true
	}
	s := uint(bits.LeadingZeros64(n.hi))
	d := uint128{lo: n.lo << s, hi: n.hi<<s | n.lo>>1>>(63-s)}
	x3 := w[3]<<s | w[2]>>1>>(63-s)
	x2 := w[2]<<s | w[1]>>1>>(63-s)
	x1 := w[1]<<s | w[0]>>1>>(63-s)
	x0 := w[0] << s
	q.hi, x3, x2 = div3by2(x3, x2, x1, d)
	q.lo, x2, x1 = div3by2(x3, x2, x0, d)
	r = uint128{lo: x1>>s | x2<<1<<(63-s), hi: x2 >> s}
	return q, r, true
}

// div3by2 divides (a2,a1,a0) by the normalized d, given (a2,a1) < d, and
// returns the quotient word and the remainder (high, low).
func div3by2(a2, a1, a0 uint64, d uint128) (q, rh, rl uint64) {
	var rem, carry uint64
	if a2 >= d.hi {
		q = 1<<64 - 1
		rem, carry = bits.Add64(a1, d.hi, 0)
	} else {
		q, rem = bits.Div64(a2, a1, d.hi)
	}
	for carry == 0 {
		h, l := bits.Mul64(q, d.lo)
		if h < rem || h == rem && l <= a0 {
			break
		}
		q--
		rem, carry = bits.Add64(rem, d.hi, 0)
	}
	p := d.mul64(q)
	r := uint128{lo: a0, hi: a1}.sub(p)
	return q, r.hi, r.lo
}
