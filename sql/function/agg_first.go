package function

import "github.com/flintsql/flint/exec/vector"

// AnyEncoding marks accumulators that read vectors of every encoding; others
// are given Flat and Const ones only.
type AnyEncoding interface{ ReadsAnyEncoding() }

// firstAcc is any_value of variable-length values: a group's first value that
// is not NULL. The values lie together in one column, so that a group costs no allocation, and stay
// dictionary codes if they come as such.
type firstAcc struct {
	aggStates[int32] // row in values + 1
	values           *vector.Appender
	fresh            []int32
}

func newFirst(values *vector.Appender) *firstAcc { return &firstAcc{values: values} }

// ReadsAnyEncoding marks it as AnyEncoding.
func (a *firstAcc) ReadsAnyEncoding() {}

func (a *firstAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	v := args[0]
	pos, grp, count := a.rows.list(v, groups, sel, n)
	next := int32(a.values.Len())
	a.fresh = a.fresh[:0]
	for k := range count {
		p := &a.s[group(grp, k)]
		if *p == 0 {
			next++
			*p = next
			a.fresh = append(a.fresh, int32(at(pos, k)))
		}
	}
	if len(a.fresh) == 0 {
		return nil
	}
	return a.values.Append(v, a.fresh, 0)
}

func (a *firstAcc) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

func (a *firstAcc) State(from, to int) ([]*vector.Vector, error) {
	idx := make([]int32, to-from)
	for i, row := range a.s[from:to] {
		idx[i] = row - 1
	}
	return []*vector.Vector{vector.Take(a.values.View(), idx)}, nil
}

func (a *firstAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	v, err := a.State(from, to)
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

func (a *firstAcc) Bytes() int64 { return a.aggStates.Bytes() + a.values.Bytes() }

func (a *firstAcc) Reset() {
	a.aggStates.Reset()
	a.values = a.values.Empty()
}
