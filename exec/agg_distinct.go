package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/physical"
)

// foldDistinct folds in the rows of DISTINCT calls that are on disk. Which of
// them are distinct an aggregation by all their columns tells, which spills like any other.
func (a *aggregateOp) foldDistinct(ctx context.Context) error {
	if err := a.endDistinct(); err != nil {
		return err
	}
	if err := a.reserve(0); err != nil { // less than before
		return err
	}
	for i, c := range a.calls {
		parts := a.spilled.distinct[i]
		if parts == nil {
			continue
		}
		a.spilled.distinct[i] = nil
		inner := &aggregateOp{base: newBase(a.env, a.node, "Aggregate distinct"), node: &physical.HashAggregate{Base: a.node.Base}}
		inner.table, inner.spilled.pending = newGroupTable(fieldTypes(parts[0].groups.Fields())), parts
		if err := errors.Join(a.foldFrom(ctx, c, inner), inner.Close()); err != nil {
			return err
		}
	}
	return nil
}

// endDistinct ends the runs of DISTINCT calls; rows that are folded in from
// then on are distinct.
func (a *aggregateOp) endDistinct() error {
	a.spilled.distinct = make([][]aggPart, len(a.calls))
	for i, c := range a.calls {
		parts := a.spilled.calls[i]
		if c.distinct == nil || parts == nil {
			continue
		}
		runs, err := parts.finish()
		if err != nil {
			return err
		}
		c.distinct, a.spilled.calls[i] = nil, nil
		for _, r := range runs {
			if r != nil {
				a.spilled.distinct[i] = append(a.spilled.distinct[i], aggPart{level: parts.level + 1, groups: r})
			}
		}
	}
	for _, c := range a.calls {
		c.distinct = nil
	}
	return nil
}

func (a *aggregateOp) foldFrom(ctx context.Context, c *aggCall, inner *aggregateOp) error {
	for {
		b, err := inner.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.foldRows(ctx, c, b.Cols, b.Rows); err != nil {
			return err
		}
	}
}

// finishInput ends the input: what is on disk comes back by partitions.
func (a *aggregateOp) finishInput(ctx context.Context) error {
	for _, c := range a.calls {
		if len(a.table.types) == 0 {
			c.grow(1)
		}
	}
	if !a.spilled.any() {
		if err := a.finishCalls(ctx); err != nil || !a.spilled.any() {
			if err == nil && a.setID != nil {
				err = a.emptySets()
			}
			return err
		}
	}
	if err := a.spill(ctx); err != nil {
		return err
	}
	if len(a.table.types) > 0 {
		a.renew()
	}
	if err := a.foldDistinct(ctx); err != nil {
		return err
	}
	if len(a.table.types) == 0 {
		return a.finishCalls(ctx)
	}
	return a.divide(ctx)
}

// finishCalls folds the rows in that calls kept to order them. Without memory
// for that everything moves to disk.
func (a *aggregateOp) finishCalls(ctx context.Context) error {
	for _, c := range a.calls {
		err := c.finish(a)
		if err == nil {
			continue
		}
		if len(a.table.types) == 0 || a.spilled.level > spillMaxLevel || !a.maySpill(a.kept(), err) {
			return err
		}
		return a.spill(ctx)
	}
	return nil
}
