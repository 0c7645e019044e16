package function

//go:generate go run arith_float_gen.go

import (
	"math"

	"github.com/flintsql/flint/sql/types"
)

type float interface{ float32 | float64 }

func isInf[T float](a T) bool { return math.IsInf(float64(a), 0) }

func checked[T float](r T, infIn, zeroOK bool) (T, error) {
	_, err := floatCheck(float64(r), infIn, zeroOK)
	return r, err
}

func addFloat[A, B, R float](a A, b B) (R, error) {
	return checked(R(a)+R(b), isInf(a) || isInf(b), true)
}

func subFloat[A, B, R float](a A, b B) (R, error) {
	return checked(R(a)-R(b), isInf(a) || isInf(b), true)
}

func mulFloat[A, B, R float](a A, b B) (R, error) {
	return checked(R(a)*R(b), isInf(a) || isInf(b), a == 0 || b == 0)
}

func divFloat[A, B, R float](a A, b B) (R, error) {
	if b == 0 && a == a {
		return 0, errDivisionByZero()
	}
	return checked(R(a)/R(b), isInf(a), a == 0 || isInf(b))
}

func floatOperators[A, B, R float](a, b, r types.Type) []*Func {
	return []*Func{
		{Name: "+", Args: sig(a, b), Result: r, Fallible: true, Kernel: fn2(addFloat[A, B, R])},
		{Name: "-", Args: sig(a, b), Result: r, Fallible: true, Kernel: fn2(subFloat[A, B, R])},
		{Name: "*", Args: sig(a, b), Result: r, Fallible: true, Kernel: fn2(mulFloat[A, B, R])},
		{Name: "/", Args: sig(a, b), Result: r, Fallible: true, Kernel: fn2(divFloat[A, B, R])},
	}
}

// sameFloatOperators are the operators on two floats of one type, in loops of
// their own.
func sameFloatOperators[T float](t types.Type) []*Func {
	return []*Func{
		{Name: "+", Args: sig(t, t), Result: t, Fallible: true, Kernel: addFloats[T]},
		{Name: "-", Args: sig(t, t), Result: t, Fallible: true, Kernel: subFloats[T]},
		{Name: "*", Args: sig(t, t), Result: t, Fallible: true, Kernel: mulFloats[T]},
		{Name: "/", Args: sig(t, t), Result: t, Fallible: true, Kernel: divFloats[T]},
	}
}

func floats[T float](t types.Type) []*Func {
	one := sig(t)
	abs := ok1(func(a T) T { return T(math.Abs(float64(a))) })
	return append(sameFloatOperators[T](t),
		&Func{Name: "-", Args: one, Result: t, Kernel: ok1(func(a T) T { return -a })},
		&Func{Name: "+", Args: one, Result: t, Kernel: ok1(func(a T) T { return a })},
		&Func{Name: "@", Args: one, Result: t, Kernel: abs},
		&Func{Name: "abs", Args: one, Result: t, Kernel: abs},
	)
}

// floatFuncs lists floating-point arithmetic.
func floatFuncs() []*Func {
	fs := floats[float64](tFloat8)
	fs = append(fs, floats[float32](tFloat4)...)
	fs = append(fs, floatOperators[float32, float64, float64](tFloat4, tFloat8, tFloat8)...)
	return append(fs, floatOperators[float64, float32, float64](tFloat8, tFloat4, tFloat8)...)
}
