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
	most         int // frames at a time
	rows, groups []int32
	frames       int              // since the last results
	out          *vector.Appender // results of earlier frames
}

func (c *windowCall) newFolder(most int) *frameFolder {
	return &frameFolder{c: c, acc: c.node.Agg.New(c.node.ArgTypes), most: most, out: vector.NewAppender(c.node.Result)}
}

// add takes in the next frame.
func (f *frameFolder) add(ctx context.Context, from, to int) error {
	if f.frames == f.most {
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	if len(f.rows) >= slidingPairs {
		if err := f.update(ctx); err != nil {
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

// update folds the pairs taken in.
func (f *frameFolder) update(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.acc.Grow(f.frames)
	if len(f.rows) == 0 {
		return nil
	}
	err := f.acc.Update(f.c.op.env.Context, f.groups, f.c.in, f.rows, f.c.n)
	f.rows, f.groups = f.rows[:0], f.groups[:0]
	return err
}

// results returns those of the frames since the last ones.
func (f *frameFolder) results(ctx context.Context) (*vector.Vector, error) {
	if err := f.update(ctx); err != nil {
		return nil, err
	}
	v, err := f.acc.Final(f.c.op.env.Context, 0, f.frames)
	f.acc.Reset()
	f.frames = 0
	return v, err
}

// flush keeps the results of the frames taken in.
func (f *frameFolder) flush(ctx context.Context) error {
	n := f.frames
	if n == 0 {
		return nil
	}
	v, err := f.results(ctx)
	if err != nil {
		return err
	}
	return f.out.Append(v, nil, n)
}

// near serves frames of rows at fixed distances, for the rows of the block alone and across partitions.
func (c *windowCall) near(ctx context.Context, blk *windowBlockRows) (*vector.Vector, error) {
	start, end := c.distance(c.node.Frame.Start), c.distance(c.node.Frame.End)+1
	f := c.newFolder(windowBlock + vector.BatchSize)
	for k := range blk.parts {
		p := &blk.parts[k]
		for i := max(p.from, blk.from); i < min(p.to, blk.to); i++ {
			if err := f.add(ctx, min(p.to, max(p.from, i+start)), max(p.from, min(p.to, i+end))); err != nil {
				return nil, err
			}
		}
	}
	if f.frames == blk.to-blk.from { // all: no need to copy them
		return f.results(ctx)
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
