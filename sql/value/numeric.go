package value

import (
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// MaxScale is the most digits after the point that a numeric may have, as in
// PostgreSQL. The digits themselves are limited by MaxDigits.
const MaxScale = 16383

// NumericFromInt64 returns v with display scale 0.
func NumericFromInt64(v int64) Numeric { return Numeric{Coef: Int128From(v)} }

// NumericFromFixed returns coef × 10^-scale with display scale scale. coef has
// at most 38 digits and scale lies in 0 … MaxScale.
func NumericFromFixed(coef Int128, scale int) Numeric {
	return Numeric{Coef: coef, Scale: int16(scale)}
}

// NumericFromFixed64 is NumericFromFixed of a 64-bit coefficient.
func NumericFromFixed64(coef int64, scale int) Numeric {
	return Numeric{Coef: Int128From(coef), Scale: int16(scale)}
}

// NumericOfKind returns NaN or an infinity.
func NumericOfKind(k NumericKind) Numeric { return Numeric{Kind: k} }

// ErrNumericOverflow returns the error of a result over 38 digits.
func ErrNumericOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
}

// ErrDivisionByZero returns the error of a division by zero.
func ErrDivisionByZero() error {
	return sqlerr.New(sqlerr.DivisionByZero, "division by zero")
}

// ErrOutOfRange returns PostgreSQL's "<type> out of range".
func ErrOutOfRange(t types.Type) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", t)
}

// finite makes a result, checking the 38 digits and the scale.
func finite(coef Int128, scale int) (Numeric, error) {
	if scale > MaxScale || !coef.IsInt64() && !coef.FitsDigits(MaxDigits) {
		return Numeric{}, ErrNumericOverflow()
	}
	return Numeric{Coef: coef, Scale: int16(scale)}, nil
}

// IsNaN reports NaN.
func (a Numeric) IsNaN() bool { return a.Kind == NaN }

// IsFinite reports a number that is neither NaN nor an infinity.
func (a Numeric) IsFinite() bool { return a.Kind == Finite }

// Sign returns -1, 0 or 1; NaN counts as positive, as it sorts.
func (a Numeric) Sign() int {
	switch a.Kind {
	case Finite:
		return a.Coef.Sign()
	case NegInf:
		return -1
	}
	return 1
}

// order maps kinds to their place in the sort order.
func (k NumericKind) order() int {
	switch k {
	case NegInf:
		return -1
	case PosInf:
		return 1
	case NaN:
		return 2
	}
	return 0
}

// Cmp returns -1, 0 or 1. Values that differ only in display scale are equal;
// NaN equals itself and is greater than everything else.
func (a Numeric) Cmp(b Numeric) int {
	if a.Kind|b.Kind != Finite {
		x, y := a.Kind.order(), b.Kind.order()
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	switch {
	case a.Scale == b.Scale:
		return a.Coef.Cmp(b.Coef)
	case a.Scale > b.Scale:
		return -cmpScaled(b.Coef, int(a.Scale)-int(b.Scale), a.Coef)
	}
	return cmpScaled(a.Coef, int(b.Scale)-int(a.Scale), b.Coef)
}

// cmpScaled compares a × 10^n with b, both coefficients of at most 38 digits.
func cmpScaled(a Int128, n int, b Int128) int {
	s, overflow := a.ScaleUp(n)
	if overflow {
		return a.Sign() // beyond every b
	}
	return s.Cmp(b)
}

// Equal reports equality regardless of display scale.
func (a Numeric) Equal(b Numeric) bool {
	if a.Scale == b.Scale && a.Kind == b.Kind {
		return a.Coef == b.Coef
	}
	return a.Cmp(b) == 0
}

// Normalize returns the one representative of all numerics equal to a: no
// trailing zeros after the point, and zero at scale 0. Equal numerics have
// identical normal forms, so these may be hashed and compared with ==.
func (a Numeric) Normalize() Numeric {
	if a.Kind != Finite {
		return Numeric{Kind: a.Kind}
	}
	if a.Coef.IsZero() {
		return Numeric{}
	}
	for a.Scale > 0 {
		if a.Coef.Lo&1 != 0 {
			break
		}
		q, r := a.Coef.DivMod(Pow10Int128[1])
		if !r.IsZero() {
			break
		}
		a.Coef = q
		a.Scale--
	}
	return Numeric{Coef: a.Coef, Scale: a.Scale}
}

// Hash64 returns a hash under which equal numerics, whatever their display
// scale, have equal hashes.
func (a Numeric) Hash64() uint64 {
	n := a.Normalize()
	return mix64(n.Coef.Hash64() ^ uint64(n.Scale)<<8 ^ uint64(n.Kind))
}

// Hash64 returns a well-mixed hash of a.
func (a Int128) Hash64() uint64 {
	return mix64(a.Lo ^ mix64(uint64(a.Hi)+0x9e3779b97f4a7c15))
}

// mix64 is the finalizer of SplitMix64.
func mix64(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
