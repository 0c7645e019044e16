package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/function"
)

// load fills the table with the next partition from disk; false if there is none.
// A partition that does not fit is divided, and its parts come first.
func (a *aggregateOp) load(ctx context.Context) (bool, error) {
	if len(a.spilled.pending) == 0 {
		return false, nil
	}
	a.next = 0
	a.renew()
	for {
		n := len(a.spilled.pending) - 1
		if n < 0 {
			return false, nil
		}
		part := a.spilled.pending[n]
		if !part.empty() {
			a.spilled.level = part.level
			if err := a.loadPart(ctx, &part); err != nil {
				return false, err
			}
		}
		a.spilled.pending = append(a.spilled.pending[:n], a.spilled.pending[n+1:]...)
		if err := part.close(); err != nil {
			return false, err
		}
		if a.table.Len() > 0 {
			return true, nil
		}
	}
}

// loadPart merges the runs of a partition, and divides them again if need be.
func (a *aggregateOp) loadPart(ctx context.Context, part *aggPart) error {
	err := a.readRun(ctx, part.groups, a.mergeGroups)
	if err != nil {
		return err
	}
	for i, run := range part.calls {
		c := a.calls[i]
		err := a.readRun(ctx, run, func(ctx context.Context, cols []*vector.Vector, n int) error {
			return a.foldRows(ctx, c, cols, n)
		})
		if err != nil {
			return err
		}
	}
	if !a.spilled.any() {
		if err := a.finishCalls(ctx); err != nil {
			return err
		}
	}
	if a.spilled.any() {
		return a.divide(ctx)
	}
	return nil
}

func (a *aggregateOp) readRun(ctx context.Context, run *spill.Run, fold func(context.Context, []*vector.Vector, int) error) error {
	if run == nil {
		return nil
	}
	r := run.Open()
	defer r.Close()
	for {
		b, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil {
			err = fold(ctx, b.Cols, b.Rows)
		}
		if err != nil {
			return err
		}
	}
}

// mergeGroups merges groups and their states, as spillGroups wrote them, into the table.
func (a *aggregateOp) mergeGroups(ctx context.Context, cols []*vector.Vector, n int) error {
	if _, err := a.foldStates(ctx, cols, n); err != nil {
		return err
	}
	if a.full() {
		return a.shed(ctx)
	}
	return nil
}

// foldStates folds groups and their states into the table. ok is as room has it.
func (a *aggregateOp) foldStates(ctx context.Context, cols []*vector.Vector, n int) (ok bool, err error) {
	keys := cols[:len(a.table.types)]
	ok, err = a.room(ctx, func() int64 {
		total := a.table.growth(keys, nil, n) + aggIOBytes
		rest := cols[len(keys):]
		for _, c := range a.calls {
			if !c.follows {
				total += c.stateGrowth(a.table.Len()+n, rest[:c.states()], n)
				rest = rest[c.states():]
			}
		}
		return total
	})
	if !ok || err != nil {
		return false, err
	}
	groups := a.groupsFor(n)
	if _, err := a.table.Assign(keys, nil, n, groups); err != nil {
		return false, err
	}
	rest := cols[len(keys):]
	for _, c := range a.calls {
		if c.follows {
			continue
		}
		c.grow(a.table.Len())
		state := make([]*vector.Vector, c.states())
		for i := range state {
			state[i] = vector.Flatten(rest[i])
		}
		rest = rest[len(state):]
		if err := c.acc.Merge(a.env.Context, groups, state, nil, n); err != nil {
			return false, err
		}
	}
	return true, nil
}

// foldRows folds rows that spillRows wrote for a call into the table.
func (a *aggregateOp) foldRows(ctx context.Context, c *aggCall, cols []*vector.Vector, n int) error {
	keys, rest := cols[:len(a.table.types)], cols[len(a.table.types):]
	_, err := a.room(ctx, func() int64 {
		return a.table.growth(keys, nil, n) + c.growth(a.table.Len()+n, rest, n) + aggIOBytes
	})
	if err != nil {
		return err
	}
	var groups []int32
	if len(keys) > 0 {
		groups = a.groupsFor(n)
		if _, err := a.table.Assign(keys, nil, n, groups); err != nil {
			return err
		}
	}
	for _, x := range a.calls {
		x.grow(max(1, a.table.Len()))
	}
	if c.ordered != nil {
		err = c.keep(groups, rest, nil, n)
	} else {
		copy(c.in, rest)
		err = c.foldIn(a, groups, nil, n)
	}
	if err == nil && a.full() {
		err = a.shed(ctx)
	}
	return err
}

// states is how many columns the call's states have.
func (c *aggCall) states() int { return len(c.spec.Func.State(c.spec.ArgTypes)) }

// stateGrowth is what merging n states will allocate at most.
func (c *aggCall) stateGrowth(groups int, state []*vector.Vector, n int) int64 {
	var total int64
	if g, ok := c.acc.(function.Grower); ok {
		total = g.Growth(groups, n)
	}
	for _, v := range state {
		if v.Type.Storage().Width() == 0 {
			total += 2 * vector.RowBytes(v, n)
		}
	}
	return total
}

func (a *aggregateOp) groupsFor(n int) []int32 {
	if cap(a.groups) < n {
		a.groups = make([]int32, max(n, a.size))
	}
	return a.groups[:n]
}

// renew makes the table and the calls new ones, of which nothing is held.
func (a *aggregateOp) renew() {
	finer := a.table.finer
	if a.radix != nil { // its partitions scatter keys
		a.table = newHashedTable(a.table.types)
		a.table.span, a.table.plain = nil, true
	} else {
		a.table = newGroupTable(a.table.types)
	}
	a.table.finer = finer
	for i, c := range a.calls {
		c.renew(a.calls[:i])
	}
	a.fused = fuseCalls(a.calls)
}

// renew gives up all that the call holds; earlier ones may lead it again.
func (c *aggCall) renew(earlier []*aggCall) {
	c.acc, c.follows = c.spec.Func.New(c.spec.ArgTypes), false
	if c.distinct != nil {
		c.distinct = newGroupTable(c.distinct.types)
	}
	if c.ordered != nil {
		c.ordered = newRowSet(c.rowTypes(true))
	}
	for _, lead := range earlier {
		if c.follow(lead) {
			return
		}
	}
}
