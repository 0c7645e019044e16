package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type sum64 struct {
	sum int64
	n   int64
}

// sumIntAcc is sum(int2) and sum(int4), which give bigint; with avg it is
// their average.
type sumIntAcc struct {
	aggStates[sum64]
	avg  bool
	lead *sumIntAcc // whose states to report, nil = own
}

func newSumInt([]types.Type) Accumulator { return &sumIntAcc{} }
func newAvgInt([]types.Type) Accumulator { return &sumIntAcc{avg: true} }

func (a *sumIntAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	if args[0].Type.Storage() == types.StoreInt16 {
		return sumInts(a, vector.Values[int16](args[0]), pos, grp, count)
	}
	return sumInts(a, vector.Values[int32](args[0]), pos, grp, count)
}

func sumInts[T int16 | int32](a *sumIntAcc, vals []T, pos, grp []int32, n int) error {
	s := a.s
	if grp == nil {
		if n == 0 {
			return nil
		}
		sum := int64(0)
		for k := 0; k < n; k++ {
			sum += int64(vals[at(pos, k)])
		}
		return a.add(0, sum, int64(n))
	}
	for k, g := range grp[:n] {
		p := &s[g]
		p.sum += int64(vals[at(pos, k)])
		p.n++
	}
	return nil
}

func (a *sumIntAcc) add(g int, sum, n int64) error {
	p := &a.s[g]
	r := p.sum + sum
	if (p.sum^r)&(sum^r) < 0 {
		return sqlerr.New(sqlerr.NumericOutOfRange, "bigint out of range")
	}
	p.sum, p.n = r, p.n+n
	return nil
}

func (a *sumIntAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	sums, counts := vector.Values[int64](state[0]), vector.Values[int64](state[1])
	for k := 0; k < count; k++ {
		i := at(pos, k)
		if err := a.add(group(grp, k), sums[i], counts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *sumIntAcc) State(from, to int) ([]*vector.Vector, error) {
	sums, counts := make([]int64, to-from), make([]int64, to-from)
	for i, s := range a.states(from, to) {
		sums[i], counts[i] = s.sum, s.n
	}
	return []*vector.Vector{vector.FromSlice(tInt8, sums), vector.FromSlice(tInt8, counts)}, nil
}

func (a *sumIntAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	if a.avg {
		all := a.states(from, to)
		return finalAvg(to-from, 0, func(i int) (value.Int128, int64) {
			s := all[i]
			return value.Int128From(s.sum), s.n
		})
	}
	out := vector.New(tInt8, to-from)
	vals := vector.Values[int64](out)
	for i, s := range a.states(from, to) {
		vals[i] = s.sum
		setValid(out, i, s.n > 0)
	}
	return out, nil
}

// finalAvg divides sums by counts at PostgreSQL's scale.
func finalAvg(n, scale int, state func(i int) (value.Int128, int64)) (*vector.Vector, error) {
	out := vector.New(tNumeric, n)
	vals := vector.Values[value.Numeric](out)
	for i := range vals {
		sum, count := state(i)
		if count == 0 {
			out.SetNull(i)
			continue
		}
		v, err := value.Avg(sum, scale, count)
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return out, nil
}

type sum128 struct {
	sum value.Int128
	n   int64
}

// sumWideAcc sums bigint and numerics of fixed scale in 128 bits.
type sumWideAcc struct {
	aggStates[sum128]
	scale  int
	result types.Type // of sum; avg gives the unconstrained numeric
	avg    bool
	lanes  laneSums
	lead   *sumWideAcc // whose states to report, nil = own
}

func newSumWide(args []types.Type) Accumulator {
	return &sumWideAcc{scale: int(args[0].Scale), result: sumType(args)}
}

func newAvgWide(args []types.Type) Accumulator {
	return &sumWideAcc{scale: int(args[0].Scale), avg: true}
}

// sumType is the type of sum(numeric(p,s)): as many digits as there are.
func sumType(args []types.Type) types.Type {
	if args[0].IsFixedNumeric() {
		return types.NumericOf(38, int(args[0].Scale))
	}
	return tNumeric
}

func (a *sumWideAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	lanes := grp != nil && args[0].Enc == vector.Flat && a.lanes.suits(len(a.s), count)
	if args[0].Type.Storage() == types.StoreInt128 {
		vals, done := vector.Values[value.Int128](args[0]), 0
		if lanes {
			var err error
			if done, err = a.addLanes(nil, vals, pos, grp[:count]); err != nil || done == count {
				return err
			}
		}
		return a.addWide(vals, done, pos, grp, count)
	}
	vals := vector.Values[int64](args[0])
	if grp == nil {
		a.sumAll(vals, pos, count)
		return nil
	}
	if lanes {
		done, err := a.addLanes(vals, nil, pos, grp[:count])
		if err != nil || done == count {
			return err
		}
		grp, count = grp[done:], count-done
		if pos != nil {
			pos = pos[done:]
		} else {
			vals = vals[done:]
		}
	}
	s := a.s
	if pos == nil {
		vals = vals[:count]
		for k, g := range grp[:count] {
			p := &s[g]
			p.sum = p.sum.AddInt64(vals[k])
			p.n++
		}
		return nil
	}
	for k, g := range grp[:count] {
		p := &s[g]
		p.sum = p.sum.AddInt64(vals[pos[k]])
		p.n++
	}
	return nil
}

// sumAll adds in 64 bits while that can't overflow: high and low halves apart.
func (a *sumWideAcc) sumAll(vals []int64, pos []int32, n int) {
	if n == 0 {
		return
	}
	var lo uint64
	var hi int64
	for k := 0; k < n; k++ {
		x := vals[at(pos, k)]
		lo += uint64(uint32(x))
		hi += x >> 32
	}
	p := &a.s[0]
	h := value.MulInt64(hi, 1<<32)
	p.sum = p.sum.Add(h).Add(value.Int128FromUint64(lo))
	p.n += int64(n)
}

// addWide folds listed rows from, from+1, …, n-1 in.
func (a *sumWideAcc) addWide(vals []value.Int128, from int, pos, grp []int32, n int) error {
	for k := from; k < n; k++ {
		p := &a.s[group(grp, k)]
		r, over := p.sum.AddOverflow(vals[at(pos, k)])
		if over {
			return value.ErrNumericOverflow()
		}
		p.sum = r
		p.n++
	}
	return nil
}

func (a *sumWideAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	sums, counts := vector.Values[value.Int128](state[0]), vector.Values[int64](state[1])
	for k := 0; k < count; k++ {
		i := at(pos, k)
		p := &a.s[group(grp, k)]
		r, over := p.sum.AddOverflow(sums[i])
		if over {
			return value.ErrNumericOverflow()
		}
		p.sum = r
		p.n += counts[i]
	}
	return nil
}

func (a *sumWideAcc) State(from, to int) ([]*vector.Vector, error) {
	sums, counts := make([]value.Int128, to-from), make([]int64, to-from)
	for i, s := range a.states(from, to) {
		sums[i], counts[i] = s.sum, s.n
	}
	return []*vector.Vector{vector.FromSlice(types.NumericOf(38, a.scale), sums), vector.FromSlice(tInt8, counts)}, nil
}

func (a *sumWideAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	if a.avg {
		all := a.states(from, to)
		return finalAvg(to-from, a.scale, func(i int) (value.Int128, int64) {
			s := all[i]
			return s.sum, s.n
		})
	}
	out := vector.New(a.result, to-from)
	for i, s := range a.states(from, to) {
		if s.n == 0 {
			out.SetNull(i)
			continue
		}
		if !s.sum.FitsDigits(38) {
			return nil, value.ErrNumericOverflow()
		}
		if a.result.Precision == 0 {
			vector.Values[value.Numeric](out)[i] = value.NumericFromFixed(s.sum, a.scale)
		} else {
			vector.Values[value.Int128](out)[i] = s.sum
		}
	}
	return out, nil
}

func wideState(args []types.Type) []types.Type {
	return []types.Type{types.NumericOf(38, int(args[0].Scale)), tInt8}
}

func intState([]types.Type) []types.Type { return []types.Type{tInt8, tInt8} }
