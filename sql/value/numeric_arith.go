package value

import (
	"math/big"
	"math/bits"
)

// Add returns a+b at the greater display scale.
func (a Numeric) Add(b Numeric) (Numeric, error) {
	if a.Kind|b.Kind != Finite {
		return addSpecial(a, b), nil
	}
	x, y, scale, ok := align(a, b)
	if !ok {
		return Numeric{}, ErrNumericOverflow()
	}
	// Two numbers of 38 digits may leave 128 bits.
	sum, overflow := x.AddOverflow(y)
	if overflow {
		return Numeric{}, ErrNumericOverflow()
	}
	return finite(sum, scale)
}

// Sub returns a-b at the greater display scale.
func (a Numeric) Sub(b Numeric) (Numeric, error) { return a.Add(b.Neg()) }

func addSpecial(a, b Numeric) Numeric {
	switch {
	case a.Kind == Finite:
		return Numeric{Kind: b.Kind}
	case b.Kind == Finite || a.Kind == b.Kind:
		return Numeric{Kind: a.Kind}
	}
	return Numeric{Kind: NaN} // a NaN, or opposite infinities
}

// align brings both coefficients to the greater scale; ok is false when one
// then needs more than 38 digits.
func align(a, b Numeric) (x, y Int128, scale int, ok bool) {
	x, y = a.Coef, b.Coef
	var overflow bool
	switch {
	case a.Scale < b.Scale:
		x, overflow = x.ScaleUp(int(b.Scale) - int(a.Scale))
	case a.Scale > b.Scale:
		y, overflow = y.ScaleUp(int(a.Scale) - int(b.Scale))
	}
	return x, y, int(max(a.Scale, b.Scale)), !overflow
}

// Neg returns -a.
func (a Numeric) Neg() Numeric {
	switch a.Kind {
	case Finite:
		a.Coef = a.Coef.Neg()
	case PosInf:
		a.Kind = NegInf
	case NegInf:
		a.Kind = PosInf
	}
	return a
}

// Abs returns |a|.
func (a Numeric) Abs() Numeric {
	if a.Sign() < 0 {
		return a.Neg()
	}
	return a
}

// Mul returns a×b, exactly; its display scale is the sum of both.
func (a Numeric) Mul(b Numeric) (Numeric, error) {
	if a.Kind|b.Kind != Finite {
		return mulSpecial(a, b), nil
	}
	p, overflow := a.Coef.MulOverflow(b.Coef)
	if overflow {
		return Numeric{}, ErrNumericOverflow()
	}
	return finite(p, int(a.Scale)+int(b.Scale))
}

func mulSpecial(a, b Numeric) Numeric {
	s := a.Sign() * b.Sign()
	if a.Kind == NaN || b.Kind == NaN || s == 0 {
		return Numeric{Kind: NaN}
	}
	return infinity(s)
}

func infinity(sign int) Numeric {
	if sign < 0 {
		return Numeric{Kind: NegInf}
	}
	return Numeric{Kind: PosInf}
}

// Div returns a/b, rounded to the display scale that PostgreSQL chooses: at
// least 16 significant digits and no fewer decimals than either operand.
func (a Numeric) Div(b Numeric) (Numeric, error) {
	if a.Kind|b.Kind != Finite {
		return divSpecial(a, b)
	}
	if b.Coef.IsZero() {
		return Numeric{}, ErrDivisionByZero()
	}
	scale := divisionScale(a, b)
	if q, ok := divWord(a, b, scale); ok {
		return q, nil
	}
	return divScale(a, b, scale)
}

// divWord is divScale for operands of 64 bits, as most are.
func divWord(a, b Numeric, scale int) (q Numeric, ok bool) {
	k := scale + int(b.Scale) - int(a.Scale)
	if k < 0 || k >= len(Pow10Int64) || !a.Coef.IsInt64() || !b.Coef.IsInt64() {
		return q, false
	}
	m := b.Coef.magnitude().lo
	hi, lo := bits.Mul64(a.Coef.magnitude().lo, uint64(Pow10Int64[k]))
	w := uint128{hi: hi / m}
	w.lo, lo = bits.Div64(hi%m, lo, m)
	if lo >= m-lo {
		w = w.add(uint128{lo: 1})
	}
	return Numeric{Coef: w.signed((a.Coef.Hi ^ b.Coef.Hi) < 0), Scale: int16(scale)}, w.hi < divWordHigh
}

// divWordHigh is the high word of 10^38.
const divWordHigh = 5421010862427522170

func divSpecial(a, b Numeric) (Numeric, error) {
	switch {
	case a.Kind == NaN || b.Kind == NaN:
		return Numeric{Kind: NaN}, nil
	case a.Kind != Finite && b.Kind != Finite:
		return Numeric{Kind: NaN}, nil
	case a.Kind != Finite:
		if b.Coef.IsZero() {
			return Numeric{}, ErrDivisionByZero()
		}
		return infinity(a.Sign() * b.Sign()), nil
	}
	return Numeric{}, nil // finite by infinite
}

// divScale returns a/b rounded to a scale not below a's.
func divScale(a, b Numeric, scale int) (Numeric, error) {
	k := scale + int(b.Scale) - int(a.Scale)
	if k < 0 || k > MaxDigits {
		return divBig(a, b, k, scale)
	}
	p := Pow10Int128[k]
	m := b.Coef.magnitude()
	q, r, ok := mul128(a.Coef.magnitude(), uint128{lo: p.Lo, hi: uint64(p.Hi)}).divMod(m)
	if !ok || q.hi>>63 != 0 {
		return Numeric{}, ErrNumericOverflow()
	}
	if !r.less(m.sub(r)) {
		q = q.add(uint128{lo: 1})
	}
	return finite(q.signed((a.Coef.Hi^b.Coef.Hi) < 0), scale)
}

// divBig is divScale for exponents beyond the table.
func divBig(a, b Numeric, k, scale int) (Numeric, error) {
	x, y := a.Coef.Big(), b.Coef.Big()
	if k >= 0 {
		x.Mul(x, bigPow10(k))
	} else {
		y.Mul(y, bigPow10(-k))
	}
	return finiteBig(roundQuo(x, y), scale)
}

func bigPow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// roundQuo returns x/y rounded to nearest, halves away from zero.
func roundQuo(x, y *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	r.Abs(r).Lsh(r, 1)
	if r.CmpAbs(y) >= 0 {
		if x.Sign()*y.Sign() < 0 {
			return q.Sub(q, big.NewInt(1))
		}
		return q.Add(q, big.NewInt(1))
	}
	return q
}

func finiteBig(v *big.Int, scale int) (Numeric, error) {
	c, ok := Int128FromBig(v)
	if !ok {
		return Numeric{}, ErrNumericOverflow()
	}
	return finite(c, scale)
}

// minSignificant is PostgreSQL's NUMERIC_MIN_SIG_DIGITS, and maxDisplayScale
// its NUMERIC_MAX_DISPLAY_SCALE.
const (
	minSignificant  = 16
	maxDisplayScale = 1000
)

// divisionScale is PostgreSQL's select_div_scale.
func divisionScale(a, b Numeric) int {
	w1, d1 := a.leadingGroup()
	w2, d2 := b.leadingGroup()
	quotient := w1 - w2
	if d1 <= d2 {
		quotient--
	}
	scale := minSignificant - quotient*4
	scale = max(scale, int(a.Scale), int(b.Scale))
	return min(scale, maxDisplayScale)
}

// leadingGroup returns the weight and the value of the first nonzero digit in
// base 10000, in which PostgreSQL counts; zero has weight 0.
func (a Numeric) leadingGroup() (weight, digit int) {
	if a.Coef.IsZero() {
		return 0, 0
	}
	m := a.Coef.Abs()
	if m.Hi == 0 && a.Scale < 18 {
		return leadingWord(m.Lo, int(a.Scale))
	}
	weight = floorDiv(m.Digits()-1-int(a.Scale), 4)
	shift := int(a.Scale) + weight*4
	if shift < 0 {
		return weight, int(m.Lo) * int(Pow10Int64[-shift])
	}
	return weight, int(m.ScaleDownTrunc(shift).Lo)
}

// leadingWord is leadingGroup for a coefficient of 64 bits.
func leadingWord(m uint64, scale int) (weight, digit int) {
	n := (bits.Len64(m) * 1233) >> 12 // the number of digits, or one less
	if n < len(Pow10Int64) && m >= uint64(Pow10Int64[n]) || m >= 1e19 {
		n++
	}
	weight = (n - 1 - scale) >> 2
	switch shift := scale + weight*4; {
	case shift < 0:
		return weight, int(m) * int(Pow10Int64[-shift])
	case shift < len(Pow10Int64):
		return weight, int(m / uint64(Pow10Int64[shift]))
	}
	return weight, int(m / 1e19)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// Mod returns the remainder of the division truncated toward zero; it has the
// sign of a and the greater display scale.
func (a Numeric) Mod(b Numeric) (Numeric, error) {
	switch {
	case a.Kind == NaN || b.Kind == NaN:
		return Numeric{Kind: NaN}, nil
	case b.Kind == Finite && b.Coef.IsZero():
		return Numeric{}, ErrDivisionByZero()
	case a.Kind != Finite:
		return Numeric{Kind: NaN}, nil
	case b.Kind != Finite:
		return a, nil
	}
	x, y, scale, ok := align(a, b)
	if ok {
		_, r := x.DivMod(y)
		return finite(r, scale)
	}
	p, q := a.Coef.Big(), b.Coef.Big()
	p.Mul(p, bigPow10(scale-int(a.Scale)))
	q.Mul(q, bigPow10(scale-int(b.Scale)))
	return finiteBig(p.Rem(p, q), scale)
}

// DivTrunc returns a/b truncated toward zero at display scale 0: PostgreSQL's
// div().
func (a Numeric) DivTrunc(b Numeric) (Numeric, error) {
	if a.Kind|b.Kind != Finite {
		return divSpecial(a, b)
	}
	if b.Coef.IsZero() {
		return Numeric{}, ErrDivisionByZero()
	}
	if x, y, _, ok := align(a, b); ok {
		q, _ := x.DivMod(y)
		return finite(q, 0)
	}
	scale := int(max(a.Scale, b.Scale))
	p, q := a.Coef.Big(), b.Coef.Big()
	p.Mul(p, bigPow10(scale-int(a.Scale)))
	q.Mul(q, bigPow10(scale-int(b.Scale)))
	return finiteBig(p.Quo(p, q), 0)
}
