package value

import (
	"math"
	"math/big"
	"strconv"
)

// AppendInt128 appends a in decimal.
func AppendInt128(dst []byte, a Int128) []byte {
	if a.IsInt64() {
		return strconv.AppendInt(dst, int64(a.Lo), 10)
	}
	if a.Hi < 0 {
		dst = append(dst, '-')
	}
	q, low := a.magnitude().div1e19()
	if q == (uint128{}) {
		return strconv.AppendUint(dst, low, 10)
	}
	q, mid := q.div1e19()
	if q.lo != 0 {
		dst = strconv.AppendUint(dst, q.lo, 10)
		dst = appendPadded(dst, mid, 19)
	} else {
		dst = strconv.AppendUint(dst, mid, 10)
	}
	return appendPadded(dst, low, 19)
}

// appendPadded appends v with leading zeros to a width of at most 20.
func appendPadded(dst []byte, v uint64, width int) []byte {
	var buf [20]byte
	i := len(buf)
	for v != 0 {
		i--
		buf[i] = byte('0' + v%10)
		v /= 10
	}
	for len(buf)-i < width {
		i--
		buf[i] = '0'
	}
	return append(dst, buf[i:]...)
}

// String returns a in decimal.
func (a Int128) String() string { return string(AppendInt128(nil, a)) }

// Big returns a as a big integer.
func (a Int128) Big() *big.Int {
	m := a.magnitude()
	r := new(big.Int).SetUint64(m.hi)
	r.Lsh(r, 64).Add(r, new(big.Int).SetUint64(m.lo))
	if a.Hi < 0 {
		r.Neg(r)
	}
	return r
}

// Int128FromBig narrows a big integer; ok is false when it does not fit.
func Int128FromBig(v *big.Int) (r Int128, ok bool) {
	if v.BitLen() > 127 {
		if v.Sign() < 0 && v.Cmp(minInt128.Big()) == 0 {
			return minInt128, true
		}
		return Int128{}, false
	}
	var w [16]byte
	v.FillBytes(w[:]) // the magnitude
	m := uint128{}
	for i, b := range w {
		if i < 8 {
			m.hi = m.hi<<8 | uint64(b)
		} else {
			m.lo = m.lo<<8 | uint64(b)
		}
	}
	return m.signed(v.Sign() < 0), true
}

// Float64 returns the nearest double, halves to even.
func (a Int128) Float64() float64 {
	if a.IsInt64() {
		return float64(int64(a.Lo))
	}
	m := a.magnitude()
	if m.hi == 0 {
		f := float64(m.lo)
		if a.Hi < 0 {
			return -f
		}
		return f
	}
	// Keep the top 64 bits and fold the rest into a sticky bit, so that the
	// conversion of the word rounds once and correctly.
	s := uint(m.bitLen() - 64)
	top := m.hi<<(64-s) | m.lo>>s
	if m.lo<<(64-s) != 0 {
		top |= 1
	}
	f := math.Ldexp(float64(top), int(s))
	if a.Hi < 0 {
		return -f
	}
	return f
}

// Int128FromFloat64 returns f rounded to the nearest integer, halves to even;
// ok is false for NaN, infinities and out-of-range numbers.
func Int128FromFloat64(f float64) (r Int128, ok bool) {
	f = math.RoundToEven(f)
	if !(f >= -0x1p127 && f < 0x1p127) {
		return Int128{}, false
	}
	if f >= -0x1p63 && f < 0x1p63 {
		return Int128From(int64(f)), true
	}
	frac, exp := math.Frexp(math.Abs(f))
	mant := uint64(math.Ldexp(frac, 53))
	s := uint(exp - 53)
	m := uint128{lo: mant << s, hi: mant >> (64 - s)}
	if s >= 64 {
		m = uint128{hi: mant << (s - 64)}
	}
	return m.signed(f < 0), true
}
