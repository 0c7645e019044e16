package function

import (
	"math"
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type integer interface{ int16 | int32 | int64 }

func errOutOfRange(t types.Type) error { return value.ErrOutOfRange(t) }

func errDivisionByZero() error { return value.ErrDivisionByZero() }

// arithmetic of two integers of types A and B in R, the wider of them.

func addInt[A, B, R integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, r := vector.Values[A](args[0]), vector.Values[B](args[1]), vector.Values[R](out)
	ma, mb := mask(args[0]), mask(args[1])
	var over R
	if sel == nil {
		for i := range r[:n] {
			x, y := R(a[i&ma]), R(b[i&mb])
			s := x + y
			over |= (x ^ s) & (y ^ s)
			r[i] = s
		}
	} else {
		for _, i := range sel {
			x, y := R(a[int(i)&ma]), R(b[int(i)&mb])
			s := x + y
			over |= (x ^ s) & (y ^ s)
			r[i] = s
		}
	}
	if over < 0 {
		return errOutOfRange(out.Type)
	}
	return nil
}

func subInt[A, B, R integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, r := vector.Values[A](args[0]), vector.Values[B](args[1]), vector.Values[R](out)
	ma, mb := mask(args[0]), mask(args[1])
	var over R
	if sel == nil {
		for i := range r[:n] {
			x, y := R(a[i&ma]), R(b[i&mb])
			s := x - y
			over |= (x ^ y) & (x ^ s)
			r[i] = s
		}
	} else {
		for _, i := range sel {
			x, y := R(a[int(i)&ma]), R(b[int(i)&mb])
			s := x - y
			over |= (x ^ y) & (x ^ s)
			r[i] = s
		}
	}
	if over < 0 {
		return errOutOfRange(out.Type)
	}
	return nil
}

// mulInt64 returns a*b and a word that is 0 unless the product left 64 bits.
func mulInt64(a, b int64) (p int64, over uint64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi) - (a>>63)&b - (b>>63)&a
	return int64(lo), uint64(h ^ int64(lo)>>63)
}

func mulInt[A, B, R integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, r := vector.Values[A](args[0]), vector.Values[B](args[1]), vector.Values[R](out)
	ma, mb := mask(args[0]), mask(args[1])
	var over uint64
	err := each(sel, n, func(i int) error {
		p, o := mulInt64(int64(a[i&ma]), int64(b[i&mb]))
		r[i] = R(p)
		over |= o | uint64(p^int64(r[i]))
		return nil
	})
	if over != 0 {
		return errOutOfRange(out.Type)
	}
	return err
}

func divInt[A, B, R integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, r := vector.Values[A](args[0]), vector.Values[B](args[1]), vector.Values[R](out)
	ma, mb := mask(args[0]), mask(args[1])
	return each(sel, n, func(i int) error {
		x, y := R(a[i&ma]), R(b[i&mb])
		if y == 0 {
			return errDivisionByZero()
		}
		q := x / y
		if y == -1 && x < 0 && q < 0 {
			return errOutOfRange(out.Type)
		}
		r[i] = q
		return nil
	})
}

func modInt[T integer](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, r := vector.Values[T](args[0]), vector.Values[T](args[1]), vector.Values[T](out)
	ma, mb := mask(args[0]), mask(args[1])
	return each(sel, n, func(i int) error {
		y := b[i&mb]
		if y == 0 {
			return errDivisionByZero()
		}
		if y == -1 {
			r[i] = 0
			return nil
		}
		r[i] = a[i&ma] % y
		return nil
	})
}

func negInt[T integer](t types.Type) func(T) (T, error) {
	return func(a T) (T, error) {
		if a != 0 && a == -a {
			return 0, errOutOfRange(t)
		}
		return -a, nil
	}
}

func absInt[T integer](t types.Type) func(T) (T, error) {
	neg := negInt[T](t)
	return func(a T) (T, error) {
		if a < 0 {
			return neg(a)
		}
		return a, nil
	}
}

func gcd[T integer](t types.Type) func(a, b T) (T, error) {
	return func(a, b T) (T, error) {
		x, y := a, b
		for y != 0 {
			if y == -1 { // the least integer modulo -1 would overflow
				x = 1
				break
			}
			x, y = y, x%y
		}
		return absInt[T](t)(x)
	}
}

func lcm[T integer](t types.Type) func(a, b T) (T, error) {
	return func(a, b T) (T, error) {
		if a == 0 || b == 0 {
			return 0, nil
		}
		g, err := gcd[T](t)(a, b)
		if err != nil {
			return 0, err
		}
		p, over := mulInt64(int64(a/g), int64(b))
		r := T(p)
		if over != 0 || int64(r) != p {
			return 0, errOutOfRange(t)
		}
		return absInt[T](t)(r)
	}
}

// mixedInts lists the operators of two integer types.
func mixedInts[A, B, R integer](a, b, r types.Type) []*Func {
	return []*Func{
		{Name: "+", Args: sig(a, b), Result: r, Fallible: true, Kernel: addInt[A, B, R]},
		{Name: "-", Args: sig(a, b), Result: r, Fallible: true, Kernel: subInt[A, B, R]},
		{Name: "*", Args: sig(a, b), Result: r, Fallible: true, Kernel: mulInt[A, B, R]},
		{Name: "/", Args: sig(a, b), Result: r, Fallible: true, Kernel: divInt[A, B, R]},
	}
}

// integers lists what one integer type has.
func integers[T integer](t types.Type) []*Func {
	one, two := sig(t), sig(t, t)
	fs := mixedInts[T, T, T](t, t, t)
	return append(fs,
		&Func{Name: "%", Args: two, Result: t, Fallible: true, Kernel: modInt[T]},
		&Func{Name: "mod", Args: two, Result: t, Fallible: true, Kernel: modInt[T]},
		&Func{Name: "-", Args: one, Result: t, Fallible: true, Kernel: fn1(negInt[T](t))},
		&Func{Name: "+", Args: one, Result: t, Kernel: ok1(func(a T) T { return a })},
		&Func{Name: "@", Args: one, Result: t, Fallible: true, Kernel: fn1(absInt[T](t))},
		&Func{Name: "abs", Args: one, Result: t, Fallible: true, Kernel: fn1(absInt[T](t))},
		&Func{Name: "&", Args: two, Result: t, Kernel: ok2(func(a, b T) T { return a & b })},
		&Func{Name: "|", Args: two, Result: t, Kernel: ok2(func(a, b T) T { return a | b })},
		&Func{Name: "#", Args: two, Result: t, Kernel: ok2(func(a, b T) T { return a ^ b })},
		&Func{Name: "~", Args: one, Result: t, Kernel: ok1(func(a T) T { return ^a })},
		&Func{Name: "<<", Args: sig(t, tInt4), Result: t, Kernel: ok2(shiftLeft[T])},
		&Func{Name: ">>", Args: sig(t, tInt4), Result: t, Kernel: ok2(shiftRight[T])},
	)
}

// shiftLeft shifts as PostgreSQL on common hardware does: by the distance
// modulo the register's width (32 bits for smallint).
func shiftLeft[T integer](a T, by int32) T {
	if any(a) == any(int64(a)) {
		return a << (uint32(by) & 63)
	}
	return T(int32(a) << (uint32(by) & 31))
}

func shiftRight[T integer](a T, by int32) T {
	if any(a) == any(int64(a)) {
		return a >> (uint32(by) & 63)
	}
	return T(int32(a) >> (uint32(by) & 31))
}

// integerFuncs lists integer arithmetic.
func integerFuncs() []*Func {
	fs := integers[int16](tInt2)
	fs = append(fs, integers[int32](tInt4)...)
	fs = append(fs, integers[int64](tInt8)...)
	fs = append(fs, mixedInts[int16, int32, int32](tInt2, tInt4, tInt4)...)
	fs = append(fs, mixedInts[int32, int16, int32](tInt4, tInt2, tInt4)...)
	fs = append(fs, mixedInts[int16, int64, int64](tInt2, tInt8, tInt8)...)
	fs = append(fs, mixedInts[int64, int16, int64](tInt8, tInt2, tInt8)...)
	fs = append(fs, mixedInts[int32, int64, int64](tInt4, tInt8, tInt8)...)
	fs = append(fs, mixedInts[int64, int32, int64](tInt8, tInt4, tInt8)...)
	return append(fs,
		&Func{Name: "gcd", Args: sig(tInt4, tInt4), Result: tInt4, Fallible: true, Kernel: fn2(gcd[int32](tInt4))},
		&Func{Name: "gcd", Args: sig(tInt8, tInt8), Result: tInt8, Fallible: true, Kernel: fn2(gcd[int64](tInt8))},
		&Func{Name: "lcm", Args: sig(tInt4, tInt4), Result: tInt4, Fallible: true, Kernel: fn2(lcm[int32](tInt4))},
		&Func{Name: "lcm", Args: sig(tInt8, tInt8), Result: tInt8, Fallible: true, Kernel: fn2(lcm[int64](tInt8))},
	)
}

// floatCheck raises PostgreSQL's overflow and underflow errors.
func floatCheck(r float64, infIn, zeroOK bool) (float64, error) {
	if math.IsInf(r, 0) && !infIn {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
	}
	if r == 0 && !zeroOK {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: underflow")
	}
	return r, nil
}
