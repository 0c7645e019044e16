package value

import "math/bits"

// Avg returns sum × 10^-scale / count at PostgreSQL's scale of avg(). A sum over
// 38 digits is an error, count 0 a division by zero.
func Avg(sum Int128, scale int, count int64) (Numeric, error) {
	if v, ok := avg64(sum, scale, count); ok {
		return v, nil
	}
	s, err := finite(sum, scale)
	if err != nil {
		return Numeric{}, err
	}
	return s.Div(NumericFromInt64(count))
}

// avg64 is Avg where sum and quotient have 64 bits and no power of ten more.
func avg64(sum Int128, scale int, count int64) (Numeric, bool) {
	if sum.Hi != int64(sum.Lo)>>63 || sum.Lo == 0 || count <= 0 || scale < 0 || scale >= len(Pow10Int64) {
		return Numeric{}, false
	}
	m, negative := sum.Lo, sum.Hi < 0
	if negative {
		m = -m
	}
	w1, d1 := leadingGroup64(m, scale)
	w2, d2 := leadingGroup64(uint64(count), 0)
	quotient := w1 - w2
	if d1 <= d2 {
		quotient--
	}
	to := min(max(minSignificant-quotient*4, scale), maxDisplayScale)
	k := to - scale
	if k < 0 || k >= len(Pow10Int64) {
		return Numeric{}, false
	}
	hi, lo := bits.Mul64(m, uint64(Pow10Int64[k]))
	n := uint64(count)
	if hi >= n {
		return Numeric{}, false
	}
	q, r := bits.Div64(hi, lo, n)
	if r >= n-r {
		q++
	}
	if q == 0 || q > 1<<63-1 {
		return Numeric{}, false
	}
	c := Int128{Lo: q}
	if negative {
		c = Int128{Lo: -q, Hi: -1}
	}
	return Numeric{Coef: c, Scale: int16(to)}, true
}

// leadingGroup64 is leadingGroup of m × 10^-scale, m not 0.
func leadingGroup64(m uint64, scale int) (weight, digit int) {
	weight = floorDiv(digits64(m)-1-scale, 4)
	shift := scale + weight*4
	if shift < 0 {
		return weight, int(m) * int(Pow10Int64[-shift])
	}
	return weight, int(m / uint64(Pow10Int64[shift]))
}

// digits64 is how many decimal digits m has, m not 0.
func digits64(m uint64) int {
	n := bits.Len64(m) * 1233 >> 12 // log10(2), rounded down: right or one too few
	if n < len(Pow10Int64) && m >= uint64(Pow10Int64[n]) {
		n++
	}
	return n
}
