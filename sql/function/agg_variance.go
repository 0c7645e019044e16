package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type squares struct {
	n         int64
	sum, sum2 value.Numeric
}

// varianceAcc is the exact variance family of integers and numerics, whose
// results are numeric as in PostgreSQL.
type varianceAcc struct {
	aggStates[squares]
	sample, root bool
	get          func(v *vector.Vector, i int) value.Numeric
}

func newVariance(sample, root bool) func([]types.Type) Accumulator {
	return func(args []types.Type) Accumulator {
		if isFixedVariance(args[0]) {
			return &fixedVariance{sample: sample, root: root, scale: int(args[0].Scale)}
		}
		return &varianceAcc{sample: sample, root: root, get: numericGetter(args[0])}
	}
}

// numericGetter reads numerics of the wider storages.
func numericGetter(t types.Type) func(v *vector.Vector, i int) value.Numeric {
	scale := int(t.Scale)
	switch t.Storage() {
	case types.StoreInt128:
		return func(v *vector.Vector, i int) value.Numeric {
			return value.NumericFromFixed(vector.Values[value.Int128](v)[i], scale)
		}
	}
	return func(v *vector.Vector, i int) value.Numeric { return vector.Values[value.Numeric](v)[i] }
}

func (a *varianceAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	for k := 0; k < count; k++ {
		x := a.get(args[0], at(pos, k))
		sq, err := x.Mul(x)
		if err == nil {
			err = a.s[group(grp, k)].add(squares{1, x, sq})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *squares) add(o squares) (err error) {
	s.n += o.n
	if s.sum, err = s.sum.Add(o.sum); err != nil {
		return err
	}
	s.sum2, err = s.sum2.Add(o.sum2)
	return err
}

func (a *varianceAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	for k := 0; k < count; k++ {
		i := at(pos, k)
		o := squares{vector.Values[int64](state[0])[i], vector.Values[value.Numeric](state[1])[i], vector.Values[value.Numeric](state[2])[i]}
		if err := a.s[group(grp, k)].add(o); err != nil {
			return err
		}
	}
	return nil
}

func (a *varianceAcc) State(from, to int) ([]*vector.Vector, error) {
	n, sum, sum2 := make([]int64, to-from), make([]value.Numeric, to-from), make([]value.Numeric, to-from)
	for i, s := range a.s[from:to] {
		n[i], sum[i], sum2[i] = s.n, s.sum, s.sum2
	}
	return []*vector.Vector{vector.FromSlice(tInt8, n), vector.FromSlice(tNumeric, sum), vector.FromSlice(tNumeric, sum2)}, nil
}

func (a *varianceAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(tNumeric, to-from)
	vals := vector.Values[value.Numeric](out)
	for i, s := range a.s[from:to] {
		if s.n == 0 || a.sample && s.n == 1 {
			out.SetNull(i)
			continue
		}
		v, err := varianceResult(s, a.sample, a.root)
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return out, nil
}

// varianceResult is (n Σx² − (Σx)²) / (n (n−1)), or over n², and its root.
func varianceResult(s squares, sample, root bool) (value.Numeric, error) {
	if !s.sum.IsFinite() || !s.sum2.IsFinite() {
		return value.NumericOfKind(value.NaN), nil
	}
	nx2, err := value.NumericFromInt64(s.n).Mul(s.sum2)
	if err != nil {
		return nx2, err
	}
	x2, err := s.sum.Mul(s.sum)
	if err != nil {
		return x2, err
	}
	num, err := nx2.Sub(x2)
	if err != nil || num.Sign() <= 0 {
		return value.Numeric{}, err
	}
	return varianceOf(num, s.n, sample, root)
}

// varianceOf divides n Σx² − (Σx)² > 0 by the weight of n rows.
func varianceOf(num value.Numeric, n int64, sample, root bool) (value.Numeric, error) {
	m := n
	if sample {
		m--
	}
	den := value.MulInt64(n, m) // below 2^126, which 38 digits hold
	v, err := num.Div(value.NumericFromFixed(den, 0))
	if err != nil || !root {
		return v, err
	}
	return v.RootAt(int(v.Scale))
}
