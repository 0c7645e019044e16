package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type int128 = value.Int128

// wide reads a fixed numeric of either storage as 128 bits.
func wide(v *vector.Vector) func(i int) int128 {
	m := mask(v)
	if v.Type.Storage() == types.StoreInt64 {
		x := vector.Values[int64](v)
		return func(i int) int128 { return value.Int128From(x[i&m]) }
	}
	x := vector.Values[int128](v)
	return func(i int) int128 { return x[i&m] }
}

func isNarrow(v *vector.Vector) bool { return v.Type.Storage() == types.StoreInt64 }

// addFixed makes the kernel of a + sign×b over fixed numerics. The operands are
// brought to the result's scale, the greater of theirs.
func addFixed(sign int64, check bool) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b := args[0], args[1]
		ua, ub := int(out.Type.Scale-a.Type.Scale), int(out.Type.Scale-b.Type.Scale)
		if isNarrow(out) {
			addNarrow(vector.Values[int64](out), a, b, value.Pow10Int64[ua], sign*value.Pow10Int64[ub], sel, n)
			return nil
		}
		x, y, r := wide(a), wide(b), vector.Values[int128](out)
		return each(sel, n, func(i int) error {
			p, o1 := x(i).ScaleUp(ua)
			q, o2 := y(i).ScaleUp(ub)
			if sign < 0 {
				q = q.Neg()
			}
			s, o3 := p.AddOverflow(q)
			if check && (o1 || o2 || o3 || !s.FitsDigits(38)) {
				return value.ErrNumericOverflow()
			}
			r[i] = s
			return nil
		})
	}
}

// addNarrow computes a×fa + b×fb, where nothing can overflow.
func addNarrow(r []int64, a, b *vector.Vector, fa, fb int64, sel []int32, n int) {
	x, y, mx, my := vector.Values[int64](a), vector.Values[int64](b), mask(a), mask(b)
	switch {
	case sel != nil:
		for _, i := range sel {
			r[i] = x[int(i)&mx]*fa + y[int(i)&my]*fb
		}
	case mx == 0 && my == -1:
		c := x[0] * fa
		r, y := r[:n], y[:n]
		for i, v := range y {
			r[i] = c + v*fb
		}
	default:
		for i := range r[:n] {
			r[i] = x[i&mx]*fa + y[i&my]*fb
		}
	}
}

// mulFixed makes the kernel of a×b over fixed numerics: scales add up.
func mulFixed(check bool) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b := args[0], args[1]
		if isNarrow(out) {
			mulNarrow(vector.Values[int64](out), a, b, sel, n)
			return nil
		}
		r := vector.Values[int128](out)
		if isNarrow(a) && isNarrow(b) {
			mulToWide(r, a, b, sel, n)
			return nil
		}
		if isNarrow(a) {
			a, b = b, a
		}
		if isNarrow(b) {
			return mulWideNarrow(r, a, b, sel, n, check)
		}
		x, y := wide(a), wide(b)
		return each(sel, n, func(i int) error {
			p, over := x(i).MulOverflow(y(i))
			if check && (over || !p.FitsDigits(38)) {
				return value.ErrNumericOverflow()
			}
			r[i] = p
			return nil
		})
	}
}

func mulNarrow(r []int64, a, b *vector.Vector, sel []int32, n int) {
	x, y, mx, my := vector.Values[int64](a), vector.Values[int64](b), mask(a), mask(b)
	switch {
	case sel != nil:
		for _, i := range sel {
			r[i] = x[int(i)&mx] * y[int(i)&my]
		}
	case mx == -1 && my == -1:
		r, x, y := r[:n], x[:n], y[:n]
		for i, v := range x {
			r[i] = v * y[i]
		}
	default:
		for i := range r[:n] {
			r[i] = x[i&mx] * y[i&my]
		}
	}
}

func mulToWide(r []int128, a, b *vector.Vector, sel []int32, n int) {
	x, y, mx, my := vector.Values[int64](a), vector.Values[int64](b), mask(a), mask(b)
	switch {
	case sel != nil:
		for _, i := range sel {
			r[i] = value.MulInt64(x[int(i)&mx], y[int(i)&my])
		}
	case mx == -1 && my == -1:
		r, x, y := r[:n], x[:n], y[:n]
		for i, v := range x {
			r[i] = value.MulInt64(v, y[i])
		}
	default:
		for i := range r[:n] {
			r[i] = value.MulInt64(x[i&mx], y[i&my])
		}
	}
}

// mulWideNarrow multiplies 128 by 64 bits; products of values that fit 64 bits,
// by far the most, take one multiplication, and batches of them one loop.
func mulWideNarrow(r []int128, a, b *vector.Vector, sel []int32, n int, check bool) error {
	x, y, mx, my := vector.Values[int128](a), vector.Values[int64](b), mask(a), mask(b)
	if mx == -1 && my == -1 && mulLow(r, x, y, sel, n) {
		return nil
	}
	return each(sel, n, func(i int) error {
		w, v := x[i&mx], y[i&my]
		if w.IsInt64() {
			r[i] = value.MulInt64(int64(w.Lo), v)
			return nil
		}
		p, over := w.MulInt64(v)
		if check && (over || !p.FitsDigits(38)) {
			return value.ErrNumericOverflow()
		}
		r[i] = p
		return nil
	})
}

// mulLow multiplies the low words and reports whether that was all there was.
func mulLow(r, x []int128, y []int64, sel []int32, n int) bool {
	var wide uint64
	if sel == nil {
		r, x, y := r[:n], x[:n], y[:n]
		for i := range x {
			lo := int64(x[i].Lo)
			wide |= uint64(x[i].Hi ^ lo>>63)
			r[i] = value.MulInt64(lo, y[i])
		}
		return wide == 0
	}
	for _, i := range sel {
		lo := int64(x[i].Lo)
		wide |= uint64(x[i].Hi ^ lo>>63)
		r[i] = value.MulInt64(lo, y[i])
	}
	return wide == 0
}

// negFixed makes the kernels of -a and |a|; absOnly keeps positive values.
func negFixed(absOnly bool) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		if isNarrow(out) {
			x, r, m := vector.Values[int64](args[0]), vector.Values[int64](out), mask(args[0])
			return each(sel, n, func(i int) error {
				if v := x[i&m]; absOnly && v > 0 {
					r[i] = v
				} else {
					r[i] = -v
				}
				return nil
			})
		}
		x, r := wide(args[0]), vector.Values[int128](out)
		return each(sel, n, func(i int) error {
			if v := x(i); absOnly && v.Sign() > 0 {
				r[i] = v
			} else {
				r[i] = v.Neg()
			}
			return nil
		})
	}
}

func firstType(ts []types.Type) types.Type { return ts[0] }

func first2(f func(a, b types.Type) (types.Type, bool)) func([]types.Type) types.Type {
	return func(ts []types.Type) types.Type { t, _ := f(ts[0], ts[1]); return t }
}

// Unchecked returns the variant of an operator on numerics with static scales that takes for granted
// that its result has as many digits as its type says; nil for other functions.
func Unchecked(f *Func) *Func {
	if len(f.Args) != 2 || !f.IsVariant() {
		return nil
	}
	g, _ := Find(f.Name, sig(fixed, fixed))
	return g
}

// fixedFuncs lists the arithmetic of numerics with a static scale. Resolve
// picks them in place of the unconstrained ones.
func fixedFuncs() []*Func {
	f2, c2, f1 := sig(fixed, fixed), sig(capped, capped), sig(fixed)
	add, mul := first2(fixedAdd), first2(fixedMul)
	return []*Func{
		{Name: "+", Args: f2, Infer: add, Kernel: addFixed(1, false)},
		{Name: "-", Args: f2, Infer: add, Kernel: addFixed(-1, false)},
		{Name: "*", Args: f2, Infer: mul, Kernel: mulFixed(false)},
		{Name: "+", Args: c2, Infer: add, Fallible: true, Kernel: addFixed(1, true)},
		{Name: "-", Args: c2, Infer: add, Fallible: true, Kernel: addFixed(-1, true)},
		{Name: "*", Args: c2, Infer: mul, Fallible: true, Kernel: mulFixed(true)},
		{Name: "-", Args: f1, Infer: firstType, Kernel: negFixed(false)},
		{Name: "abs", Args: f1, Infer: firstType, Kernel: negFixed(true)},
		{Name: "@", Args: f1, Infer: firstType, Kernel: negFixed(true)},
	}
}
