package value

import (
	"math"
	"math/big"

	"github.com/flintsql/flint/sql/sqlerr"
)

// log10E turns natural into decimal exponents.
const log10E = 0.434294481903252

// resultScale gives 16 significant digits to a result of about 10^weight, and
// no fewer decimals than the operands.
func resultScale(weight int, operands ...Numeric) int {
	scale := minSignificant - weight
	for _, o := range operands {
		scale = max(scale, int(o.Scale))
	}
	return min(max(scale, 0), maxDisplayScale)
}

// Sqrt returns the square root; 2201F for negative numbers.
func (a Numeric) Sqrt() (Numeric, error) {
	switch {
	case a.Kind == NaN || a.Kind == PosInf:
		return a, nil
	case a.Sign() < 0:
		return Numeric{}, sqlerr.New(sqlerr.InvalidPowerArgument, "cannot take square root of a negative number")
	}
	group, _ := a.leadingGroup()
	weight := floorDiv((group+1)*4, 2) - 1
	scale := resultScale(weight, a)
	if a.Coef.IsZero() {
		return finite(a.Coef, scale)
	}
	// Twice the integer root rounds as the root does, as a root is never a half.
	n := a.Coef.Big()
	n.Mul(n, bigPow10(2*scale)).Lsh(n, 2)
	n.Quo(n, bigPow10(int(a.Scale))).Sqrt(n)
	return finiteBig(n.Rsh(n.Add(n, big.NewInt(1)), 1), scale)
}

// Exp returns e raised to a.
func (a Numeric) Exp() (Numeric, error) {
	switch a.Kind {
	case NaN, PosInf:
		return a, nil
	case NegInf:
		return Numeric{}, nil
	}
	weight := a.Float64() * log10E
	weight = min(max(weight, -maxResultScale), maxResultScale)
	scale := resultScale(int(weight), a)
	if weight >= MaxDigits+1 {
		return Numeric{}, ErrNumericOverflow()
	}
	return roundFloat(expFloat(a.bigFloat()), scale)
}

// Ln returns the natural logarithm; 2201E for zero and negative numbers.
func (a Numeric) Ln() (Numeric, error) {
	if err := checkLog(a); err != nil || a.Kind != Finite {
		return a, err
	}
	return roundFloat(lnFloat(a.bigFloat()), resultScale(a.lnWeight(), a))
}

// Log returns the logarithm of a to a base.
func (a Numeric) Log(base Numeric) (Numeric, error) {
	if a.Kind == NaN || base.Kind == NaN {
		return Numeric{Kind: NaN}, nil
	}
	err := firstError(checkLog(base), checkLog(a))
	if base.Kind == NegInf || a.Kind == NegInf { // looked at before zeros are
		err = checkLog(NumericFromInt64(-1))
	}
	if err != nil {
		return Numeric{}, err
	}
	switch {
	case base.Kind != Finite && a.Kind != Finite:
		return Numeric{Kind: NaN}, nil
	case base.Kind != Finite:
		return Numeric{}, nil
	case a.Kind != Finite:
		return a, nil
	}
	divisor := lnFloat(base.bigFloat())
	if base.Equal(NumericFromInt64(1)) {
		return Numeric{}, ErrDivisionByZero()
	}
	scale := resultScale(a.lnWeight()-base.lnWeight(), a, base)
	return roundFloat(newFloat().Quo(lnFloat(a.bigFloat()), divisor), scale)
}

func checkLog(a Numeric) error {
	switch {
	case a.Kind == Finite && a.Coef.IsZero():
		return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of zero")
	case a.Sign() < 0:
		return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of a negative number")
	}
	return nil
}

// lnWeight estimates the decimal weight of ln(a) as PostgreSQL's
// estimate_ln_dweight does.
func (a Numeric) lnWeight() int {
	lo, hi := NumericFromFixed64(9, 1), NumericFromFixed64(11, 1)
	if a.Cmp(lo) >= 0 && a.Cmp(hi) <= 0 {
		x, err := a.Sub(NumericFromInt64(1))
		if err != nil || x.Coef.IsZero() {
			return 0
		}
		weight, digit := x.leadingGroup()
		return weight*4 + int(math.Log10(float64(digit)))
	}
	return int(math.Log10(math.Abs(math.Log(a.Float64()))))
}

// Power returns a raised to b, with PostgreSQL's scale and special cases.
func (a Numeric) Power(b Numeric) (Numeric, error) {
	if a.Kind|b.Kind != Finite {
		return powerSpecial(a, b)
	}
	integral := b.Normalize().Scale == 0
	switch {
	case a.Coef.IsZero() && b.Sign() < 0:
		return Numeric{}, sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
	case a.Sign() < 0 && !integral:
		return Numeric{}, sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
	case a.Coef.IsZero() && b.Coef.IsZero():
		return finite(Pow10Int128[minSignificant], minSignificant)
	case a.Coef.IsZero():
		return finite(Int128{}, powerScale(a, b, integral))
	}
	base := a.Abs()
	weight := math.Log10(base.Float64()) * b.Float64()
	if weight >= MaxDigits+1 {
		return Numeric{}, ErrNumericOverflow()
	}
	if weight < -maxResultScale {
		return finite(Int128{}, maxDisplayScale)
	}
	scale := powerScale(base, b, integral)
	f := expFloat(newFloat().Mul(lnFloat(base.bigFloat()), b.bigFloat()))
	if a.Sign() < 0 && isOdd(b) {
		f.Neg(f)
	}
	return roundFloat(f, scale)
}

// powerScale is PostgreSQL's choice: 16 decimals for integral exponents, else 16
// significant digits by an estimate of the weight to 8 digits.
func powerScale(base, exp Numeric, integral bool) int {
	if integral || base.Coef.IsZero() {
		return resultScale(0, base, exp)
	}
	digits := min(max(8-base.lnWeight(), 0), 16)
	ln := NumericFromFixed64(int64(math.Round(math.Log(base.Float64())*math.Pow10(digits))), digits)
	val, err := ln.Mul(exp)
	if err == nil {
		val, err = val.Round(digits)
	}
	if err != nil {
		return resultScale(int(ln.Float64()*exp.Float64()*log10E), base, exp)
	}
	return resultScale(int(val.Float64()*log10E), base, exp)
}

// isOdd reports an odd integral number.
func isOdd(b Numeric) bool { return b.Normalize().Coef.Lo&1 != 0 && b.Normalize().Scale == 0 }

func powerSpecial(a, b Numeric) (Numeric, error) {
	one := NumericFromInt64(1)
	switch {
	case b.Kind == Finite && b.Coef.IsZero(), a.Kind == Finite && a.Equal(one):
		return one, nil
	case a.Kind == NaN || b.Kind == NaN:
		return Numeric{Kind: NaN}, nil
	case b.Kind != Finite:
		return powerInfinite(a, b)
	}
	// The base is infinite, the exponent finite and not zero.
	switch {
	case a.Kind == NegInf && b.Normalize().Scale != 0:
		return Numeric{}, sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
	case b.Sign() < 0:
		return Numeric{}, nil
	case a.Kind == NegInf && isOdd(b):
		return a, nil
	}
	return Numeric{Kind: PosInf}, nil
}

// powerInfinite is a raised to an infinity.
func powerInfinite(a, b Numeric) (Numeric, error) {
	one := NumericFromInt64(1)
	switch c := a.Abs().Cmp(one); {
	case a.Kind == Finite && a.Coef.IsZero() && b.Kind == NegInf:
		return Numeric{}, sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
	case c == 0:
		return one, nil
	case c > 0 == (b.Kind == PosInf):
		return Numeric{Kind: PosInf}, nil
	}
	return Numeric{}, nil
}
