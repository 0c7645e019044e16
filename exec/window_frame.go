package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// frameSet holds the frame of each row of a partition, as row positions.
type frameSet struct{ from, to []int32 }

// frames computes the call's frame for every row of a partition.
func (c *windowCall) frames(p windowPart) (frameSet, error) {
	n := p.to - p.from
	f := frameSet{make([]int32, n), make([]int32, n)}
	if err := c.bound(p, c.node.Frame.Start, false, f.from); err != nil {
		return f, err
	}
	return f, c.bound(p, c.node.Frame.End, true, f.to)
}

// bound fills one end of the frames; end tells the exclusive end from the start.
func (c *windowCall) bound(p windowPart, b logical.Bound, end bool, out []int32) error {
	mode := c.node.Frame.Mode
	switch b.Kind {
	case logical.UnboundedPreceding:
		fillInt32(out, int32(p.from))
		return nil
	case logical.UnboundedFollowing:
		fillInt32(out, int32(p.to))
		return nil
	case logical.CurrentRow:
		for i := range out {
			switch {
			case mode == logical.Rows && end:
				out[i] = int32(p.from + i + 1)
			case mode == logical.Rows:
				out[i] = int32(p.from + i)
			case end:
				out[i] = p.peerTo[i]
			default:
				out[i] = p.peerFrom[i]
			}
		}
		return nil
	}
	off, err := frameOffset(b, end)
	if err != nil {
		return err
	}
	if mode == logical.Range {
		return c.rangeBound(p, b.Kind, off, end, out)
	}
	k := min(off.I, int64(p.to-p.from)+1)
	if b.Kind == logical.Preceding {
		k = -k
	}
	if mode == logical.Groups {
		groupBound(p, int(k), end, out)
		return nil
	}
	if end {
		k++
	}
	for i := range out {
		out[i] = int32(max(int64(p.from), min(int64(p.to), int64(p.from+i)+k)))
	}
	return nil
}

func frameOffset(b logical.Bound, end bool) (value.Value, error) {
	which := "starting"
	if end {
		which = "ending"
	}
	l, ok := b.Offset.(*expr.Literal)
	if !ok {
		return value.Value{}, sqlerr.New(sqlerr.Internal, "frame offset is not bound")
	}
	if l.Value.Null {
		return l.Value, sqlerr.New(sqlerr.NullNotAllowed, "frame %s offset must not be null", which)
	}
	if t := l.Value.Type; t.IsInteger() && l.Value.I < 0 {
		return l.Value, sqlerr.New("22013", "frame %s offset must not be negative", which)
	}
	return l.Value, nil
}

// groupBound counts peer groups.
func groupBound(p windowPart, k int, end bool, out []int32) {
	var starts []int32
	at := make([]int, len(out))
	for i := range out {
		if int(p.peerFrom[i]) == p.from+i {
			starts = append(starts, p.peerFrom[i])
		}
		at[i] = len(starts) - 1
	}
	starts = append(starts, int32(p.to))
	for i, g := range at {
		g += k
		if end {
			g++
		}
		out[i] = starts[max(0, min(g, len(starts)-1))]
	}
}

// rangeBound finds the first row whose key is not before (start) or is after
// (end) the row's key moved by the offset. Keys are sorted, so the position only moves forward.
func (c *windowCall) rangeBound(p windowPart, kind logical.BoundKind, off value.Value, end bool, out []int32) error {
	if len(c.op.node.Order) != 1 {
		return sqlerr.New(sqlerr.Windowing, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	if negative(off) {
		return sqlerr.New("22013", "invalid preceding or following size in window function")
	}
	key := c.op.node.Order[0]
	v := c.sorted[key.Column]
	subtract := (kind == logical.Preceding) != key.Desc
	lo, hi := p.from, p.to // the rows that are not NULL
	for lo < hi && v.IsNull(lo) {
		lo++
	}
	for hi > lo && v.IsNull(hi-1) {
		hi--
	}
	at := lo
	var bound value.Value
	for i := range out {
		row := p.from + i
		if v.IsNull(row) {
			if out[i] = p.peerFrom[i]; end {
				out[i] = p.peerTo[i]
			}
			continue
		}
		if row > lo && int(p.peerFrom[i]) != row {
			out[i] = out[i-1]
			continue
		}
		var err error
		if bound, err = moveKey(v.Get(row), off, subtract); err != nil {
			return err
		}
		for at < hi && before(v, at, bound, key.Desc, end) {
			at++
		}
		out[i] = int32(at)
	}
	return nil
}

// before reports whether row i lies before the bound, or (end) not after it.
func before(v *vector.Vector, i int, bound value.Value, desc, end bool) bool {
	k := value.Compare(frameKey(v.Get(i)), bound)
	if desc {
		k = -k
	}
	return k < 0 || end && k == 0
}

// frameKey turns a date into a timestamp, as moved keys are.
func frameKey(v value.Value) value.Value {
	if v.Type.Kind == types.Date {
		us, err := value.TimestampFromDate(int32(v.I))
		if err == nil {
			return value.Value{Type: types.Of(types.Timestamp), I: us}
		}
	}
	if v.Type.IsFixedNumeric() {
		return value.Value{Type: types.Of(types.Numeric), N: v.Numeric()}
	}
	return v
}

func negative(v value.Value) bool {
	switch v.Type.Storage() {
	case types.StoreFloat32, types.StoreFloat64:
		return v.F < 0 || v.F != v.F
	case types.StoreNumeric:
		return v.N.Sign() < 0
	case types.StoreInt128:
		return v.D.Sign() < 0
	case types.StoreInterval:
		return v.V.Span().Sign() < 0
	}
	return v.I < 0
}

// moveKey adds the offset to a key or subtracts it; overflow saturates, as in
// PostgreSQL's in_range.
func moveKey(v, off value.Value, subtract bool) (value.Value, error) {
	v = frameKey(v)
	switch {
	case v.Type.IsInteger():
		d := off.I
		if subtract {
			d = -d
		}
		r := v.I + d
		if (v.I^r)&(d^r) < 0 {
			r = 1<<63 - 1
			if d < 0 {
				r = -1 << 63
			}
		}
		v.Type, v.I = types.Of(types.Int8), r
		return v, nil
	case v.Type.IsFloat():
		if v.F += off.F; subtract {
			v.F -= 2 * off.F
		}
		v.Type = types.Of(types.Float8)
		return v, nil
	case v.Type.Kind == types.Numeric:
		d := off.Numeric()
		if subtract {
			d = d.Neg()
		}
		n, err := v.N.Add(d)
		v.N = n
		return v, err
	}
	return moveTime(v, off, subtract)
}

func moveTime(v, off value.Value, subtract bool) (value.Value, error) {
	d := off.V
	var err error
	if subtract {
		if d, err = d.Neg(); err != nil {
			return v, err
		}
	}
	switch v.Type.Kind {
	case types.Timestamp, types.TimestampTZ:
		v.I, err = value.AddInterval(v.I, d)
		return v, err
	case types.Time:
		v.I += d.Micros
		return v, nil
	case types.Interval:
		v.V, err = v.V.Add(d)
		return v, err
	}
	return v, sqlerr.New(sqlerr.FeatureNotSupported, "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", v.Type, off.Type)
}
