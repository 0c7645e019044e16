package exec

import (
	"context"
	"errors"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// aggSpill is what an aggregation has on disk. Groups leave the memory as
// partial states, divided by their keys into partitions whose states are merged later, as in the recursive
// hash aggregation of Graefe ("Query Evaluation Techniques for Large Databases", 1993). Rows that a call keeps itself
// go to runs of the call: those of DISTINCT divided by group and arguments, so that one large group is divided
// too, those of ORDER BY like the groups.
type aggSpill struct {
	level   int           // at which the table divides
	groups  *spillParts   // group columns, states
	calls   []*spillParts // by call: group columns, order keys, arguments
	pending []aggPart     // partitions to be merged yet

	distinct [][]aggPart // by call: its rows, once the input has ended
}

// aggPart is one partition, to be merged with a table that divides at the level.
type aggPart struct {
	level  int
	groups *spill.Run
	calls  []*spill.Run
}

// any reports that something is on disk that belongs to the groups in memory.
func (s *aggSpill) any() bool { return s.groups != nil || s.calls != nil }

// spillBytes is the memory that moving everything to disk takes.
func (a *aggregateOp) spillBytes() int64 {
	n := int64(aggIOBytes)
	if len(a.table.types) > 0 {
		n += spillPartsBytes
	}
	for _, c := range a.calls {
		if c.distinct != nil || c.ordered != nil {
			n += spillPartsBytes
		}
	}
	return n
}

// spill moves all groups, and the rows that calls keep, to disk. Without group
// columns only the rows of DISTINCT move.
func (a *aggregateOp) spill(ctx context.Context) error {
	if a.spilled.calls == nil {
		a.spilled.calls = make([]*spillParts, len(a.calls))
	}
	keyed := len(a.table.types) > 0
	for i, c := range a.calls {
		var err error
		switch {
		case c.ordered != nil && (keyed || c.distinct != nil):
			err = a.spillRows(ctx, i, c.ordered.view(), c.ordered.rows)
			c.ordered = newRowSet(c.rowTypes(true))
		case c.distinct != nil:
			err = a.spillRows(ctx, i, c.distinct.Columns(0, c.distinct.Len()), c.distinct.Len())
		}
		if err != nil {
			return err
		}
		if c.distinct != nil { // its rows will be folded in again
			c.distinct.Reset()
			c.acc.Reset()
			c.grow(max(a.table.Len(), 1))
		}
	}
	if !keyed {
		return nil
	}
	if err := a.spillGroups(ctx); err != nil {
		return err
	}
	a.table.Reset()
	for _, c := range a.calls {
		c.acc.Reset()
	}
	return nil
}

// spillGroups writes the groups with their states.
func (a *aggregateOp) spillGroups(ctx context.Context) error {
	total := a.table.Len()
	if a.spilled.groups == nil {
		a.spilled.groups = newSpillParts(&a.base, a.stateFields(), a.spilled.level)
	}
	var hasher vector.Hasher
	step := a.spillStep(total, a.bytes())
	hashes := make([]uint64, step)
	for from := 0; from < total; from += step {
		to := min(from+step, total)
		cols := a.table.Columns(from, to)
		hasher.Hash(cols, nil, to-from, hashes)
		for _, c := range a.calls {
			if c.follows {
				continue
			}
			s, err := c.acc.State(from, to)
			if err != nil {
				return err
			}
			cols = append(cols, s...)
		}
		if err := a.spilled.groups.add(cols, nil, to-from, hashes[:to-from]); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// spillRows writes rows that the i-th call keeps; their first column is the
// group's number, in place of which its columns are written.
func (a *aggregateOp) spillRows(ctx context.Context, i int, cols []*vector.Vector, total int) error {
	c, parts := a.calls[i], a.spilled.calls[i]
	if parts == nil {
		fields := a.keyFields()
		for _, t := range c.rowTypes(c.ordered != nil)[1:] {
			fields = append(fields, types.Field{Type: t, Nullable: true})
		}
		parts = newSpillParts(&a.base, fields, a.spilled.level)
		a.spilled.calls[i] = parts
	}
	var hasher vector.Hasher
	keys := a.table.Columns(0, a.table.Len())
	var size int64
	for _, v := range append(cols, keys...) {
		size += v.Size()
	}
	step := a.spillStep(total, size)
	hashes := make([]uint64, step)
	for from := 0; from < total; from += step {
		to := min(from+step, total)
		part := make([]*vector.Vector, 0, len(keys)+len(cols))
		groups := vector.Values[int32](vector.Slice(cols[0], from, to))[:to-from]
		for _, k := range keys {
			part = append(part, vector.Take(k, groups))
		}
		for _, v := range cols[1:] {
			part = append(part, vector.Slice(v, from, to))
		}
		hashed := part
		if c.distinct == nil {
			hashed = part[:len(keys)]
		}
		hasher.Hash(hashed, nil, to-from, hashes)
		if err := parts.add(part, nil, to-from, hashes[:to-from]); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// spillStep is how many of total rows of size bytes to move at a time.
func (a *aggregateOp) spillStep(total int, size int64) int {
	return max(1, min(a.size, int(runBatchBytes*int64(total)/max(1, size))))
}

func (a *aggregateOp) keyFields() []types.Field {
	fields := make([]types.Field, len(a.table.types))
	for i, t := range a.table.types {
		fields[i] = types.Field{Type: t, Nullable: true}
	}
	return fields
}

// stateFields are the columns of a run of groups.
func (a *aggregateOp) stateFields() []types.Field {
	fields := a.keyFields()
	for _, c := range a.calls {
		if c.follows {
			continue
		}
		for _, t := range c.spec.Func.State(c.spec.ArgTypes) {
			fields = append(fields, types.Field{Type: t, Nullable: true})
		}
	}
	return fields
}

// divide moves the rest to disk and makes the partitions so far the next to be merged.
func (a *aggregateOp) divide(ctx context.Context) error {
	if err := a.spill(ctx); err != nil {
		return err
	}
	parts := make([]aggPart, spillFanout)
	for p := range parts {
		parts[p] = aggPart{level: a.spilled.level + 1, calls: make([]*spill.Run, len(a.calls))}
	}
	var err error
	take := func(x *spillParts, set func(p *aggPart, r *spill.Run)) {
		if x == nil || err != nil {
			return
		}
		var runs [spillFanout]*spill.Run
		runs, err = x.finish()
		for p, r := range runs {
			set(&parts[p], r)
		}
	}
	take(a.spilled.groups, func(p *aggPart, r *spill.Run) { p.groups = r })
	for i, x := range a.spilled.calls {
		take(x, func(p *aggPart, r *spill.Run) { p.calls[i] = r })
	}
	a.spilled.pending = append(a.spilled.pending, parts...)
	err = errors.Join(err, a.spilled.closeParts())
	a.renew()
	return err
}

// closeParts frees what is being written.
func (s *aggSpill) closeParts() (err error) {
	for _, p := range append(s.calls, s.groups) {
		if p != nil {
			err = errors.Join(err, p.close())
		}
	}
	s.groups, s.calls = nil, nil
	return err
}

// close frees everything; it may be called again.
func (s *aggSpill) close() error {
	err := s.closeParts()
	for _, parts := range append(s.distinct, s.pending) {
		for _, p := range parts {
			err = errors.Join(err, p.close())
		}
	}
	s.pending, s.distinct = nil, nil
	return err
}

func (p *aggPart) close() (err error) {
	for _, r := range append(p.calls, p.groups) {
		if r != nil {
			err = errors.Join(err, r.Close())
		}
	}
	return err
}

func (p *aggPart) empty() bool {
	for _, r := range append(p.calls, p.groups) {
		if r != nil {
			return false
		}
	}
	return true
}
