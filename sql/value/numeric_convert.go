package value

import (
	"math"
	"strconv"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Int64 returns a rounded half away from zero, or 22003 "bigint out of range".
func (a Numeric) Int64() (int64, error) {
	return a.integer(types.Of(types.Int8), math.MinInt64, math.MaxInt64)
}

// Int32 returns a rounded half away from zero, or 22003 "integer out of range".
func (a Numeric) Int32() (int32, error) {
	v, err := a.integer(types.Of(types.Int4), math.MinInt32, math.MaxInt32)
	return int32(v), err
}

// Int16 returns a rounded half away from zero, or 22003 "smallint out of range".
func (a Numeric) Int16() (int16, error) {
	v, err := a.integer(types.Of(types.Int2), math.MinInt16, math.MaxInt16)
	return int16(v), err
}

func (a Numeric) integer(t types.Type, lo, hi int64) (int64, error) {
	switch a.Kind {
	case NaN:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert NaN to %s", t)
	case PosInf, NegInf:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert infinity to %s", t)
	}
	v := a.Coef.ScaleDown(int(a.Scale))
	if !v.IsInt64() || v.Int64() < lo || v.Int64() > hi {
		return 0, ErrOutOfRange(t)
	}
	return v.Int64(), nil
}

// Float64 returns the nearest double.
func (a Numeric) Float64() float64 {
	switch a.Kind {
	case NaN:
		return math.NaN()
	case PosInf:
		return math.Inf(1)
	case NegInf:
		return math.Inf(-1)
	}
	return Fixed128ToFloat64(a.Coef, int(a.Scale))
}

// exactPow10 holds the powers of ten that are exact doubles.
var exactPow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// Fixed64ToFloat64 returns the double nearest to coef × 10^-scale.
func Fixed64ToFloat64(coef int64, scale int) float64 {
	// Both operands are exact, so the one division rounds correctly.
	if coef > -1<<53 && coef < 1<<53 && uint(scale) < uint(len(exactPow10)) {
		return float64(coef) / exactPow10[scale]
	}
	return fixedToFloatSlow(Int128From(coef), scale)
}

// Fixed128ToFloat64 returns the double nearest to coef × 10^-scale.
func Fixed128ToFloat64(coef Int128, scale int) float64 {
	if scale == 0 {
		return coef.Float64()
	}
	if coef.IsInt64() {
		return Fixed64ToFloat64(int64(coef.Lo), scale)
	}
	return fixedToFloatSlow(coef, scale)
}

func fixedToFloatSlow(coef Int128, scale int) float64 {
	var buf [64]byte
	b := append(AppendInt128(buf[:0], coef), 'e')
	b = strconv.AppendInt(b, int64(-scale), 10)
	f, _ := strconv.ParseFloat(string(b), 64) // underflow gives 0
	return f
}

// NumericFromFloat64 returns f to 15 significant digits, as PostgreSQL's cast
// does; beyond 38 digits it is 22003.
func NumericFromFloat64(f float64) (Numeric, error) { return numericFromFloat(f, 15, 64) }

// NumericFromFloat32 returns f to 6 significant digits.
func NumericFromFloat32(f float32) (Numeric, error) { return numericFromFloat(float64(f), 6, 32) }

func numericFromFloat(f float64, digits, bits int) (Numeric, error) {
	switch {
	case math.IsNaN(f):
		return Numeric{Kind: NaN}, nil
	case math.IsInf(f, 0):
		return infinity(int(math.Copysign(1, f))), nil
	}
	var buf [32]byte
	// %.15e and %.15g carry the same digits; trailing zeros go, as in %g.
	b := strconv.AppendFloat(buf[:0], f, 'e', digits-1, bits)
	n, err := ParseNumeric(string(b))
	if err != nil {
		return n, err
	}
	return n.Normalize(), nil
}
