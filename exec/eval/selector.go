package eval

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// selector narrows a selection to the rows for which a condition is true. in
// (nil = all rows) may be out itself; out has room for all rows.
type selector interface {
	narrow(st *state, in, out []int32) ([]int32, error)
}

// rangeSelector is low ≤ x ≤ high over an integer-stored column.
type rangeSelector struct {
	b    bounds
	slow *nodeSelector // where the column is a dictionary or constant
}

func (s *rangeSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	v := st.b.Cols[s.b.col.Index]
	if v.Enc != vector.Flat {
		return s.slow.narrow(st, in, out)
	}
	switch v.Type.Storage() {
	case types.StoreInt16:
		out = selectRange[int16, uint16](s.b, v, math.MinInt16, math.MaxInt16, in, out)
	case types.StoreInt32:
		out = selectRange[int32, uint32](s.b, v, math.MinInt32, math.MaxInt32, in, out)
	default:
		out = selectRange[int64, uint64](s.b, v, math.MinInt64, math.MaxInt64, in, out)
	}
	if v.Valid != nil {
		out = vector.SelectValid(out, v.Valid, out, st.n)
	}
	return out, nil
}

type signed interface{ int16 | int32 | int64 }
type unsigned interface{ uint16 | uint32 | uint64 }

// selectRange tests both bounds with one unsigned comparison and no branch.
func selectRange[T signed, U unsigned](b bounds, v *vector.Vector, lo, hi int64, in, out []int32) []int32 {
	low, high, ok := b.clamp(lo, hi)
	if !ok && !b.not {
		return out[:0]
	}
	vals := vector.Values[T](v)[:v.Len]
	span, first := U(high-low), T(low)
	not := 0
	if b.not {
		if !ok { // nothing to exclude: the range is empty
			span, first, not = U(hi-lo), T(lo), 0
		} else {
			not = 1
		}
	}
	k := 0
	if in == nil {
		out = out[:len(vals)]
		if not == 0 {
			for i, x := range vals {
				out[k] = int32(i)
				k += toInt(U(x-first) <= span)
			}
			return out[:k]
		}
		for i, x := range vals {
			out[k] = int32(i)
			k += toInt(U(x-first) > span)
		}
		return out[:k]
	}
	out = out[:len(in)]
	for _, i := range in {
		out[k] = i
		k += toInt(U(vals[i]-first) <= span) ^ not
	}
	return out[:k]
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nodeSelector evaluates a condition as a column and selects where it is true.
type nodeSelector struct {
	node  node
	flat  node // node, never as a dictionary
	scope scope
}

func (s *nodeSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	v, err := s.flat.eval(st, st.enter(&s.scope, nil, in))
	if err != nil {
		return nil, err
	}
	return selectTrue(v, st.n, in, out), nil
}

func selectTrue(v *vector.Vector, n int, in, out []int32) []int32 {
	if v.Enc == vector.Const {
		switch {
		case v.IsNull(0) || v.Data[0] == 0:
			return out[:0]
		case in == nil:
			return out[:copy(out[:n], vector.Identity(nil, n))]
		}
		return out[:copy(out[:len(in)], in)]
	}
	k, vals := 0, v.Data
	if in == nil {
		out = out[:n]
		for i, b := range vals[:n] {
			out[k] = int32(i)
			k += int(b & 1)
		}
	} else {
		out = out[:len(in)]
		for _, i := range in {
			out[k] = i
			k += int(vals[i] & 1)
		}
	}
	if v.Valid != nil {
		return vector.SelectValid(out[:k], v.Valid, out[:k], n)
	}
	return out[:k]
}

// dictSelector looks conditions over a dictionary column up by code.
type dictSelector struct {
	dict *dictNode
	slow *nodeSelector
}

func (s *dictSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	v := st.b.Cols[s.dict.input]
	rows := st.n
	if in != nil {
		rows = len(in)
	}
	t := s.dict.table(st, v, rows)
	if t == nil {
		return s.slow.narrow(st, in, out)
	}
	codes, truth, k := s.dict.entryCodes(v, t), t.truth, 0
	if in == nil {
		out = out[:len(codes)]
		for i, c := range codes {
			out[k] = int32(i)
			k += int(truth[c])
		}
		return out[:k], nil
	}
	out = out[:len(in)]
	for _, i := range in {
		out[k] = i
		k += int(truth[codes[i]])
	}
	return out[:k], nil
}

// setSelector is IN (integers) over an integer-stored column.
type setSelector struct {
	index int
	set   *set
	slow  *nodeSelector
}

func (s *setSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	v := st.b.Cols[s.index]
	if v.Enc != vector.Flat || s.set.bits == nil {
		return s.slow.narrow(st, in, out)
	}
	switch v.Type.Storage() {
	case types.StoreInt16:
		out = selectSet[int16](s.set, v, in, out)
	case types.StoreInt32:
		out = selectSet[int32](s.set, v, in, out)
	default:
		out = selectSet[int64](s.set, v, in, out)
	}
	if v.Valid != nil {
		out = vector.SelectValid(out, v.Valid, out, st.n)
	}
	return out, nil
}

func selectSet[T signed](s *set, v *vector.Vector, in, out []int32) []int32 {
	vals, bits, low, k := vector.Values[T](v)[:v.Len], s.bits, s.low, 0
	if in == nil {
		out = out[:len(vals)]
		for i, x := range vals {
			out[k] = int32(i)
			if d := uint64(int64(x) - low); d>>6 < uint64(len(bits)) {
				k += int(bits[d>>6]>>(d&63)) & 1
			}
		}
		return out[:k]
	}
	out = out[:len(in)]
	for _, i := range in {
		out[k] = i
		if d := uint64(int64(vals[i]) - low); d>>6 < uint64(len(bits)) {
			k += int(bits[d>>6]>>(d&63)) & 1
		}
	}
	return out[:k]
}

// pairSelector compares two integer-stored columns of one storage.
type pairSelector struct {
	a, b int
	op   pairOp
	slow *nodeSelector
}

type pairOp uint8

const (
	pairEq pairOp = iota
	pairNe
	pairLt
	pairLe
)

func (s *pairSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	a, b := st.b.Cols[s.a], st.b.Cols[s.b]
	if a.Enc != vector.Flat || b.Enc != vector.Flat {
		return s.slow.narrow(st, in, out)
	}
	if in == nil {
		st.all = vector.Identity(st.all, st.n)
		in = st.all
	}
	switch a.Type.Storage() {
	case types.StoreInt16:
		out = selectPair[int16](s.op, a, b, in, out)
	case types.StoreInt32:
		out = selectPair[int32](s.op, a, b, in, out)
	default:
		out = selectPair[int64](s.op, a, b, in, out)
	}
	for _, v := range [...]*vector.Vector{a, b} {
		if v.Valid != nil {
			out = vector.SelectValid(out, v.Valid, out, st.n)
		}
	}
	return out, nil
}

func selectPair[T signed](op pairOp, a, b *vector.Vector, in, out []int32) []int32 {
	x, y := vector.Values[T](a)[:a.Len], vector.Values[T](b)[:a.Len]
	k := 0
	out = out[:len(in)]
	switch op {
	case pairEq:
		for _, i := range in {
			out[k] = i
			k += toInt(x[i] == y[i])
		}
	case pairNe:
		for _, i := range in {
			out[k] = i
			k += toInt(x[i] != y[i])
		}
	case pairLt:
		for _, i := range in {
			out[k] = i
			k += toInt(x[i] < y[i])
		}
	default:
		for _, i := range in {
			out[k] = i
			k += toInt(x[i] <= y[i])
		}
	}
	return out[:k]
}

// orSelector tries its arguments in turn on the rows that none passed yet.
type orSelector struct {
	args             []selector
	left, hit, union []int32
}

func (s *orSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	s.left, s.hit = room(s.left, st.n), room(s.hit, st.n)
	if in == nil {
		s.union = vector.Identity(s.union, st.n)
		in = s.union
	}
	marks := make([]uint8, st.n)
	left := s.left[:copy(s.left[:len(in)], in)]
	for _, a := range s.args {
		if len(left) == 0 {
			break
		}
		hit, err := a.narrow(st, left, s.hit)
		if err != nil {
			return nil, err
		}
		for _, i := range hit {
			marks[i] = 1
		}
		k := 0
		for _, i := range left {
			left[k] = i
			k += int(marks[i] ^ 1)
		}
		left = left[:k]
	}
	k := 0
	out = out[:len(in)]
	for _, i := range in {
		out[k] = i
		k += int(marks[i])
	}
	return out[:k], nil
}

// andSelector applies its arguments one after the other.
type andSelector struct{ args []selector }

func (s *andSelector) narrow(st *state, in, out []int32) ([]int32, error) {
	for _, a := range s.args {
		var err error
		if out, err = a.narrow(st, in, out[:cap(out)]); err != nil {
			return nil, err
		}
		in = out
		if len(in) == 0 {
			break
		}
	}
	return out, nil
}

// room returns a slice of length n at least.
func room(b []int32, n int) []int32 {
	if cap(b) < n {
		return make([]int32, max(n, vector.BatchSize))
	}
	return b[:cap(b)]
}
