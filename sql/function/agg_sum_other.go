package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type sumOf[T any] struct {
	sum T
	n   int64
}

// sumOtherAcc sums values of a type with an addition of its own: numerics of
// any scale, intervals and floats. Its state is the sum and the count.
type sumOtherAcc[T any] struct {
	aggStates[sumOf[T]]
	typ   types.Type
	add   func(a, b T) (T, error)
	final func(sum T, n int64) (T, error) // nil: the sum itself
}

func (a *sumOtherAcc[T]) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[T](args[0])
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		if err := a.fold(p, vals[at(pos, k)], 1); err != nil {
			return err
		}
	}
	return nil
}

func (a *sumOtherAcc[T]) fold(p *sumOf[T], x T, n int64) error {
	if p.n == 0 {
		p.sum, p.n = x, n
		return nil
	}
	s, err := a.add(p.sum, x)
	p.sum = s
	p.n += n
	return err
}

func (a *sumOtherAcc[T]) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	sums, counts := vector.Values[T](state[0]), vector.Values[int64](state[1])
	for k := 0; k < count; k++ {
		i := at(pos, k)
		if counts[i] == 0 {
			continue
		}
		if err := a.fold(&a.s[group(grp, k)], sums[i], counts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *sumOtherAcc[T]) State(from, to int) ([]*vector.Vector, error) {
	sums, counts := make([]T, to-from), make([]int64, to-from)
	for i, s := range a.s[from:to] {
		sums[i], counts[i] = s.sum, s.n
	}
	return []*vector.Vector{vector.FromSlice(a.typ, sums), vector.FromSlice(tInt8, counts)}, nil
}

func (a *sumOtherAcc[T]) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(a.typ, to-from)
	vals := vector.Values[T](out)
	for i, s := range a.s[from:to] {
		if s.n == 0 {
			out.SetNull(i)
			continue
		}
		v, err := s.sum, error(nil)
		if a.final != nil {
			v, err = a.final(s.sum, s.n)
		}
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return out, nil
}

// sumNumericAcc is sumOtherAcc of numerics, which most often are small and have
// the sum's scale, or are the 0 of ELSE 0.
type sumNumericAcc struct{ sumOtherAcc[value.Numeric] }

func (a *sumNumericAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[value.Numeric](args[0])
	for k := 0; k < count; k++ {
		p, x := &a.s[group(grp, k)], &vals[at(pos, k)]
		if p.n > 0 && addSmall(&p.sum, x) {
			p.n++
			continue
		}
		if err := a.fold(p, *x, 1); err != nil {
			return err
		}
	}
	return nil
}

// addSmall adds x to the sum where that is an addition in 64 bits or none.
func addSmall(sum, x *value.Numeric) bool {
	if sum.Kind|x.Kind != value.Finite || x.Scale > sum.Scale || !x.Coef.IsInt64() || !sum.Coef.IsInt64() {
		return false
	}
	b := x.Coef.Int64()
	if x.Scale != sum.Scale {
		return b == 0
	}
	a := sum.Coef.Int64()
	s := a + b
	if (a^s)&(b^s) < 0 {
		return false
	}
	sum.Coef = value.Int128From(s)
	return true
}

func newSumNumeric(args []types.Type) Accumulator {
	if args[0].IsFixedNumeric() {
		return newSumWide(args)
	}
	return &sumNumericAcc{sumOtherAcc[value.Numeric]{typ: tNumeric, add: value.Numeric.Add}}
}

func newAvgNumeric(args []types.Type) Accumulator {
	if args[0].IsFixedNumeric() {
		return newAvgWide(args)
	}
	return &sumNumericAcc{sumOtherAcc[value.Numeric]{typ: tNumeric, add: value.Numeric.Add,
		final: func(s value.Numeric, n int64) (value.Numeric, error) { return s.Div(value.NumericFromInt64(n)) }}}
}

func numericState(args []types.Type) []types.Type {
	if args[0].IsFixedNumeric() {
		return wideState(args)
	}
	return []types.Type{tNumeric, tInt8}
}

func newSumInterval([]types.Type) Accumulator {
	return &sumOtherAcc[value.Interval]{typ: tInterval, add: value.Interval.Add}
}

func newAvgInterval([]types.Type) Accumulator {
	return &sumOtherAcc[value.Interval]{typ: tInterval, add: value.Interval.Add,
		final: func(s value.Interval, n int64) (value.Interval, error) { return s.Div(float64(n)) }}
}

func intervalState([]types.Type) []types.Type { return []types.Type{tInterval, tInt8} }

// sumFloatAcc sums floats in double precision.
type sumFloatAcc struct {
	aggStates[sumOf[float64]]
	avg    bool
	result types.Type
}

func newSumFloat(args []types.Type) Accumulator { return &sumFloatAcc{result: args[0]} }
func newAvgFloat([]types.Type) Accumulator      { return &sumFloatAcc{avg: true, result: tFloat8} }

func (a *sumFloatAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	if args[0].Type.Storage() == types.StoreFloat32 {
		sumFloats(a.s, vector.Values[float32](args[0]), pos, grp, count)
	} else {
		sumFloats(a.s, vector.Values[float64](args[0]), pos, grp, count)
	}
	return nil
}

func sumFloats[T float32 | float64](s []sumOf[float64], vals []T, pos, grp []int32, n int) {
	for k := 0; k < n; k++ {
		p := &s[group(grp, k)]
		p.sum += float64(vals[at(pos, k)])
		p.n++
	}
}

func (a *sumFloatAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	sums, counts := vector.Values[float64](state[0]), vector.Values[int64](state[1])
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		p.sum += sums[at(pos, k)]
		p.n += counts[at(pos, k)]
	}
	return nil
}

func (a *sumFloatAcc) State(from, to int) ([]*vector.Vector, error) {
	sums, counts := make([]float64, to-from), make([]int64, to-from)
	for i, s := range a.s[from:to] {
		sums[i], counts[i] = s.sum, s.n
	}
	return []*vector.Vector{vector.FromSlice(tFloat8, sums), vector.FromSlice(tInt8, counts)}, nil
}

func (a *sumFloatAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(a.result, to-from)
	for i, s := range a.s[from:to] {
		v := s.sum
		if a.avg {
			v /= float64(max(1, s.n))
		}
		if a.result.Kind == types.Float4 {
			vector.Values[float32](out)[i] = float32(v)
		} else {
			vector.Values[float64](out)[i] = v
		}
		setValid(out, i, s.n > 0)
	}
	return out, nil
}

func floatState([]types.Type) []types.Type { return []types.Type{tFloat8, tInt8} }
