package analyzer

import (
	"math"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// intValue is an integer constant: int4 if it fits, else int8.
func intValue(v int64) value.Value {
	if v == int64(int32(v)) {
		return value.Int4(int32(v))
	}
	return value.Int8(v)
}

// digits counts the decimal digits of an integer.
func digits(v int64) int { return value.Int128From(v).Abs().Digits() }

// numericValue is a constant with a point, or an integer beyond int8: a
// numeric with exactly the digits written.
func numericValue(s string) (value.Value, error) {
	n, err := value.ParseNumeric(s)
	if err != nil {
		return value.Value{}, err
	}
	return fixedValue(n), nil
}

// fixedValue gives a finite numeric its own static type.
func fixedValue(n value.Numeric) value.Value {
	t := types.NumericOf(max(n.Coef.Digits(), int(n.Scale), 1), int(n.Scale))
	v := value.Value{Type: t}
	switch {
	case n.Kind != value.Finite || n.Scale < 0 || t.Precision == 0:
		v.Type, v.N = types.Of(types.Numeric), n
	case t.Storage() == types.StoreInt64:
		v.I = n.Coef.Int64()
	default:
		v.D = n.Coef
	}
	return v
}

// numericOf reads an integer or numeric value as a numeric.
func numericOf(v value.Value) value.Numeric {
	switch {
	case v.Type.IsInteger():
		return value.NumericFromInt64(v.I)
	case v.Type.Precision == 0:
		return v.N
	case v.Type.Storage() == types.StoreInt64:
		return value.NumericFromFixed64(v.I, int(v.Type.Scale))
	}
	return value.NumericFromFixed(v.D, int(v.Type.Scale))
}

// negate computes -v of a numeric constant; ok is false where it would overflow.
func negate(v value.Value) (value.Value, bool) {
	switch {
	case v.Type.IsInteger():
		if v.I == math.MinInt64 {
			return v, false
		}
		v.I = -v.I
		return v, true
	case v.Type.Kind == types.Numeric:
		return fixedValue(numericOf(v).Neg()), true
	case v.Type.IsFloat():
		v.F = -v.F
		return v, true
	}
	return v, false
}

// convert converts a numeric constant to another numeric type where that is
// exact (or, for floats, what the cast would give).
func convert(v value.Value, to types.Type) (value.Value, bool) {
	from := v.Type
	if !from.IsInteger() && from.Kind != types.Numeric {
		if relabels(from, to) {
			v.Type = to
			return v, true
		}
		return v, false
	}
	out := value.Value{Type: to}
	switch {
	case from.IsInteger() && to.IsInteger() && to.Kind >= from.Kind:
		out.I = v.I
		return out, true
	case to.Kind == types.Float8:
		out.F = numericOf(v).Float64()
		return out, true
	case to.Kind == types.Numeric && to.Precision == 0:
		out.N = numericOf(v)
		return out, true
	case to.IsFixedNumeric():
		n := numericOf(v)
		if n.Kind != value.Finite || n.Scale > to.Scale {
			return v, false
		}
		c, err := n.Fixed(int(to.Precision), int(to.Scale))
		if err != nil {
			return v, false
		}
		if to.Storage() == types.StoreInt64 {
			out.I = c.Int64()
		} else {
			out.D = c
		}
		return out, true
	}
	return v, false
}
