package value

import (
	"math"
	"strconv"

	"github.com/flintsql/flint/sql/sqlerr"
)

// ErrFieldOverflow returns PostgreSQL's error of a number too large for
// numeric(p,s).
func ErrFieldOverflow(p, s int) error {
	limit := "1"
	if p > s {
		limit = "10^" + strconv.Itoa(p-s)
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
		WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s.", p, s, limit)
}

// Rescale64 returns coef × 10^-from as a coefficient at scale to with at most p
// digits (p ≤ 18), rounding half away from zero; ok is false beyond p digits.
func Rescale64(coef int64, from, to, p int) (r int64, ok bool) {
	switch {
	case from == to:
		r = coef
	case to < from:
		r = scaleDown64(coef, from-to)
	default:
		n := to - from
		if n > 18 {
			return 0, coef == 0
		}
		w := MulInt64(coef, Pow10Int64[n])
		if !w.IsInt64() {
			return 0, false
		}
		r = w.Int64()
	}
	if p > 18 {
		return r, true
	}
	limit := Pow10Int64[p]
	return r, r < limit && r > -limit
}

// scaleDown64 divides by 10^n rounding half away from zero.
func scaleDown64(coef int64, n int) int64 {
	if n > 19 {
		return 0
	}
	if n == 19 { // |coef| < 10^19: only the rounding can leave ±1
		switch {
		case coef >= 5_000_000_000_000_000_000:
			return 1
		case coef <= -5_000_000_000_000_000_000:
			return -1
		}
		return 0
	}
	d := Pow10Int64[n]
	q, r := coef/d, coef%d
	if r < 0 {
		if r <= -(d - d/2) {
			q--
		}
	} else if r >= d-d/2 && r != 0 {
		q++
	}
	return q
}

// Rescale128 is Rescale64 for 128-bit coefficients and p ≤ 38.
func Rescale128(coef Int128, from, to, p int) (r Int128, ok bool) {
	if to >= from {
		var overflow bool
		r, overflow = coef.ScaleUp(to - from)
		if overflow {
			return Int128{}, false
		}
	} else {
		r = coef.ScaleDown(from - to)
	}
	return r, r.FitsDigits(p)
}

// Fixed returns a as a coefficient of numeric(p,s), rounding half away from
// zero: 22003 "numeric field overflow" when it does not fit, also for NaN and
// the infinities, which a fixed numeric cannot hold.
func (a Numeric) Fixed(p, s int) (Int128, error) {
	if a.Kind != Finite {
		what := "an infinite value"
		if a.Kind == NaN {
			what = "NaN"
		}
		return Int128{}, sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d cannot hold %s.", p, s, what)
	}
	r, ok := Rescale128(a.Coef, int(a.Scale), s, p)
	if !ok {
		return Int128{}, ErrFieldOverflow(p, s)
	}
	return r, nil
}

// ParseFixed reads a number as a coefficient of numeric(p,s), p ≤ 38.
func ParseFixed(text string, p, s int) (Int128, error) {
	n, err := ParseNumeric(text)
	if err != nil {
		return Int128{}, err
	}
	return n.Fixed(p, s)
}

// FixedFromFloat64 returns f, taken to 15 significant digits as PostgreSQL
// does, as a coefficient of numeric(p,s).
func FixedFromFloat64(f float64, p, s int) (Int128, error) {
	if math.Abs(f) >= 1e39 && !math.IsInf(f, 0) {
		return Int128{}, ErrFieldOverflow(p, s)
	}
	n, err := NumericFromFloat64(f)
	if err != nil {
		return Int128{}, err
	}
	return n.Fixed(p, s)
}
