package exec

import (
	"context"
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
)

// windowCall computes one window function over the sorted input.
type windowCall struct {
	op     *windowOp
	node   *physical.WindowCall
	args   []int
	filter int // position of the filter's value, -1 = none
	kind   windowKind
	reach  windowReach

	// What goes on from block to block of a partition.
	acc   function.Accumulator
	rank  int64          // of the last row
	first *vector.Vector // its value

	// Of the block.
	in     []*vector.Vector
	pass   []int32 // rows that pass the filter; all if before is nil
	before []int32 // for row i: how many pass before it; nil = all rows pass
	n      int
	sorted []*vector.Vector
}

// compute returns the results for the rows of a block.
func (c *windowCall) compute(ctx context.Context, blk *windowBlockRows, vals []*vector.Vector) (*vector.Vector, error) {
	c.in = make([]*vector.Vector, len(c.args))
	for i, a := range c.args {
		c.in[i] = vals[a]
	}
	c.n, c.sorted, c.before = blk.n, blk.sorted, nil
	if c.filter >= 0 {
		c.applyFilter(vals[c.filter], c.n)
	} else {
		c.pass = c.op.rowNumbers(c.n)
	}
	switch c.kind {
	case windowNumber:
		return c.numbers(blk)
	case windowFirst:
		return c.firsts(blk)
	case windowGrowing:
		return c.running(ctx, blk)
	case windowWhole:
		return c.perPartition(blk)
	case windowNear:
		return c.near(ctx, blk)
	}
	var v *vector.Vector
	var err error
	if c.node.Func != nil {
		v, err = c.function(ctx, blk.parts, c.n)
	} else {
		v, err = c.aggregate(ctx, blk.parts)
	}
	if err != nil || blk.from == 0 && blk.to == v.Len {
		return v, err
	}
	return vector.Slice(v, blk.from, blk.to), nil
}

// firsts gives every row its partition's first value.
func (c *windowCall) firsts(blk *windowBlockRows) (*vector.Vector, error) {
	out := vector.NewAppender(c.node.Result)
	for _, part := range blk.parts {
		p := blk.clip(part)
		v, row := c.in[0], int32(part.from)
		if blk.goesOn(part) {
			v, row = c.first, 0
		}
		idx := make([]int32, p.to-p.from)
		fillInt32(idx, row)
		if err := out.Append(v, idx, len(idx)); err != nil {
			return nil, err
		}
		if blk.open && p.to == blk.to {
			c.first = vector.Take(v, idx[:1])
		}
	}
	return out.View(), nil
}

// running folds rows into an accumulator that goes on from the last block.
func (c *windowCall) running(ctx context.Context, blk *windowBlockRows) (*vector.Vector, error) {
	if c.acc == nil {
		c.acc = c.node.Agg.New(c.node.ArgTypes)
	}
	out := vector.NewAppender(c.node.Result)
	for _, part := range blk.parts {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !blk.goesOn(part) {
			c.acc.Reset()
			c.acc.Grow(1)
		}
		p := blk.clip(part)
		fr, err := c.frames(p)
		if err != nil {
			return nil, err
		}
		if err := c.growing(c.acc, p, fr, out); err != nil {
			return nil, err
		}
	}
	return out.View(), nil
}

func (c *windowCall) applyFilter(f *vector.Vector, n int) {
	c.before, c.pass = make([]int32, n+1), []int32{} // nil would mean all
	data := f.Base().Data
	for i := 0; i < n; i++ {
		c.before[i] = int32(len(c.pass))
		if !f.IsNull(i) && data[f.Index(i)] != 0 {
			c.pass = append(c.pass, int32(i))
		}
	}
	c.before[n] = int32(len(c.pass))
}

// rowsIn lists the rows of [from, to) that pass the filter.
func (c *windowCall) rowsIn(from, to int) []int32 {
	if c.before == nil {
		return c.pass[from:to]
	}
	return c.pass[c.before[from]:c.before[to]]
}

// function evaluates a pure window function, partition by partition.
func (c *windowCall) function(ctx context.Context, parts []windowPart, n int) (*vector.Vector, error) {
	out := vector.New(c.node.Result, n)
	framed := false
	switch c.node.Func.Name {
	case "first_value", "last_value", "nth_value":
		framed = true
	}
	for _, part := range parts {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		p := &function.WindowPartition{From: part.from, To: part.to, PeerFrom: part.peerFrom, PeerTo: part.peerTo}
		if framed {
			f, err := c.frames(part)
			if err != nil {
				return nil, err
			}
			p.FrameFrom, p.FrameTo = f.from, f.to
		}
		if err := c.node.Func.Eval(p, c.in, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *windowCall) aggregate(ctx context.Context, parts []windowPart) (*vector.Vector, error) {
	f := c.node.Frame
	acc := c.node.Agg.New(c.node.ArgTypes)
	out := vector.NewAppender(c.node.Result)
	for _, part := range parts {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		fr, err := c.frames(part)
		if err != nil {
			return nil, err
		}
		switch {
		case f.Start.Kind == logical.UnboundedPreceding:
			acc.Reset()
			acc.Grow(1)
			err = c.growing(acc, part, fr, out)
		case f.End.Kind == logical.UnboundedFollowing && !c.node.Agg.OrderSensitive:
			err = c.shrinking(acc, part, fr, out)
		default:
			s := c.newFolder(vector.BatchSize)
			if err = c.sliding(ctx, part, fr, s); err == nil {
				err = s.flush(ctx)
			}
			if err == nil {
				err = out.Append(s.out.View(), nil, s.out.Len())
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return out.View(), nil
}

// perPartition gives every row of a partition the same result.
func (c *windowCall) perPartition(blk *windowBlockRows) (*vector.Vector, error) {
	which := make([]int32, blk.n)
	if s := c.op.spool; s != nil {
		return vector.Take(s.totals[c.number()], which[:blk.to-blk.from]), nil
	}
	for p, part := range blk.parts {
		for i := part.from; i < part.to; i++ {
			which[i] = int32(p)
		}
	}
	acc := c.node.Agg.New(c.node.ArgTypes)
	acc.Grow(len(blk.parts))
	for from := blk.from; from < blk.to; from += vector.BatchSize {
		rows := c.rowsIn(from, min(from+vector.BatchSize, blk.to))
		groups := make([]int32, len(rows))
		for k, i := range rows {
			groups[k] = which[i]
		}
		if err := acc.Update(c.op.env.Context, groups, c.in, rows, c.n); err != nil {
			return nil, err
		}
	}
	v, err := acc.Final(c.op.env.Context, 0, len(blk.parts))
	if err != nil {
		return nil, err
	}
	return vector.Take(v, which[blk.from:blk.to]), nil
}

// number is the call's position among the operator's.
func (c *windowCall) number() int { return slices.Index(c.op.calls, c) }

// growing serves frames that start at the partition's start: each adds rows
// to the one before.
func (c *windowCall) growing(acc function.Accumulator, part windowPart, f frameSet, out *vector.Appender) error {
	ctx, end := c.op.env.Context, part.from
	var last *vector.Vector
	same := 0
	for i := 0; i < part.to-part.from; i++ {
		to := int(f.to[i])
		if last != nil && to <= end {
			same++
			continue
		}
		if err := flushSame(out, last, same); err != nil {
			return err
		}
		if to > end {
			if rows := c.rowsIn(end, to); len(rows) > 0 {
				if err := acc.Update(ctx, nil, c.in, rows, c.n); err != nil {
					return err
				}
			}
			end = to
		}
		v, err := acc.Final(ctx, 0, 1)
		if err != nil {
			return err
		}
		last, same = v, 1
	}
	return flushSame(out, last, same)
}

// flushSame appends a result n times.
func flushSame(out *vector.Appender, v *vector.Vector, n int) error {
	if v == nil || n == 0 {
		return nil
	}
	return out.Append(v, make([]int32, n), n)
}

// shrinking serves frames that end at the partition's end, from its last row up.
func (c *windowCall) shrinking(acc function.Accumulator, part windowPart, f frameSet, out *vector.Appender) error {
	acc.Reset()
	acc.Grow(1)
	ctx, start := c.op.env.Context, part.to
	n := part.to - part.from
	at := make([]int32, n) // row → its result
	results := vector.NewAppender(c.node.Result)
	for i := n - 1; i >= 0; i-- {
		if from := int(f.from[i]); from < start || results.Len() == 0 {
			if rows := c.rowsIn(min(from, start), start); len(rows) > 0 {
				if err := acc.Update(ctx, nil, c.in, rows, c.n); err != nil {
					return err
				}
			}
			start = min(from, start)
			v, err := acc.Final(ctx, 0, 1)
			if err != nil {
				return err
			}
			if err := results.Append(v, nil, 1); err != nil {
				return err
			}
		}
		at[i] = int32(results.Len() - 1)
	}
	return out.Append(results.View(), at, n)
}
