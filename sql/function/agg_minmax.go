package function

import (
	"bytes"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

type extreme[T any] struct {
	v    T
	seen bool
}

// extremeAcc keeps the value that wins against all others: min, max, and_or of
// booleans, any_value. Its state is its result.
type extremeAcc[T any] struct {
	aggStates[extreme[T]]
	typ  types.Type
	wins func(x, y T) bool // x replaces y
}

func (a *extremeAcc[T]) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[T](args[0])
	s, wins := a.s, a.wins
	for k := 0; k < count; k++ {
		p := &s[group(grp, k)]
		x := vals[at(pos, k)]
		if !p.seen || wins(x, p.v) {
			p.v, p.seen = x, true
		}
	}
	return nil
}

func (a *extremeAcc[T]) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

func (a *extremeAcc[T]) State(from, to int) ([]*vector.Vector, error) {
	v, err := a.Final(nil, from, to)
	return []*vector.Vector{v}, err
}

func (a *extremeAcc[T]) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(a.typ, to-from)
	vals := vector.Values[T](out)
	for i, s := range a.s[from:to] {
		vals[i] = s.v
		setValid(out, i, s.seen)
	}
	return out, nil
}

// orderedAcc is extremeAcc for integers, without a call per row.
type orderedAcc[T int16 | int32 | int64 | uint8] struct {
	extremeAcc[T]
	max bool
}

func (a *orderedAcc[T]) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[T](args[0])
	s := a.s
	if a.max {
		for k := 0; k < count; k++ {
			p := &s[group(grp, k)]
			if x := vals[at(pos, k)]; !p.seen || x > p.v {
				p.v, p.seen = x, true
			}
		}
		return nil
	}
	for k := 0; k < count; k++ {
		p := &s[group(grp, k)]
		if x := vals[at(pos, k)]; !p.seen || x < p.v {
			p.v, p.seen = x, true
		}
	}
	return nil
}

func (a *orderedAcc[T]) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

// floatExtremeAcc is extremeAcc for floats: NaN is above everything, as in
// PostgreSQL.
type floatExtremeAcc[T float] struct {
	extremeAcc[T]
	max bool
}

func (a *floatExtremeAcc[T]) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	vals := vector.Values[T](args[0])
	s := a.s
	for k := 0; k < count; k++ {
		p, x := &s[group(grp, k)], vals[at(pos, k)]
		switch {
		case !p.seen:
			p.v, p.seen = x, true
		case a.max && (x > p.v || x != x):
			p.v = x
		case !a.max && (x < p.v || p.v != p.v):
			p.v = x
		}
	}
	return nil
}

func (a *floatExtremeAcc[T]) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

func newMin(args []types.Type) Accumulator { return newExtreme(args[0], false) }
func newMax(args []types.Type) Accumulator { return newExtreme(args[0], true) }

func newExtreme(t types.Type, greatest bool) Accumulator {
	switch t.Storage() {
	case types.StoreBool:
		return &orderedAcc[uint8]{extremeAcc[uint8]{typ: t}, greatest}
	case types.StoreInt16:
		return &orderedAcc[int16]{extremeAcc[int16]{typ: t}, greatest}
	case types.StoreInt32:
		return &orderedAcc[int32]{extremeAcc[int32]{typ: t}, greatest}
	case types.StoreInt64:
		return &orderedAcc[int64]{extremeAcc[int64]{typ: t}, greatest}
	case types.StoreFloat32:
		return &floatExtremeAcc[float32]{extremeAcc[float32]{typ: t}, greatest}
	case types.StoreFloat64:
		return &floatExtremeAcc[float64]{extremeAcc[float64]{typ: t}, greatest}
	case types.StoreInt128:
		return extremeBy(t, greatest, value.Int128.Cmp)
	case types.StoreNumeric:
		return extremeBy(t, greatest, value.Numeric.Cmp)
	case types.StoreInterval:
		return extremeBy(t, greatest, value.Interval.Cmp)
	}
	return newExtremeKey(t, greatest)
}

// extremeBy keeps the last of equal values, as PostgreSQL's numeric_larger and
// interval_smaller do: 1.0 and 1.00, a month and 30 days are equal and differ in print.
func extremeBy[T any](t types.Type, greatest bool, compare func(x, y T) int) Accumulator {
	a := &extremeAcc[T]{typ: t, wins: func(x, y T) bool { return compare(x, y) <= 0 }}
	if greatest {
		a.wins = func(x, y T) bool { return compare(x, y) >= 0 }
	}
	return a
}

// extremeKeyAcc is min and max of variable-length values: strings compare by
// their bytes (without trailing blanks for character(n)), arrays by their sort keys.
type extremeKeyAcc struct {
	aggStates[extremeKey]
	typ   types.Type
	sign  int // of the comparison that replaces
	held  int64
	arena *vector.Appender // arrays: the values that were best at some time
	keys  vector.RowKeys
}

type extremeKey struct {
	b    []byte // strings: the value; arrays: its key
	row  int32  // arrays: in arena
	seen bool
}

func newExtremeKey(t types.Type, greatest bool) Accumulator {
	a := &extremeKeyAcc{typ: t, sign: -1, keys: vector.RowKeys{Orders: []vector.KeyOrder{{}}}}
	if greatest {
		a.sign = 1
	}
	if t.Storage() == types.StoreList {
		a.arena = vector.NewAppender(t)
	}
	return a
}

func newAnyValue(args []types.Type) Accumulator {
	t := args[0]
	switch t.Storage() {
	case types.StoreBool:
		return keepFirst[uint8](t)
	case types.StoreInt16:
		return keepFirst[int16](t)
	case types.StoreInt32, types.StoreFloat32:
		return keepFirst[int32](t)
	case types.StoreInt64, types.StoreFloat64:
		return keepFirst[int64](t)
	case types.StoreInt128, types.StoreInterval:
		return keepFirst[value.Int128](t)
	case types.StoreNumeric:
		return keepFirst[value.Numeric](t)
	}
	return newFirst(vector.NewAppender(t))
}

func keepFirst[T any](t types.Type) Accumulator {
	return &extremeAcc[T]{typ: t, wins: func(x, y T) bool { return false }}
}

func (a *extremeKeyAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	v := args[0]
	pos, grp, count := a.rows.list(v, groups, sel, n)
	blank := v.Type.Kind == types.Char
	if a.arena != nil {
		if pos == nil {
			pos = vector.Identity(nil, count)
		}
		if err := a.keys.Encode(args[:1], pos, count); err != nil {
			return err
		}
	}
	for k := 0; k < count; k++ {
		p := &a.s[group(grp, k)]
		if a.arena != nil {
			if x := a.keys.Row(k); !p.seen || bytes.Compare(x, p.b)*a.sign > 0 {
				a.replace(p, x)
				p.row = int32(a.arena.Len())
				if err := a.arena.Append(v, pos[k:k+1], 1); err != nil {
					return err
				}
			}
			continue
		}
		x := v.Bytes(at(pos, k))
		if !p.seen || orderStrings(x, p.b, blank)*a.sign > 0 {
			a.replace(p, x)
		}
	}
	return nil
}

func orderStrings(x, y []byte, blank bool) int {
	if blank {
		x, y = vector.TrimBlanks(x), vector.TrimBlanks(y)
	}
	return bytes.Compare(x, y)
}

func (a *extremeKeyAcc) replace(p *extremeKey, x []byte) {
	a.held += int64(len(x) - len(p.b))
	p.b = append(p.b[:0], x...)
	p.seen = true
}

func (a *extremeKeyAcc) Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	return a.Update(c, groups, state, sel, n)
}

func (a *extremeKeyAcc) State(from, to int) ([]*vector.Vector, error) {
	v, err := a.Final(nil, from, to)
	return []*vector.Vector{v}, err
}

func (a *extremeKeyAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	if a.arena != nil {
		idx := make([]int32, to-from)
		for i, s := range a.s[from:to] {
			idx[i] = -1
			if s.seen {
				idx[i] = s.row
			}
		}
		return vector.Take(a.arena.View(), idx), nil
	}
	out := vector.New(a.typ, to-from)
	w := vector.NewBytesWriter(out)
	for i, s := range a.s[from:to] {
		if s.seen {
			w.Set(i, s.b)
		} else {
			out.SetNull(i)
		}
	}
	return out, w.Finish()
}

func (a *extremeKeyAcc) Bytes() int64 {
	n := a.aggStates.Bytes() + a.held
	if a.arena != nil {
		n += a.arena.Bytes()
	}
	return n
}

func (a *extremeKeyAcc) Reset() {
	a.aggStates.Reset()
	a.held = 0
	if a.arena != nil {
		a.arena = vector.NewAppender(a.typ)
	}
}

func sameState(args []types.Type) []types.Type { return args[:1] }
