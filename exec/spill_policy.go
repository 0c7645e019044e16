package exec

import (
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// mustSpill reports whether an operator that holds that many rows has to move
// them to disk: it has more than its share while memory is tight, or somebody waits for what it holds. An operator
// that can spill asks for every batch that it keeps.
func (b *base) mustSpill(rows int) bool {
	if b.env.Spill == nil || rows == 0 {
		return false
	}
	b.canSpill()
	if n := b.env.SpillRows; n > 0 && rows >= n {
		return true
	}
	if n := b.env.SpillShare; n > 0 && b.held > n {
		return true
	}
	if b.account == nil {
		return false
	}
	return b.account.Asked() || b.account.Tight() && b.held > b.account.Share(b.env.holders)
}

// maySpill reports whether an operator that holds that many rows can go on after
// an error by moving them to disk.
func (b *base) maySpill(rows int, err error) bool {
	if b.env.Spill == nil || rows == 0 {
		return false
	}
	b.canSpill()
	return sqlerr.Code(err) == sqlerr.OutOfMemory
}

// canSpill tells the account that it can be asked for memory, and that it need
// not wait for any.
func (b *base) canSpill() {
	if b.account != nil {
		b.account.MaySpill(&b.stats.Spilled)
	}
}

// topnLarge is from how many rows on a TopN counts as holding many.
const topnLarge = 1 << 16

// holdersOf counts the operators of a stage that may hold many rows, and its output buffers
// where they are many: so many parts has a task's share of the memory.
func holdersOf(stage *physical.Stage, edges []*physical.Edge) int {
	n := 0
	physical.Walk(stage.Root, func(x physical.Node) {
		switch x := x.(type) {
		case *physical.HashJoin, *physical.NestedLoopJoin, *physical.Sort, *physical.Window:
			n++
		case *physical.HashAggregate:
			if len(x.Groups) > 0 {
				n++
			}
		case *physical.TopN:
			if x.Offset > topnLarge || x.Count > topnLarge {
				n++
			}
		}
	})
	for _, id := range stage.Outputs {
		if p := edges[id].Partitioning; (p.Kind == physical.Hash || p.Kind == physical.Range) && p.N > 1 {
			n++
		}
	}
	return max(1, n)
}
