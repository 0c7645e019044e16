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
	for i, c := range a.calls {
		if c.distinct == nil {
			continue
		}
		c.distinct = nil // rows come once from now on
		parts := a.spilled.calls[i]
		if parts == nil {
			continue
		}
		a.spilled.calls[i] = nil
		runs, err := parts.finish()
		if err != nil {
			return err
		}
		inner := &aggregateOp{base: newBase(a.env, a.node, "Aggregate distinct"), node: &physical.HashAggregate{Base: a.node.Base}}
		inner.table = newGroupTable(fieldTypes(parts.fields))
		for _, r := range runs {
			inner.spilled.pending = append(inner.spilled.pending, aggPart{level: parts.level + 1, groups: r})
		}
		if err := errors.Join(a.foldFrom(ctx, c, inner), inner.Close()); err != nil {
			return err
		}
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
