package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// collectAcc keeps every value of each group, in order of arrival, for
// aggregates that need them all. Its state is an array of the values.
type collectAcc struct {
	elem   types.Type
	nulls  bool // NULLs are kept too
	arg    int  // which argument is collected
	values *vector.Appender
	groups []int32
	n      int
	first  []value.Value // the other, constant argument: its value in each group
	extra  int           // position of that argument, -1 = none
	finish func(a *collectAcc, g int, rows []int32, out *vector.Builder) error
	result types.Type
	starts []int32 // of each group in order, once sorted
	order  []int32
	sorted int // rows when order was made, -1 = never
}

func newCollect(elem types.Type, nulls bool, arg, extra int) *collectAcc {
	return &collectAcc{elem: elem, nulls: nulls, arg: arg, extra: extra, values: vector.NewAppender(elem), sorted: -1}
}

func (a *collectAcc) Grow(n int) { a.n = max(a.n, n) }

func (a *collectAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	v := args[a.arg]
	if sel != nil {
		n = len(sel)
	}
	keep := make([]int32, 0, n)
	for k := 0; k < n; k++ {
		i := at(sel, k)
		g := group(groups, k)
		if a.extra >= 0 {
			a.keepExtra(g, args[a.extra], i)
		}
		if a.nulls || !v.IsNull(i) {
			keep = append(keep, int32(i))
			a.groups = append(a.groups, int32(g))
		}
	}
	return a.values.Append(v, keep, 0)
}

func (a *collectAcc) keepExtra(g int, v *vector.Vector, i int) {
	for len(a.first) <= g {
		a.first = append(a.first, value.Value{Null: true})
	}
	if a.first[g].Null && !v.IsNull(i) {
		a.first[g] = v.Get(i)
	}
}

func (a *collectAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	list := state[0]
	for k := 0; k < n; k++ {
		i := at(sel, k)
		if len(state) > 1 {
			a.keepExtra(group(groups, k), state[1], i)
		}
		if list.IsNull(i) {
			continue
		}
		i = list.Index(i)
		rows := make([]int32, 0, list.Offsets[i+1]-list.Offsets[i])
		for c := list.Offsets[i]; c < list.Offsets[i+1]; c++ {
			rows = append(rows, c)
			a.groups = append(a.groups, int32(group(groups, k)))
		}
		if err := a.values.Append(list.Child, rows, 0); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf lists the collected rows of a group.
func (a *collectAcc) rowsOf(g int) []int32 {
	if a.sorted != len(a.groups) || len(a.starts) != a.n+1 {
		a.starts = make([]int32, a.n+1)
		for _, x := range a.groups {
			a.starts[x+1]++
		}
		for i := 0; i < a.n; i++ {
			a.starts[i+1] += a.starts[i]
		}
		next := append([]int32(nil), a.starts...)
		a.order = make([]int32, len(a.groups))
		for i, x := range a.groups {
			a.order[next[x]] = int32(i)
			next[x]++
		}
		a.sorted = len(a.groups)
	}
	return a.order[a.starts[g]:a.starts[g+1]]
}

func (a *collectAcc) State(from, to int) ([]*vector.Vector, error) {
	lists, err := a.lists(from, to)
	if err != nil || a.extra < 0 {
		return []*vector.Vector{lists}, err
	}
	b := vector.NewBuilder(a.extraType(), to-from)
	for g := from; g < to; g++ {
		x := value.NullOf(a.extraType())
		if g < len(a.first) && !a.first[g].Null {
			x = a.first[g]
		}
		b.Append(x)
	}
	return []*vector.Vector{lists, b.Finish()}, nil
}

func (a *collectAcc) extraType() types.Type {
	if a.extra == 0 {
		return tFloat8 // the fraction of percentiles
	}
	return a.elem // string_agg's delimiter
}

// lists returns the groups' values as arrays, NULL where there are none.
func (a *collectAcc) lists(from, to int) (*vector.Vector, error) {
	out := vector.New(types.ArrayOf(a.elem), to-from)
	var rows []int32
	for g := from; g < to; g++ {
		r := a.rowsOf(g)
		rows = append(rows, r...)
		out.Offsets[g-from+1] = int32(len(rows))
		setValid(out, g-from, len(r) > 0)
	}
	out.Child = vector.Flatten(vector.Take(a.values.View(), rows))
	return out, nil
}

func (a *collectAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	if a.finish == nil {
		return a.lists(from, to)
	}
	out := vector.NewBuilder(a.result, to-from)
	for g := from; g < to; g++ {
		if err := a.finish(a, g, a.rowsOf(g), out); err != nil {
			return nil, err
		}
	}
	return out.Finish(), nil
}

func (a *collectAcc) Bytes() int64 {
	return a.values.Bytes() + int64(4*(cap(a.groups)+cap(a.order)+cap(a.starts))+64*cap(a.first))
}

func (a *collectAcc) Reset() {
	a.values = vector.NewAppender(a.elem)
	a.groups, a.n, a.first, a.sorted = a.groups[:0], 0, nil, -1
}

// Growth implements Grower: every column may double, and Final sorts the rows by group.
func (a *collectAcc) Growth(n, rows int) int64 {
	all := int64(len(a.groups) + rows)
	g := 12*all + 8*int64(n)
	if len(a.groups)+rows > cap(a.groups) {
		g += a.values.Bytes()
	}
	return g
}

func newArrayAgg(args []types.Type) Accumulator { return newCollect(args[0], true, 0, -1) }

func arrayState(args []types.Type) []types.Type { return []types.Type{types.ArrayOf(args[0])} }

func arrayResult(args []types.Type) types.Type { return types.ArrayOf(args[0]) }

// stringAggAcc joins strings as they arrive; the delimiter goes before each
// value but the group's first, so a state knows its first delimiter too.
type stringAggAcc struct {
	aggStates[joined]
	typ  types.Type
	held int64
}

type joined struct {
	b     []byte // values with their delimiters
	first int    // length of the first delimiter, which the result leaves out
	seen  bool
}

func newStringAgg(args []types.Type) Accumulator { return &stringAggAcc{typ: args[0]} }

func stringAggState(args []types.Type) []types.Type { return []types.Type{args[0], tInt8} }

func (a *stringAggAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	delim := args[1]
	constant := args[0].Enc == vector.Const
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		i := at(pos, k)
		row := i
		if constant {
			row = at(sel, k)
		}
		before := cap(p.b)
		var d []byte
		if !delim.IsNull(row) {
			d = delim.Bytes(row)
		}
		if !p.seen {
			p.seen, p.first = true, len(d)
		}
		p.b = append(append(p.b, d...), args[0].Bytes(i)...)
		a.held += int64(cap(p.b) - before)
	}
	return nil
}

func (a *stringAggAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	firsts := vector.Values[int64](state[1])
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		i := at(pos, k)
		before := cap(p.b)
		if !p.seen {
			p.seen, p.first = true, int(firsts[i])
		}
		p.b = append(p.b, state[0].Bytes(i)...)
		a.held += int64(cap(p.b) - before)
	}
	return nil
}

func (a *stringAggAcc) State(from, to int) ([]*vector.Vector, error) {
	firsts := make([]int64, to-from)
	out, err := a.write(from, to, func(i int, s *joined) []byte {
		firsts[i] = int64(s.first)
		return s.b
	})
	return []*vector.Vector{out, vector.FromSlice(tInt8, firsts)}, err
}

func (a *stringAggAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	return a.write(from, to, func(_ int, s *joined) []byte { return s.b[s.first:] })
}

func (a *stringAggAcc) write(from, to int, text func(int, *joined) []byte) (*vector.Vector, error) {
	out := vector.New(a.typ, to-from)
	w := vector.NewBytesWriter(out)
	for i := range a.s[from:to] {
		if s := &a.s[from+i]; s.seen {
			w.Set(i, text(i, s))
		} else {
			out.SetNull(i)
		}
	}
	return out, w.Finish()
}

func (a *stringAggAcc) Bytes() int64 { return a.aggStates.Bytes() + a.held }

func (a *stringAggAcc) Reset() {
	a.aggStates.Reset()
	a.held = 0
}

// Ordered-set aggregates take their direct argument first, then the ordered
// column; the rows come in its order (WITHIN GROUP is given as the call's OrderBy).

func percentileState(args []types.Type) []types.Type {
	return []types.Type{types.ArrayOf(args[1]), tFloat8}
}

func newPercentileDisc(args []types.Type) Accumulator {
	a := newCollect(args[1], false, 1, 0)
	a.result = args[1]
	a.finish = func(a *collectAcc, g int, rows []int32, out *vector.Builder) error {
		p, ok, err := a.fraction(g, rows)
		if err != nil || !ok {
			out.Append(value.NullOf(a.result))
			return err
		}
		k := max(0, int(math.Ceil(p*float64(len(rows))))-1)
		out.Append(a.values.View().Get(int(rows[k])))
		return nil
	}
	return a
}

func newPercentileCont(args []types.Type) Accumulator {
	a := newCollect(args[1], false, 1, 0)
	a.result = tFloat8
	a.finish = func(a *collectAcc, g int, rows []int32, out *vector.Builder) error {
		p, ok, err := a.fraction(g, rows)
		if err != nil || !ok {
			out.Append(value.NullOf(a.result))
			return err
		}
		at := p * float64(len(rows)-1)
		lo := int(math.Floor(at))
		v := a.values.View()
		x := v.Get(int(rows[lo])).F
		if hi := int(math.Ceil(at)); hi != lo {
			x += (at - float64(lo)) * (v.Get(int(rows[hi])).F - x)
		}
		out.Append(value.Float8(x))
		return nil
	}
	return a
}

// fraction returns a group's percentile; ok is false where the result is NULL.
func (a *collectAcc) fraction(g int, rows []int32) (p float64, ok bool, err error) {
	if g >= len(a.first) || a.first[g].Null || len(rows) == 0 {
		return 0, false, nil
	}
	p = a.first[g].F
	if !(p >= 0 && p <= 1) {
		return 0, false, sqlerr.New(sqlerr.NumericOutOfRange, "percentile value %v is not between 0 and 1", p)
	}
	return p, true, nil
}

func newMode(args []types.Type) Accumulator {
	a := newCollect(args[0], false, 0, -1)
	a.result = args[0]
	a.finish = func(a *collectAcc, _ int, rows []int32, out *vector.Builder) error {
		v := a.values.View()
		keys := vector.RowKeys{}
		if err := keys.Encode([]*vector.Vector{v}, rows, len(rows)); err != nil {
			return err
		}
		best, most, run := -1, 0, 0
		for k := range rows {
			if run++; k > 0 && string(keys.Row(k)) != string(keys.Row(k-1)) {
				run = 1
			}
			if run > most {
				best, most = k, run
			}
		}
		if best < 0 {
			out.Append(value.NullOf(a.result))
			return nil
		}
		out.Append(v.Get(int(rows[best])))
		return nil
	}
	return a
}
