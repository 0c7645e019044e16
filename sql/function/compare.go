package function

import (
	"bytes"
	"cmp"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// CompareOp is a comparison.
type CompareOp uint8

// The comparisons.
const (
	Eq CompareOp = iota
	Ne
	Lt
	Le
	Gt
	Ge
)

var compareNames = map[string]CompareOp{"=": Eq, "<>": Ne, "<": Lt, "<=": Le, ">": Gt, ">=": Ge}

// ParseCompare returns the comparison of an operator's name.
func ParseCompare(name string) (CompareOp, bool) {
	op, ok := compareNames[name]
	return op, ok
}

// Swap returns the comparison with exchanged operands: a < b is b > a.
func (op CompareOp) Swap() CompareOp { return [...]CompareOp{Eq, Ne, Gt, Ge, Lt, Le}[op] }

// holds tells whether an ordering result satisfies the comparison.
func (op CompareOp) holds(c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	}
	return c >= 0
}

// CompareKernel returns the kernel of a comparison of two values of one type
// (for fixed numerics: of one scale). It never fails and is strict.
func CompareKernel(op CompareOp) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b, o := args[0], args[1], op
		if a.Enc == vector.Const && b.Enc != vector.Const {
			a, b, o = b, a, op.Swap()
		}
		compareVectors(o, vector.Values[uint8](out), a, b, sel, n)
		return nil
	}
}

func compareVectors(op CompareOp, out []uint8, a, b *vector.Vector, sel []int32, n int) {
	switch a.Type.Storage() {
	case types.StoreBool:
		compareOrdered[uint8](op, out, a, b, sel, n)
	case types.StoreInt16:
		compareOrdered[int16](op, out, a, b, sel, n)
	case types.StoreInt32:
		compareOrdered[int32](op, out, a, b, sel, n)
	case types.StoreInt64:
		compareOrdered[int64](op, out, a, b, sel, n)
	case types.StoreFloat32:
		compareBy(op, out, a, b, sel, n, compareFloat[float32])
	case types.StoreFloat64:
		compareBy(op, out, a, b, sel, n, compareFloat[float64])
	case types.StoreInt128:
		compareBy(op, out, a, b, sel, n, value.Int128.Cmp)
	case types.StoreNumeric:
		compareBy(op, out, a, b, sel, n, value.Numeric.Cmp)
	case types.StoreInterval:
		compareBy(op, out, a, b, sel, n, value.Interval.Cmp)
	case types.StoreBytes:
		compareBytes(op, out, a, b, sel, n)
	default:
		_ = each(sel, n, func(i int) error {
			out[i] = b2u(op.holds(value.Compare(a.Get(i), b.Get(i))))
			return nil
		})
	}
}

// compareOrdered reduces six comparisons to =, < and <=.
func compareOrdered[T cmp.Ordered](op CompareOp, out []uint8, a, b *vector.Vector, sel []int32, n int) {
	x, y, mx, my := vector.Values[T](a), vector.Values[T](b), mask(a), mask(b)
	if mx == -1 && my == 0 && sel == nil {
		compareConst(op, out[:n], x[:n], y[0])
		return
	}
	if op == Gt || op == Ge {
		op, x, y, mx, my = op.Swap(), y, x, my, mx
	}
	if sel == nil {
		switch op {
		case Eq:
			for i := range out[:n] {
				out[i] = b2u(x[i&mx] == y[i&my])
			}
		case Ne:
			for i := range out[:n] {
				out[i] = b2u(x[i&mx] != y[i&my])
			}
		case Lt:
			for i := range out[:n] {
				out[i] = b2u(x[i&mx] < y[i&my])
			}
		default:
			for i := range out[:n] {
				out[i] = b2u(x[i&mx] <= y[i&my])
			}
		}
		return
	}
	switch op {
	case Eq:
		for _, i := range sel {
			out[i] = b2u(x[int(i)&mx] == y[int(i)&my])
		}
	case Ne:
		for _, i := range sel {
			out[i] = b2u(x[int(i)&mx] != y[int(i)&my])
		}
	case Lt:
		for _, i := range sel {
			out[i] = b2u(x[int(i)&mx] < y[int(i)&my])
		}
	default:
		for _, i := range sel {
			out[i] = b2u(x[int(i)&mx] <= y[int(i)&my])
		}
	}
}

func compareConst[T cmp.Ordered](op CompareOp, out []uint8, x []T, y T) {
	out = out[:len(x)]
	switch op {
	case Eq:
		for i, v := range x {
			out[i] = b2u(v == y)
		}
	case Ne:
		for i, v := range x {
			out[i] = b2u(v != y)
		}
	case Lt:
		for i, v := range x {
			out[i] = b2u(v < y)
		}
	case Le:
		for i, v := range x {
			out[i] = b2u(v <= y)
		}
	case Gt:
		for i, v := range x {
			out[i] = b2u(v > y)
		}
	case Ge:
		for i, v := range x {
			out[i] = b2u(v >= y)
		}
	}
}

func compareBy[T any](op CompareOp, out []uint8, a, b *vector.Vector, sel []int32, n int, f func(T, T) int) {
	x, y, mx, my := vector.Values[T](a), vector.Values[T](b), mask(a), mask(b)
	if sel == nil {
		for i := range out[:n] {
			out[i] = b2u(op.holds(f(x[i&mx], y[i&my])))
		}
		return
	}
	for _, i := range sel {
		out[i] = b2u(op.holds(f(x[int(i)&mx], y[int(i)&my])))
	}
}

// compareFloat orders NaN after everything and equal to itself, as PostgreSQL does.
func compareFloat[T float32 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a == a:
		return -1 // only b is NaN
	case b == b:
		return 1
	}
	return 0
}

// compareBytes compares strings in C collation; character(n) ignores trailing blanks.
func compareBytes(op CompareOp, out []uint8, a, b *vector.Vector, sel []int32, n int) {
	x, y := textOf(a), textOf(b)
	if a.Type.Kind == types.Char {
		_ = each(sel, n, func(i int) error {
			out[i] = b2u(op.holds(bytes.Compare(trimBlanks(x.at(i)), trimBlanks(y.at(i)))))
			return nil
		})
		return
	}
	if op == Eq || op == Ne {
		same := b2u(op == Eq)
		_ = each(sel, n, func(i int) error {
			out[i] = b2u(str(x.at(i)) == str(y.at(i))) ^ same ^ 1
			return nil
		})
		return
	}
	_ = each(sel, n, func(i int) error {
		out[i] = b2u(op.holds(bytes.Compare(x.at(i), y.at(i))))
		return nil
	})
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// comparableTypes are the types that have comparison operators of their own.
var comparableTypes = []types.Type{
	tBool, tInt2, tInt4, tInt8, tFloat4, tFloat8, tNumeric, tText, tVarchar, tChar, tName, tQChar, tBytea, tDate, tTime,
	tTimestamp, tTimestampTZ, tInterval, tUUID, tOID, anyArray,
}

// comparisons lists =, <>, <, <=, > and >= of every comparable type.
func comparisons() []*Func {
	var fs []*Func
	for _, name := range []string{"=", "<>", "<", "<=", ">", ">="} {
		op := compareNames[name]
		for _, t := range comparableTypes {
			if t == tVarchar {
				continue // compared as text
			}
			fs = append(fs, &Func{Name: name, Args: []types.Type{t, t}, Result: tBool, Kernel: CompareKernel(op)})
		}
		fs = append(fs, mixedTimes(name, op)...)
	}
	return fs
}
