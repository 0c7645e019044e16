package exec

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
)

// slidingPairs is how many (frame, row) pairs are folded in one update.
const slidingPairs = 1 << 15

// frameFolder folds frames, many to an update: every frame is a group of its own.
type frameFolder struct {
	c            *windowCall
	acc          function.Accumulator
	rows, groups []int32
	frames       int // since the last update
	out          *vector.Appender
}

func (c *windowCall) newFolder() *frameFolder {
	return &frameFolder{c: c, acc: c.node.Agg.New(c.node.ArgTypes), out: vector.NewAppender(c.node.Result)}
}

// add takes in the next frame.
func (f *frameFolder) add(ctx context.Context, from, to int) error {
	if f.frames == vector.BatchSize || len(f.rows) >= slidingPairs {
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	g := int32(f.frames)
	f.frames++
	if from >= to {
		return nil
	}
	if f.c.before == nil {
		for i := from; i < to; i++ {
			f.rows, f.groups = append(f.rows, int32(i)), append(f.groups, g)
		}
		return nil
	}
	for _, i := range f.c.rowsIn(from, to) {
		f.rows, f.groups = append(f.rows, i), append(f.groups, g)
	}
	return nil
}

// flush computes the frames taken in.
func (f *frameFolder) flush(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f.frames == 0 {
		return nil
	}
	c := f.c
	f.acc.Reset()
	f.acc.Grow(f.frames)
	if len(f.rows) > 0 {
		if err := f.acc.Update(c.op.env.Context, f.groups, c.in, f.rows, c.n); err != nil {
			return err
		}
	}
	v, err := f.acc.Final(c.op.env.Context, 0, f.frames)
	if err != nil {
		return err
	}
	n := f.frames
	f.rows, f.groups, f.frames = f.rows[:0], f.groups[:0], 0
	return f.out.Append(v, nil, n)
}

// near serves frames of rows at fixed distances, for the rows of the block alone and across partitions.
func (c *windowCall) near(ctx context.Context, blk *windowBlockRows) (*vector.Vector, error) {
	start, end := c.distance(c.node.Frame.Start), c.distance(c.node.Frame.End)+1
	f := c.newFolder()
	f.out.Expect((blk.to - blk.from) * c.node.Result.Storage().Width())
	for k := range blk.parts {
		p := &blk.parts[k]
		for i := max(p.from, blk.from); i < min(p.to, blk.to); i++ {
			if err := f.add(ctx, min(p.to, max(p.from, i+start)), max(p.from, min(p.to, i+end))); err != nil {
				return nil, err
			}
		}
	}
	if err := f.flush(ctx); err != nil {
		return nil, err
	}
	return f.out.View(), nil
}

// distance is how many rows after the current one a bound lies; classify has seen that it is near.
func (c *windowCall) distance(b logical.Bound) int {
	l, ok := b.Offset.(*expr.Literal)
	switch {
	case !ok || b.Kind == logical.CurrentRow:
		return 0
	case b.Kind == logical.Preceding:
		return -int(l.Value.I)
	}
	return int(l.Value.I)
}

// sliding computes each frame by itself.
func (c *windowCall) sliding(ctx context.Context, part windowPart, f frameSet, out *frameFolder) error {
	for i := range f.from {
		if err := out.add(ctx, int(f.from[i]), int(f.to[i])); err != nil {
			return err
		}
	}
	return nil
}
