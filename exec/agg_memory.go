package exec

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

const (
	// aggSpillFrom is what a table holds before room to move it to disk is reserved beside it.
	aggSpillFrom = 256 << 10
	// aggIOBytes is what a batch on its way to disk or back takes, about.
	aggIOBytes = 512 << 10
)

// room reserves memory for what need says that the next rows take at most,
// before they are folded in. A partial aggregation without memory has to give its groups out first: ok is false
// then. Others move their groups to disk.
func (a *aggregateOp) room(ctx context.Context, need func() int64) (ok bool, err error) {
	if err = a.reserve(need()); err == nil {
		return true, nil
	}
	if sqlerr.Code(err) != sqlerr.OutOfMemory {
		return false, err
	}
	if a.partial() && a.table.Len() > 0 && (a.input || a.radix != nil) {
		a.flushing = true
		return false, nil
	}
	gone := a.kept() == 0 || a.radix != nil && a.table.Len() == 0
	if gone && len(a.table.types) > 0 { // groups that left gave no room up
		a.renew()
		err = a.reserve(need())
		return err == nil, err
	}
	if !a.maySpill(a.kept(), err) || a.spilled.level > spillMaxLevel {
		return false, err
	}
	if err = a.spill(ctx); err != nil {
		return false, err
	}
	if err = a.reserve(need()); err == nil {
		return true, nil
	}
	a.renew() // without the room that earlier groups had
	err = a.reserve(need())
	return err == nil, err
}

// reserve holds what is there, what will be added, and what spilling all that takes.
func (a *aggregateOp) reserve(growth int64) error {
	n := a.bytes() + growth
	if a.radix != nil {
		n += a.radix.spare
	}
	if a.env.Spill != nil && !a.partial() && (n > aggSpillFrom || a.spilled.any()) {
		n += a.spillBytes()
	}
	if n == a.held {
		return nil
	}
	return a.hold(n)
}

// partial reports that groups may go out at any time.
func (a *aggregateOp) partial() bool {
	return a.node.Phase.GivesStates() && len(a.node.Groups) > 0
}

// bytes is what the table and the calls hold.
func (a *aggregateOp) bytes() int64 {
	n := a.table.Bytes()
	if a.radix != nil {
		n += a.radix.bytes()
	}
	for _, c := range a.calls {
		n += c.bytes()
	}
	return n
}

// kept counts the groups and rows that spilling moves.
func (a *aggregateOp) kept() int {
	n := 0
	if len(a.table.types) > 0 {
		n = a.table.Len()
	}
	if a.radix != nil {
		n += a.radix.rows
	}
	for _, c := range a.calls {
		if c.distinct != nil {
			n += c.distinct.Len()
		}
	}
	return n
}

// full reports that the groups should leave the memory now.
func (a *aggregateOp) full() bool {
	if a.spilled.level > spillMaxLevel || !a.mustSpill(a.kept()) {
		return false
	}
	return a.env.SpillRows > 0 || a.bytes() > spillPartsBytes // less isn't worth it
}

// shed moves everything to disk and gives up the room that it had, which would
// count as held else.
func (a *aggregateOp) shed(ctx context.Context) error {
	if err := a.spill(ctx); err != nil {
		return err
	}
	if len(a.table.types) > 0 {
		a.renew()
	}
	for _, c := range a.calls {
		if c.distinct != nil {
			c.distinct = newGroupTable(c.distinct.types)
		}
	}
	return a.reserve(0)
}

// growth is what folding the rows of sel in will allocate at most.
func (a *aggregateOp) growth(cols []*vector.Vector, sel []int32, rows int) int64 {
	n := rows
	if sel != nil {
		n = len(sel)
	}
	sets := max(1, len(a.setID))
	keys := cols[:len(a.table.types)-min(1, len(a.setID))]
	total := int64(n) * 16 // scratch
	if sets > 1 || a.setID != nil {
		total += a.setGrowth(keys, sel, rows)
	} else {
		total += a.table.growth(keys, sel, rows)
	}
	for _, c := range a.calls {
		total += c.growth(a.table.Len()+n*sets, emitColumns(cols, c.kept), n*sets)
	}
	return total
}

// setGrowth is the table's growth for all grouping sets.
func (a *aggregateOp) setGrowth(keys []*vector.Vector, sel []int32, rows int) int64 {
	sets, n := len(a.setID), rows
	if sel != nil {
		n = len(sel)
	}
	if a.table.codes != nil {
		return a.table.codes.growth(append(keys[:len(keys):len(keys)], a.setID[0]), sel, rows, sets)
	}
	all := append(append([]*vector.Vector(nil), keys...), a.setID[0])
	total := a.table.indexGrowth(all, a.table.packer.layout.words, sets*n, a.table.Len()+sets*n)
	for c, k := range a.table.keys {
		total += k.Growth(all[c], sets*n)
		if all[c].Enc == vector.Flat {
			total += int64(sets-1) * vector.RowBytes(all[c], n)
		}
	}
	return total
}

// growth is what folding n rows in will allocate at most where that makes so
// many groups; cols are the order keys and arguments.
func (c *aggCall) growth(groups int, cols []*vector.Vector, n int) int64 {
	if c.follows {
		return 0
	}
	var total int64
	if g, ok := c.acc.(function.Grower); ok {
		total = g.Growth(groups, n)
	}
	for _, v := range cols[len(c.keys):] {
		if v.Type.Storage().Width() == 0 {
			total += 2 * vector.RowBytes(v, n)
		}
	}
	ids := &vector.Vector{Type: types.Of(types.Int4), Len: n}
	if c.distinct != nil {
		total += c.distinct.growthOf(append([]*vector.Vector{ids}, cols[len(c.keys):]...), n)
	}
	if c.ordered != nil {
		total += c.ordered.bytes() + int64(c.ordered.rows+n)*orderedRowBytes // to sort them
		total += c.ordered.growth(append([]*vector.Vector{ids}, cols...), n)
	}
	return total
}
