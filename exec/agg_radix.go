package exec

import (
	"context"
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
)

// An aggregation of more groups than the caches hold would miss them at every row. From radixFrom groups on it
// gathers rows by bits of the hash of their keys instead, and groups each partition alone, in a table that stays in
// the cache and that the next partition takes over at its size (Müller et al., "Cache-Efficient Aggregation: Hashing
// Is Sorting", 2015; Leis et al., "Morsel-Driven Parallelism", 2014). What is gathered is bounded: it is grouped at
// radixHeld bytes, and its groups wait as states.
const (
	radixFrom       = 1 << 17
	radixFewBits    = 6
	radixManyBits   = 8
	radixManyFrom   = 1 << 20 // groups that a task is expected to have
	radixBlockRows  = 1 << 10 // of a partition in a block, about
	radixBlockBytes = 2 << 20 // or fewer where they are wide
	radixShift      = 24      // exchanges divide by the bits from 32 on, tables look at the lowest
	radixHeld       = 256 << 20
	radixSpare      = 2 << 20 // to fold rows where nobody has memory left
	radixWidest     = 96      // bytes of a row that pays its way through memory
	radixReduces    = 0.5     // groups per row up to which a partial aggregation works so
)

// mayRadix reports that rows like these should be gathered once there are many groups.
func (a *aggregateOp) mayRadix(cols []*vector.Vector) bool {
	t := a.table
	if len(t.types) == 0 || a.setID != nil || a.spilled.any() || len(a.spilled.pending) > 0 || !a.independent() {
		return false
	}
	if (t.dense != nil || t.span != nil) && a.env.RadixFrom == 0 { // arrays, not hash tables
		return false
	}
	var width int64
	for _, v := range cols {
		width += vector.RowBytes(v, v.Len) / int64(max(1, v.Len))
	}
	return width <= radixWidest
}

func (a *aggregateOp) radixFrom() int {
	if n := a.env.RadixFrom; n > 0 {
		return n
	}
	return radixFrom
}

// reduces reports that a partial aggregation is expected to find clearly fewer
// groups than rows, though the first rows did not show it.
func (a *aggregateOp) reduces() bool {
	rows, groups := a.node.Input.Info().Rows, a.node.Rows
	return rows > 0 && groups > 0 && groups <= radixReduces*rows
}

// startRadix makes the groups so far the first that are gathered. Without the
// memory for that everything stays as it is.
func (a *aggregateOp) startRadix() error {
	n := a.table.Len()
	err := a.reserve(2*a.bytes() + int64(n)*13)
	if err != nil {
		a.radixAgain = 2 * n // not at every batch: a refusal evicts pages and outputs, and looks at all accounts
		return notMemory(err)
	}
	cols, err := a.groupStates()
	if err != nil {
		return err
	}
	bits := radixFewBits
	if a.node.Rows/float64(max(1, a.env.Tasks)) > radixManyFrom {
		bits = radixManyBits
	}
	r := newRadixRows(bits)
	if r.limit = a.radixLimit(); a.env.RadixFrom > 0 {
		r.block = a.env.RadixFrom
	}
	r.addGroups(cols, a.hashKeys(cols, nil, n))
	a.radix, a.runs = r, nil
	a.renew()
	return nil
}

// radixLimit is how many bytes to gather.
func (a *aggregateOp) radixLimit() int64 {
	limit := int64(radixHeld)
	if a.env.RadixFrom > 0 {
		limit = int64(64 * a.env.RadixFrom)
	}
	if share := a.account.Share(a.env.holders); share > 0 {
		limit = min(limit, share/2)
	}
	return limit
}

// hashKeys hashes the group columns, which come first; valid until the next call.
func (a *aggregateOp) hashKeys(cols []*vector.Vector, sel []int32, rows int) []uint64 {
	n := rows
	if sel != nil {
		n = len(sel)
	}
	if cap(a.hashes) < n {
		a.hashes = make([]uint64, n)
	}
	h := a.hashes[:n]
	a.hasher.Hash(cols[:len(a.table.types)], sel, rows, h)
	return h
}

// gather keeps a batch for its partitions. If ok is false there was no room for
// it: it must wait until groups have gone out (flushing), or be folded as usual.
func (a *aggregateOp) gather(ctx context.Context, b *vector.Batch, cols []*vector.Vector) (ok bool, err error) {
	r := a.radix
	if err := a.reserve(r.growth(cols, b.Count()) + int64(8*b.Count())); err != nil {
		return false, a.leaveRadix(ctx, err)
	}
	if err := r.add(cols, b.Sel, b.Rows, a.hashKeys(cols, b.Sel, b.Rows)); err != nil {
		return false, err
	}
	if a.full() {
		return true, a.leaveRadix(ctx, nil)
	}
	if r.bytes() > r.limit {
		return true, a.compact(ctx)
	}
	return true, nil
}

// leaveRadix stops gathering for want of memory: a partial aggregation gives
// its groups out, others move them to disk. cause is how it was refused, nil if it wasn't.
func (a *aggregateOp) leaveRadix(ctx context.Context, cause error) error {
	if cause != nil && (notMemory(cause) != nil || !a.partial() && !a.maySpill(1, cause)) {
		return cause
	}
	if a.partial() {
		a.flushing, a.rows = true, 0
		return nil
	}
	for p := range a.radix.parts() {
		if _, err := a.drain(ctx, p); err != nil {
			return err
		}
		if err := a.spill(ctx); err != nil {
			return err
		}
	}
	a.radix = nil
	a.renew()
	return a.reserve(0)
}

// compact groups what is gathered; the groups wait as states.
func (a *aggregateOp) compact(ctx context.Context) error {
	r, before := a.radix, a.radix.rows
	r.cut()
	for p := range r.parts() {
		ok, err := a.drain(ctx, p)
		if err != nil {
			return err
		}
		if ok && !a.spilled.any() {
			err = a.reserve(a.bytes() - r.bytes())
		}
		if !ok || a.spilled.any() || err != nil {
			return a.leaveRadix(ctx, err)
		}
		if a.table.Len() > 0 {
			cols, err := a.groupStates()
			if err != nil {
				return err
			}
			r.keep(p, cols, len(a.table.types), a.table.keyBytes(), a.table.Len())
		}
		a.clearGroups()
		breathe()
	}
	r.forget()
	r.spare = radixSpare
	switch few := 2*r.rows <= before; {
	case a.partial() && !few:
		a.flushing, a.through, a.rows = true, true, 0
	case few:
		r.limit = max(r.limit, 4*r.bytes())
	default: // the states would soon be larger than the rows
		r.limit = math.MaxInt64
	}
	return nil
}

// nextRadix fills the table with the groups of the next partition; false if there is none.
func (a *aggregateOp) nextRadix(ctx context.Context) (bool, error) {
	r := a.radix
	for {
		a.clearGroups()
		if r.next == r.parts() {
			a.radix = nil
			a.renew()
			return false, a.reserve(0)
		}
		ok, err := a.drain(ctx, r.next)
		if err != nil {
			return false, err
		}
		if ok {
			r.next++
		}
		if a.spilled.any() {
			if err := a.divide(ctx); err != nil {
				return false, err
			}
		}
		if a.table.Len() > 0 {
			return true, nil
		}
	}
}

// clearGroups empties the table, which keeps its size for the next partition.
func (a *aggregateOp) clearGroups() {
	a.next = 0
	a.table.Reset()
	for _, c := range a.calls {
		c.acc.Reset()
	}
}

// drain folds what a partition has gathered into the table. ok is false where a
// partial aggregation must give groups out and come back.
func (a *aggregateOp) drain(ctx context.Context, p int) (ok bool, err error) {
	r := a.radix
	r.cut()
	r.spare = 0
	for {
		cols, n, states := r.peek(p)
		if cols == nil {
			return true, nil
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if states {
			ok, err = a.foldStates(ctx, cols, n)
		} else if ok, err = a.room(ctx, func() int64 { return a.growth(cols, nil, n) }); ok && err == nil {
			err = a.fold(&vector.Batch{Rows: n}, cols)
		}
		if !ok || err != nil {
			return false, err
		}
		r.took(p)
	}
}

// groupStates are the columns and the states of all groups, as runs have them.
func (a *aggregateOp) groupStates() ([]*vector.Vector, error) {
	n := a.table.Len()
	cols := a.table.Columns(0, n)
	for _, c := range a.calls {
		if c.follows {
			continue
		}
		s, err := c.acc.State(0, n)
		if err != nil {
			return nil, err
		}
		cols = append(cols, s...)
	}
	return cols, nil
}

// notMemory is err unless it says that memory was refused.
func notMemory(err error) error {
	if sqlerr.Code(err) == sqlerr.OutOfMemory {
		return nil
	}
	return err
}
