package function

import (
	"math"
	"math/big"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

// Transcendental functions of numerics. Results have the scale that PostgreSQL
// chooses: 16 significant digits at least.

const (
	bigPrec     = 400 // bits: 38 digits, exponents and the series' errors fit well
	sigDigits   = 16  // NUMERIC_MIN_SIG_DIGITS
	log10e      = 0.434294481903252
	maxExpInput = 200 // beyond, exp has more than 38 digits before or no digit behind the point
)

func newBig(x float64) *big.Float { return new(big.Float).SetPrec(bigPrec).SetFloat64(x) }

func toBig(a num) *big.Float {
	f := new(big.Float).SetPrec(bigPrec).SetInt(a.Coef.Big())
	return f.Quo(f, new(big.Float).SetPrec(bigPrec).SetInt(pow10Big(int(a.Scale))))
}

func pow10Big(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// fromBig rounds half away from zero to a scale.
func fromBig(f *big.Float, scale int) (num, error) {
	scaled := new(big.Float).SetPrec(bigPrec).SetInt(pow10Big(scale))
	scaled.Mul(scaled, f)
	half := newBig(0.5)
	if scaled.Sign() < 0 {
		half.Neg(half)
	}
	i, _ := scaled.Add(scaled, half).Int(nil)
	c, ok := value.Int128FromBig(i)
	if !ok || !c.FitsDigits(38) {
		return num{}, value.ErrNumericOverflow()
	}
	return value.NumericFromFixed(c, scale), nil
}

// bigLn2 and the series below follow the usual reductions: x = m·2^k with m near
// 1 and ln m = 2·atanh((m-1)/(m+1)).
func bigAtanh2(num, den *big.Float) *big.Float {
	z := new(big.Float).SetPrec(bigPrec).Quo(num, den)
	z2 := new(big.Float).SetPrec(bigPrec).Mul(z, z)
	sum, term := newBig(0), new(big.Float).SetPrec(bigPrec).Set(z)
	for k := 1.0; term.Sign() != 0 && term.MantExp(nil) > -bigPrec; k += 2 {
		sum.Add(sum, new(big.Float).SetPrec(bigPrec).Quo(term, newBig(k)))
		term.Mul(term, z2)
	}
	return sum.Mul(sum, newBig(2))
}

func bigLn(x *big.Float) *big.Float {
	m := new(big.Float).SetPrec(bigPrec)
	k := x.MantExp(m) // m in [0.5, 1)
	r := bigAtanh2(new(big.Float).SetPrec(bigPrec).Sub(m, newBig(1)), new(big.Float).SetPrec(bigPrec).Add(m, newBig(1)))
	ln2 := bigAtanh2(newBig(1), newBig(3))
	return r.Add(r, ln2.Mul(ln2, newBig(float64(k))))
}

func bigExp(x *big.Float) *big.Float {
	const halvings = 32
	y := new(big.Float).SetPrec(bigPrec).SetMantExp(x, -halvings)
	sum, term := newBig(1), newBig(1)
	for k := 1.0; term.Sign() != 0 && term.MantExp(nil) > -bigPrec; k++ {
		term.Mul(term, y)
		term.Quo(term, newBig(k))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// weight10000 is the position of the first base-10000 digit, in which
// PostgreSQL reckons.
func weight10000(a num) int {
	if a.Coef.IsZero() {
		return 0
	}
	return int(math.Floor(float64(a.Coef.Digits()-1-int(a.Scale)) / 4))
}

func clampScale(s int, least ...int) int {
	for _, l := range least {
		s = max(s, l)
	}
	return min(max(s, 0), 1000)
}

func sqrtNumeric(a num) (num, error) {
	switch {
	case a.Kind == value.NaN || a.Kind == value.PosInf:
		return a, nil
	case a.Sign() < 0:
		return a, sqlerr.New(sqlerr.InvalidPowerArgument, "cannot take square root of a negative number")
	}
	w := weight10000(a)
	digits := w*2 + 1
	if w < 0 {
		digits = 1 - (1-w*4)/2
	}
	return fromBig(new(big.Float).SetPrec(bigPrec).Sqrt(toBig(a)), clampScale(sigDigits-digits, int(a.Scale)))
}

func expNumeric(a num) (num, error) {
	switch a.Kind {
	case value.NaN, value.PosInf:
		return a, nil
	case value.NegInf:
		return num{}, nil
	}
	return expScaled(toBig(a), int(a.Scale))
}

func expScaled(x *big.Float, least ...int) (num, error) {
	f, _ := x.Float64()
	if f > maxExpInput {
		return num{}, value.ErrNumericOverflow()
	}
	scale := clampScale(sigDigits-int(f*log10e), least...)
	if f < -maxExpInput {
		return num{Scale: int16(scale)}, nil
	}
	return fromBig(bigExp(x), scale)
}

// lnWeight estimates the decimal weight of ln a, as estimate_ln_dweight.
func lnWeight(a num) int {
	f := a.Float64()
	if f >= 0.9 && f <= 1.1 {
		d := math.Abs(f - 1)
		if d == 0 {
			return 0
		}
		return int(math.Floor(math.Log10(d)))
	}
	return int(math.Log10(math.Abs(math.Log(f))))
}

func lnNumeric(a num) (num, error) {
	switch {
	case a.Kind == value.NaN || a.Kind == value.PosInf:
		return a, nil
	case a.Sign() <= 0:
		return a, errLog(a.Sign() == 0)
	}
	return fromBig(bigLn(toBig(a)), clampScale(sigDigits-lnWeight(a), int(a.Scale)))
}

func log10Numeric(a num) (num, error) {
	return logNumeric(value.NumericFromInt64(10), a)
}

func logNumeric(base, a num) (num, error) {
	for _, x := range []num{base, a} {
		if x.IsFinite() && x.Sign() <= 0 || x.Kind == value.NegInf {
			return x, errLog(x.Sign() == 0)
		}
	}
	if !a.IsFinite() || !base.IsFinite() {
		return a, nil
	}
	den := bigLn(toBig(base))
	if den.Sign() == 0 {
		return a, errDivisionByZero()
	}
	r := bigLn(toBig(a))
	return fromBig(r.Quo(r, den), clampScale(sigDigits-(lnWeight(a)-lnWeight(base)), int(base.Scale), int(a.Scale)))
}

func powNumeric(a, b num) (num, error) {
	whole := b.IsFinite() && b.MinScale() == 0
	switch {
	case a.Kind == value.NaN || b.Kind == value.NaN:
		return value.NumericOfKind(value.NaN), nil
	case !a.IsFinite() || !b.IsFinite():
		r, err := power(a.Float64(), b.Float64())
		if err != nil {
			return a, err
		}
		return value.NumericFromFloat64(r)
	case a.Sign() == 0 && b.Sign() < 0:
		return a, sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
	case a.Sign() < 0 && !whole:
		return a, sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
	case a.Sign() == 0 && b.Sign() > 0:
		return num{Scale: sigDigits}, nil
	case b.Sign() == 0:
		return fromBig(newBig(1), clampScale(sigDigits, int(a.Scale), int(b.Scale)))
	}
	x := bigLn(toBig(a.Abs()))
	x.Mul(x, toBig(b))
	if f, _ := x.Float64(); whole && f < maxExpInput && f > -maxExpInput {
		r, err := fromBig(bigExp(x), clampScale(sigDigits, int(a.Scale)))
		if n, e := b.Int64(); a.Sign() < 0 && e == nil && n&1 != 0 {
			r = r.Neg()
		}
		return r, err
	}
	r, err := expScaled(x, int(a.Scale), int(b.Scale))
	if n, e := b.Int64(); err == nil && a.Sign() < 0 && e == nil && n&1 != 0 {
		r = r.Neg()
	}
	return r, err
}

// numericMathFuncs lists the functions above.
func numericMathFuncs() []*Func {
	var fs []*Func
	for name, f := range map[string]func(num) (num, error){
		"sqrt": sqrtNumeric, "exp": expNumeric, "ln": lnNumeric, "log": log10Numeric, "log10": log10Numeric,
	} {
		fs = append(fs, &Func{Name: name, Args: sig(tNumeric), Result: tNumeric, Fallible: true, Kernel: fn1(f)})
	}
	for name, f := range map[string]func(a, b num) (num, error){
		"power": powNumeric, "pow": powNumeric, "^": powNumeric, "log": logNumeric,
	} {
		fs = append(fs, &Func{Name: name, Args: sig(tNumeric, tNumeric), Result: tNumeric, Fallible: true, Kernel: fn2(f)})
	}
	return fs
}
