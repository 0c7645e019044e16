package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// countAcc counts rows, or the rows whose argument is not NULL.
type countAcc struct {
	aggStates[int64]
}

func newCount([]types.Type) Accumulator { return &countAcc{} }

func (a *countAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	if len(args) > 0 {
		_, groups2, count := a.rows.list(args[0], groups, sel, n)
		groups, n = groups2, count
	}
	if groups == nil {
		a.s[0] += int64(n)
		return nil
	}
	s := a.s
	for _, g := range groups[:n] {
		s[g]++
	}
	return nil
}

func (a *countAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	vals := vector.Values[int64](state[0])
	for k := 0; k < count; k++ {
		a.s[group(grp, k)] += vals[at(pos, k)]
	}
	return nil
}

func (a *countAcc) State(from, to int) ([]*vector.Vector, error) {
	v, err := a.Final(nil, from, to)
	return []*vector.Vector{v}, err
}

func (a *countAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	return vector.FromSlice(tInt8, append([]int64(nil), a.s[from:to]...)), nil
}
