package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sketch"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// ColumnSketch is the aggregate that ANALYZE asks for each column: its result is
// what sketch.ParseColumn reads.
const ColumnSketch = "flint_column_sketch"

// distinctPrecision gives approx_count_distinct a relative error of 1.6 %.
const distinctPrecision = 12

func sketchState([]types.Type) []types.Type { return sig(tBytea) }

// approxAcc is approx_count_distinct: a HyperLogLog a group.
type approxAcc struct {
	aggStates[sketch.HLL]
	hasher vector.Hasher
	hashes []uint64
	held   int64
}

func newApproxDistinct([]types.Type) Accumulator { return &approxAcc{} }

func (a *approxAcc) Grow(n int) {
	old := len(a.s)
	a.aggStates.Grow(n)
	for i := old; i < len(a.s); i++ {
		a.s[i] = sketch.NewHLL(distinctPrecision)
	}
}

func (a *approxAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	a.hashes = hashRows(&a.hasher, a.hashes, args[0], pos, count)
	for k, h := range a.hashes {
		s := &a.s[group(grp, k)]
		before := s.Bytes()
		s.Add(h)
		a.held += int64(s.Bytes() - before)
	}
	return nil
}

// hashRows hashes the listed rows of a column; a constant's position is 0.
func hashRows(h *vector.Hasher, out []uint64, v *vector.Vector, pos []int32, count int) []uint64 {
	if cap(out) < count {
		out = make([]uint64, max(count, vector.BatchSize))
	}
	out = out[:count]
	h.Hash([]*vector.Vector{v}, pos, count, out)
	return out
}

func (a *approxAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	for k := range count {
		o, _, err := sketch.ParseHLL(state[0].Bytes(at(pos, k)))
		if err != nil {
			return err
		}
		s := &a.s[group(grp, k)]
		before := s.Bytes()
		s.Merge(&o)
		a.held += int64(s.Bytes() - before)
	}
	return nil
}

func (a *approxAcc) State(from, to int) ([]*vector.Vector, error) {
	out := vector.New(tBytea, to-from)
	w := vector.NewBytesWriter(out)
	var b []byte
	for i := range a.s[from:to] {
		b = a.s[from+i].Append(b[:0])
		w.Set(i, b)
	}
	return []*vector.Vector{out}, w.Finish()
}

func (a *approxAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := make([]int64, to-from)
	for i := range out {
		out[i] = int64(a.s[from+i].Estimate() + 0.5)
	}
	return vector.FromSlice(tInt8, out), nil
}

func (a *approxAcc) Bytes() int64 { return a.aggStates.Bytes() + a.held + int64(8*cap(a.hashes)) }

func (a *approxAcc) Reset() {
	a.aggStates.Reset()
	a.held = 0
}

// columnAcc is ANALYZE's sketch of a column.
type columnAcc struct {
	aggStates[*sketch.Column]
	typ    types.Type
	hasher vector.Hasher
	hashes []uint64
}

func newColumnSketch(args []types.Type) Accumulator { return &columnAcc{typ: args[0]} }

func (a *columnAcc) Grow(n int) {
	old := len(a.s)
	a.aggStates.Grow(n)
	for i := old; i < len(a.s); i++ {
		a.s[i] = sketch.NewColumn()
	}
}

func (a *columnAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	v := args[0]
	if sel != nil {
		n = len(sel)
	}
	if groups == nil {
		a.s[0].Rows += int64(n)
	} else {
		for _, g := range groups[:n] {
			a.s[g].Rows++
		}
	}
	pos, grp, count := a.rows.list(v, groups, sel, n)
	a.hashes = hashRows(&a.hasher, a.hashes, v, pos, count)
	for k, h := range a.hashes {
		a.s[group(grp, k)].Distinct.Add(h)
	}
	if grp == nil && count > 0 {
		a.offer(a.s[0], v, count, func(k int) int { return at(pos, k) })
		return nil
	}
	for k := range count {
		a.offer(a.s[group(grp, k)], v, 1, func(int) int { return at(pos, k) })
	}
	return nil
}

// offer gives rows to a group's sample and adds their size up; row is where the k-th stands.
func (a *columnAcc) offer(s *sketch.Column, v *vector.Vector, count int, row func(k int) int) {
	s.Values += int64(count)
	switch st := a.typ.Storage(); {
	case st.Width() > 0:
		s.Bytes += int64(st.Width() * count)
	case st == types.StoreBytes:
		for k := range count {
			s.Bytes += int64(len(v.Bytes(row(k))))
		}
	case st == types.StoreList:
		for k := range count {
			s.Bytes += listBytes(v, row(k))
		}
	}
	s.Offer(count, func(k int) value.Value { return v.Get(row(k)) })
}

// listBytes is the size of a list's elements.
func listBytes(v *vector.Vector, row int) (n int64) {
	b, i := v.Base(), v.Index(row)
	from, to := int(b.Offsets[i]), int(b.Offsets[i+1])
	if w := b.Child.Type.Storage().Width(); w > 0 {
		return int64(w * (to - from))
	}
	if b.Child.Type.Storage() == types.StoreBytes {
		for e := from; e < to; e++ {
			n += int64(len(b.Child.Bytes(e)))
		}
	}
	return n
}

func (a *columnAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	for k := range count {
		o, err := sketch.ParseColumn(state[0].Bytes(at(pos, k)), a.typ)
		if err != nil {
			return err
		}
		a.s[group(grp, k)].Merge(o)
	}
	return nil
}

func (a *columnAcc) State(from, to int) ([]*vector.Vector, error) {
	v, err := a.Final(nil, from, to)
	return []*vector.Vector{v}, err
}

func (a *columnAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(tBytea, to-from)
	w := vector.NewBytesWriter(out)
	var b []byte
	for i := range a.s[from:to] {
		b = a.s[from+i].Append(b[:0])
		w.Set(i, b)
	}
	return out, w.Finish()
}

func (a *columnAcc) Bytes() int64 {
	n := a.aggStates.Bytes() + int64(8*cap(a.hashes))
	for _, s := range a.s {
		n += s.Memory()
	}
	return n
}
