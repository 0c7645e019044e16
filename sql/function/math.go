package function

import (
	"encoding/binary"
	"math"
	"sync/atomic"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

func errLog(zero bool) error {
	if zero {
		return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of zero")
	}
	return sqlerr.New(sqlerr.InvalidLogArgument, "cannot take logarithm of a negative number")
}

func errInput() error { return sqlerr.New(sqlerr.NumericOutOfRange, "input is out of range") }

func sqrt(a float64) (float64, error) {
	if a < 0 {
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "cannot take square root of a negative number")
	}
	return math.Sqrt(a), nil
}

func exp(a float64) (float64, error) {
	return floatCheck(math.Exp(a), math.IsInf(a, 1), math.IsInf(a, -1))
}

func logarithm(f func(float64) float64) func(float64) (float64, error) {
	return func(a float64) (float64, error) {
		if a <= 0 {
			return 0, errLog(a == 0)
		}
		return f(a), nil
	}
}

func power(a, b float64) (float64, error) {
	switch {
	case a == 0 && b < 0:
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "zero raised to a negative power is undefined")
	case a < 0 && !math.IsInf(a, 0) && b != math.Floor(b) && !math.IsInf(b, 0) && b == b:
		return 0, sqlerr.New(sqlerr.InvalidPowerArgument, "a negative number raised to a non-integer power yields a complex result")
	}
	inf := math.IsInf(a, 0) || math.IsInf(b, 0)
	return floatCheck(math.Pow(a, b), inf, inf || a == 0)
}

// bounded lifts a function that is defined where ok holds.
func bounded(f func(float64) float64, ok func(float64) bool) func(float64) (float64, error) {
	return func(a float64) (float64, error) {
		if a == a && !ok(a) {
			return 0, errInput()
		}
		return f(a), nil
	}
}

func finiteArg(a float64) bool { return !math.IsInf(a, 0) }
func unitArg(a float64) bool   { return a >= -1 && a <= 1 }
func anyArg(float64) bool      { return true }

func signFloat(a float64) float64 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return 0
}

// widthBucket is width_bucket over doubles.
func widthBucket(c *Context, args []value.Value) (value.Value, error) {
	x, lo, hi, n := args[0].F, args[1].F, args[2].F, args[3].I
	bad := func(what string) error { return sqlerr.New("2201G", "%s", what) }
	switch {
	case n <= 0:
		return value.Value{}, bad("count must be greater than zero")
	case x != x || lo != lo || hi != hi:
		return value.Value{}, bad("operand, lower bound, and upper bound cannot be NaN")
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		return value.Value{}, bad("lower and upper bounds must be finite")
	case lo == hi:
		return value.Value{}, bad("lower bound cannot equal upper bound")
	}
	if lo > hi {
		x, lo, hi = -x, -lo, -hi
	}
	switch {
	case x < lo:
		return value.Int4(0), nil
	case x >= hi:
		if n == math.MaxInt32 {
			return value.Value{}, errOutOfRange(tInt4)
		}
		return value.Int4(int32(n) + 1), nil
	}
	b := math.Floor((x - lo) / (hi - lo) * float64(n))
	return value.Int4(int32(min(b, float64(n-1))) + 1), nil
}

// mix is SplitMix64's finalizer.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// random draws from a sequence that the context's seed fixes, so that a task
// that runs again draws the same.
func random(c *Context, out *vector.Vector, _ []*vector.Vector, sel []int32, n int) error {
	r := vector.Values[float64](out)
	return each(sel, n, func(i int) error {
		r[i] = float64(c.draw()>>11) / (1 << 53)
		return nil
	})
}

func genUUID(c *Context, out *vector.Vector, _ []*vector.Vector, sel []int32, n int) error {
	w := vector.NewBytesWriter(out)
	_ = each(sel, n, func(i int) error {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], c.draw())
		binary.BigEndian.PutUint64(b[8:], c.draw())
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		w.Set(i, b[:])
		return nil
	})
	return w.Finish()
}

func (c *Context) draw() uint64 {
	n := atomic.AddUint64(&c.draws, 1)
	return mix(c.Seed ^ mix(n))
}

var floatMath = map[string]func(float64) (float64, error){
	"sqrt": sqrt, "exp": exp, "ln": logarithm(math.Log), "log": logarithm(math.Log10), "log10": logarithm(math.Log10),
	"sin": bounded(math.Sin, finiteArg), "cos": bounded(math.Cos, finiteArg), "tan": bounded(math.Tan, finiteArg),
	"asin": bounded(math.Asin, unitArg), "acos": bounded(math.Acos, unitArg), "atan": bounded(math.Atan, anyArg),
	"sinh": bounded(math.Sinh, anyArg), "cosh": bounded(math.Cosh, anyArg), "tanh": bounded(math.Tanh, anyArg),
	"cbrt": bounded(math.Cbrt, anyArg), "ceil": bounded(math.Ceil, anyArg), "ceiling": bounded(math.Ceil, anyArg),
	"floor": bounded(math.Floor, anyArg), "round": bounded(math.RoundToEven, anyArg), "trunc": bounded(math.Trunc, anyArg),
	"sign":    bounded(signFloat, anyArg),
	"degrees": func(a float64) (float64, error) { return floatCheck(a*(180/math.Pi), isInf(a), true) },
	"radians": func(a float64) (float64, error) { return a / (180 / math.Pi), nil },
	"cot":     bounded(func(a float64) float64 { return 1 / math.Tan(a) }, finiteArg),
	"||/":     bounded(math.Cbrt, anyArg), "|/": sqrt,
}

var exactMath = map[string]bool{"ceil": true, "ceiling": true, "floor": true, "round": true, "trunc": true, "sign": true,
	"cbrt": true, "||/": true, "radians": true, "atan": true, "sinh": true, "cosh": true, "tanh": true}

// mathFuncs lists the functions on doubles, and what has no other family.
func mathFuncs() []*Func {
	f1, f2 := sig(tFloat8), sig(tFloat8, tFloat8)
	fs := []*Func{
		{Name: "power", Args: f2, Result: tFloat8, Fallible: true, Kernel: fn2(power)},
		{Name: "pow", Args: f2, Result: tFloat8, Fallible: true, Kernel: fn2(power)},
		{Name: "^", Args: f2, Result: tFloat8, Fallible: true, Kernel: fn2(power)},
		{Name: "atan2", Args: f2, Result: tFloat8, Kernel: ok2(math.Atan2)},
		{Name: "pi", Result: tFloat8, Kernel: scalars(func(*Context, []value.Value) (value.Value, error) {
			return value.Float8(math.Pi), nil
		})},
		{Name: "random", Result: tFloat8, Volatility: Volatile, Kernel: random},
		{Name: "gen_random_uuid", Result: tUUID, Volatility: Volatile, Kernel: genUUID},
		{Name: "width_bucket", Args: sig(tFloat8, tFloat8, tFloat8, tInt4), Result: tInt4, Fallible: true, Kernel: scalars(widthBucket)},
	}
	for name, f := range floatMath {
		fs = append(fs, &Func{Name: name, Args: f1, Result: tFloat8, Fallible: !exactMath[name], Kernel: fn1(f)})
	}
	return append(fs, extremes("greatest", 1), extremes("least", -1))
}

// extremes makes GREATEST or LEAST: NULLs are ignored.
func extremes(name string, sign int) *Func {
	return &Func{Name: name, Args: sig(anyElement), Variadic: true, NotStrict: true, Infer: firstType,
		Kernel: scalars(func(_ *Context, args []value.Value) (value.Value, error) {
			best := args[0]
			for _, v := range args[1:] {
				if !v.Null && (best.Null || value.Compare(v, best)*sign > 0) {
					best = v
				}
			}
			return best, nil
		})}
}
