package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// fixedVariance is varianceAcc for values of one scale that 64 bits hold: count, Σx and Σx² are
// whole numbers of that scale, and 128 bits hold the sums, so that a row costs a multiplication and a few
// additions. The results have PostgreSQL's digits, since nothing is rounded before the division.
type fixedVariance struct {
	aggStates[squares128]
	sample, root bool
	scale        int
}

type squares128 struct {
	n         int64
	sum, sum2 value.Int128
}

// isFixedVariance reports whether the values have one scale and fit 64 bits.
func isFixedVariance(t types.Type) bool {
	switch t.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

func (a *fixedVariance) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	switch args[0].Type.Storage() {
	case types.StoreInt16:
		addSquares(a.s, vector.Values[int16](args[0]), pos, grp, count)
	case types.StoreInt32:
		addSquares(a.s, vector.Values[int32](args[0]), pos, grp, count)
	default:
		vals := vector.Values[int64](args[0])
		for k := 0; k < count; k++ {
			x, s := vals[at(pos, k)], &a.s[group(grp, k)]
			s.n++
			s.sum = s.sum.AddInt64(x)
			sum2, overflow := s.sum2.AddOverflow(value.MulInt64(x, x))
			if overflow {
				return value.ErrNumericOverflow()
			}
			s.sum2 = sum2
		}
	}
	return nil
}

// addSquares adds values whose squares 64 bits hold.
func addSquares[T int16 | int32](s []squares128, vals []T, pos, grp []int32, count int) {
	for k := 0; k < count; k++ {
		x, p := int64(vals[at(pos, k)]), &s[group(grp, k)]
		p.n++
		p.sum = p.sum.AddInt64(x)
		p.sum2 = p.sum2.AddInt64(x * x)
	}
}

func (a *fixedVariance) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	rows, sums, sums2 := vector.Values[int64](state[0]), vector.Values[value.Int128](state[1]), vector.Values[value.Int128](state[2])
	for k := 0; k < count; k++ {
		i, s := at(pos, k), &a.s[group(grp, k)]
		s.n += rows[i]
		s.sum = s.sum.Add(sums[i]) // |Σx| ≤ Σx² in units of the scale
		sum2, overflow := s.sum2.AddOverflow(sums2[i])
		if overflow {
			return value.ErrNumericOverflow()
		}
		s.sum2 = sum2
	}
	return nil
}

// varianceState is count, Σx, Σx².
func varianceState(args []types.Type) []types.Type {
	if t := args[0]; isFixedVariance(t) {
		return []types.Type{tInt8, types.NumericOf(value.MaxDigits, int(t.Scale)), types.NumericOf(value.MaxDigits, 2*int(t.Scale))}
	}
	return []types.Type{tInt8, tNumeric, tNumeric}
}

func (a *fixedVariance) State(from, to int) ([]*vector.Vector, error) {
	n, sum, sum2 := make([]int64, to-from), make([]value.Int128, to-from), make([]value.Int128, to-from)
	for i, s := range a.s[from:to] {
		if !s.sum2.FitsDigits(value.MaxDigits) {
			return nil, value.ErrNumericOverflow()
		}
		n[i], sum[i], sum2[i] = s.n, s.sum, s.sum2
	}
	return []*vector.Vector{vector.FromSlice(tInt8, n), vector.FromSlice(types.NumericOf(value.MaxDigits, a.scale), sum),
		vector.FromSlice(types.NumericOf(value.MaxDigits, 2*a.scale), sum2)}, nil
}

func (a *fixedVariance) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(tNumeric, to-from)
	vals := vector.Values[value.Numeric](out)
	for i := range vals {
		s := &a.s[from+i]
		if s.n == 0 || a.sample && s.n == 1 {
			out.SetNull(i)
			continue
		}
		v, err := a.result(s)
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return out, nil
}

// result is varianceResult in whole numbers where they fit.
func (a *fixedVariance) result(s *squares128) (value.Numeric, error) {
	nx2, overflow := s.sum2.MulInt64(s.n)
	if overflow || !s.sum.IsInt64() || s.n > math.MaxInt32 {
		return varianceResult(squares{s.n, value.NumericFromFixed(s.sum, a.scale), value.NumericFromFixed(s.sum2, 2*a.scale)}, a.sample, a.root)
	}
	num := nx2.Sub(value.MulInt64(s.sum.Int64(), s.sum.Int64()))
	if num.Sign() <= 0 {
		return value.Numeric{}, nil
	}
	return varianceOf(value.NumericFromFixed(num, 2*a.scale), s.n, a.sample, a.root)
}
