package function

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type num = value.Numeric

// numericFuncs lists the arithmetic of unconstrained numerics.
func numericFuncs() []*Func {
	n1, n2 := sig(tNumeric), sig(tNumeric, tNumeric)
	op := func(name string, f func(a, b num) (num, error)) *Func {
		return &Func{Name: name, Args: n2, Result: tNumeric, Fallible: true, Kernel: fn2(f)}
	}
	un := func(name string, f func(a num) num) *Func {
		return &Func{Name: name, Args: n1, Result: tNumeric, Kernel: ok1(f)}
	}
	return []*Func{
		op("+", num.Add), op("-", num.Sub), op("*", num.Mul), op("/", num.Div), op("%", num.Mod), op("mod", num.Mod),
		op("div", num.DivTrunc),
		un("-", num.Neg), un("@", num.Abs), un("abs", num.Abs), un("+", func(a num) num { return a }),
		un("ceil", num.Ceil), un("ceiling", num.Ceil), un("floor", num.Floor), un("sign", num.Signum),
		un("trim_scale", num.TrimScale),
		{Name: "round", Args: n1, Result: tNumeric, Fallible: true, Kernel: fn1(func(a num) (num, error) { return a.Round(0) })},
		{Name: "trunc", Args: n1, Result: tNumeric, Fallible: true, Kernel: fn1(func(a num) (num, error) { return a.Trunc(0) })},
		{Name: "round", Args: sig(tNumeric, tInt4), Result: tNumeric, Fallible: true,
			Kernel: fn2(func(a num, n int32) (num, error) { return a.Round(int(n)) })},
		{Name: "trunc", Args: sig(tNumeric, tInt4), Result: tNumeric, Fallible: true,
			Kernel: fn2(func(a num, n int32) (num, error) { return a.Trunc(int(n)) })},
		{Name: "scale", Args: n1, Result: tInt4, Kernel: fn1(func(a num) (int32, error) {
			if !a.IsFinite() {
				return 0, errNull
			}
			return int32(a.Scale), nil
		})},
		{Name: "min_scale", Args: n1, Result: tInt4, Kernel: fn1(func(a num) (int32, error) {
			if !a.IsFinite() {
				return 0, errNull
			}
			return int32(a.MinScale()), nil
		})},
	}
}

// integerDigits is the precision that holds every value of an integer type.
var integerDigits = map[types.Kind]int{types.Int2: 5, types.Int4: 10, types.Int8: 19}

// FixedNumeric returns the numeric with a static scale that holds every value of
// t exactly: t itself for one, numeric(5,0), (10,0) or (19,0) for an integer.
func FixedNumeric(t types.Type) (types.Type, bool) {
	if t.IsFixedNumeric() {
		return t, true
	}
	if p, ok := integerDigits[t.Kind]; ok {
		return types.NumericOf(p, 0), true
	}
	return t, false
}

// fixedAdd gives the type of a sum or difference, and whether it needs no check.
func fixedAdd(a, b types.Type) (types.Type, bool) {
	s := max(a.Scale, b.Scale)
	whole := max(a.Precision-a.Scale, b.Precision-b.Scale) + 1
	p := int(whole) + int(s)
	return types.NumericOf(min(p, 38), int(s)), p <= 38
}

// fixedMul gives the type of a product, and whether it needs no check. Scales
// over 38 digits have no fixed type.
func fixedMul(a, b types.Type) (types.Type, bool) {
	p, s := int(a.Precision)+int(b.Precision), int(a.Scale)+int(b.Scale)
	if s > 38 {
		return tNumeric, false
	}
	return types.NumericOf(min(p, 38), s), p <= 38
}
