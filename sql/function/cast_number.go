package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// castNumbers returns the typed kernel of a cast between numbers; nil for pairs
// that are left to value.Cast.
func castNumbers(from, to types.Type) Kernel {
	switch from.Kind {
	case types.Int2:
		return castInt[int16](to)
	case types.Int4:
		return castInt[int32](to)
	case types.Int8:
		return castInt[int64](to)
	case types.Numeric:
		return castNumeric(from, to)
	case types.Float4:
		if to.Kind == types.Float8 {
			return ok1(func(a float32) float64 { return float64(a) })
		}
	case types.Float8:
		switch to.Kind {
		case types.Int4:
			return fn1(floatToInt[int32](to, math.MinInt32))
		case types.Int8:
			return fn1(floatToInt[int64](to, math.MinInt64))
		case types.Numeric:
			if to.Precision == 0 {
				return fn1(value.NumericFromFloat64)
			}
		}
	}
	return nil
}

func floatToInt[T integer](t types.Type, low float64) func(float64) (T, error) {
	return func(f float64) (T, error) {
		f = math.RoundToEven(f)
		if !(f >= low && f < -low) {
			return 0, errOutOfRange(t)
		}
		return T(f), nil
	}
}

func castInt[A integer](to types.Type) Kernel {
	switch to.Kind {
	case types.Int2:
		return intToInt[A, int16]
	case types.Int4:
		return intToInt[A, int32]
	case types.Int8:
		return intToInt[A, int64]
	case types.Float4:
		return ok1(func(a A) float32 { return float32(a) })
	case types.Float8:
		return ok1(func(a A) float64 { return float64(a) })
	case types.Numeric:
		if to.Precision == 0 {
			return ok1(func(a A) num { return value.NumericFromInt64(int64(a)) })
		}
		if to.Storage() == types.StoreInt64 {
			return fn1(func(a A) (int64, error) {
				r, ok := value.Rescale64(int64(a), 0, int(to.Scale), int(to.Precision))
				if !ok {
					return 0, value.ErrFieldOverflow(int(to.Precision), int(to.Scale))
				}
				return r, nil
			})
		}
		return fn1(func(a A) (int128, error) { return rescaleWide(value.Int128From(int64(a)), 0, to) })
	}
	return nil
}

func intToInt[A, R integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, r, m := vector.Values[A](args[0]), vector.Values[R](out), mask(args[0])
	var lost A
	_ = each(sel, n, func(i int) error {
		x := a[i&m]
		r[i] = R(x)
		lost |= x ^ A(R(x))
		return nil
	})
	if lost != 0 {
		return errOutOfRange(out.Type)
	}
	return nil
}

func rescaleWide(a int128, scale int, to types.Type) (int128, error) {
	r, ok := value.Rescale128(a, scale, int(to.Scale), int(to.Precision))
	if !ok {
		return r, value.ErrFieldOverflow(int(to.Precision), int(to.Scale))
	}
	return r, nil
}

// castNumeric casts from a numeric of any storage.
func castNumeric(from, to types.Type) Kernel {
	if from.Precision == 0 {
		return castUnconstrained(to)
	}
	s, narrow := int(from.Scale), from.Storage() == types.StoreInt64
	switch {
	case to.Kind == types.Numeric && to.Precision == 0:
		if narrow {
			return ok1(func(a int64) num { return value.NumericFromFixed64(a, s) })
		}
		return ok1(func(a int128) num { return value.NumericFromFixed(a, s) })
	case to.Kind == types.Float8:
		if narrow {
			return ok1(func(a int64) float64 { return value.Fixed64ToFloat64(a, s) })
		}
		return ok1(func(a int128) float64 { return value.Fixed128ToFloat64(a, s) })
	case to.Kind != types.Numeric:
		return nil
	case narrow && to.Storage() == types.StoreInt64:
		return fn1(func(a int64) (int64, error) {
			r, ok := value.Rescale64(a, s, int(to.Scale), int(to.Precision))
			if !ok {
				return 0, value.ErrFieldOverflow(int(to.Precision), int(to.Scale))
			}
			return r, nil
		})
	case narrow:
		return fn1(func(a int64) (int128, error) { return rescaleWide(value.Int128From(a), s, to) })
	case to.Storage() == types.StoreInt64:
		return fn1(func(a int128) (int64, error) {
			r, err := rescaleWide(a, s, to)
			return r.Int64(), err
		})
	}
	return fn1(func(a int128) (int128, error) { return rescaleWide(a, s, to) })
}

func castUnconstrained(to types.Type) Kernel {
	p, s := int(to.Precision), int(to.Scale)
	switch {
	case to.Kind == types.Int4:
		return fn1(num.Int32)
	case to.Kind == types.Int8:
		return fn1(num.Int64)
	case to.Kind == types.Float8:
		return ok1(num.Float64)
	case to.Kind == types.Numeric && p == 0:
		return ok1(func(a num) num { return a })
	case to.Kind == types.Numeric && to.Storage() == types.StoreInt64:
		return fn1(func(a num) (int64, error) {
			r, err := a.Fixed(p, s)
			return r.Int64(), err
		})
	case to.Kind == types.Numeric:
		return fn1(func(a num) (int128, error) { return a.Fixed(p, s) })
	}
	return nil
}
