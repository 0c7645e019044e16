package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// groupTable numbers the distinct rows of some columns from 0 in order of
// arrival. NULLs are equal to each other, as GROUP BY wants. It starts with direct addressing while
// the values look few, goes on to an array over the range of a single integer key, and ends with hashing.
type groupTable struct {
	types  []types.Type
	keys   []*vector.Appender
	n      int
	dense  *denseIndex
	span   *rangeIndex
	narrow *narrowKeys
	packer keyPacker
	one    wordIndex
	two    packedIndex[[2]uint64]
	three  packedIndex[[3]uint64]
	rows   bytesIndex
	enc    vector.RowKeys
	text   *textKeys   // not nil: in place of enc
	codes  *groupCodes // not nil: in place of all of these
	plain  bool        // never by codes
	build  *groupRows  // not nil: in place of all of these
	nulls  bool        // build rows come with NULLs
	finer  float64     // groups expected where finer ones will do too, else 0
	null   int32       // group of NULL for a single 64-bit column, -1 = none yet
	fresh  []int32
}

func newGroupTable(ts []types.Type) *groupTable {
	g := newHashedTable(ts)
	g.dense = newDenseIndex(ts)
	return g
}

// newHashedTable is newGroupTable without direct addressing.
func newHashedTable(ts []types.Type) *groupTable {
	g := &groupTable{types: ts, null: -1, span: newRangeIndex(ts)}
	g.packer.layout = newKeyLayout(ts, nullsApart)
	g.narrow = newNarrowKeys(&g.packer.layout)
	if isTextKey(ts) {
		g.text = newTextKeys()
	}
	for _, t := range ts {
		g.keys = append(g.keys, vector.NewAppender(t))
	}
	return g
}

// Assign sets groups[k] to the group of the k-th row of sel (nil = 0..n-1).
// It returns the rows (positions in the columns) that began new groups; valid until the next call.
func (g *groupTable) Assign(cols []*vector.Vector, sel []int32, n int, groups []int32) ([]int32, error) {
	if sel != nil {
		n = len(sel)
	}
	groups = groups[:n]
	g.fresh = g.fresh[:0]
	if len(cols) == 0 {
		clear(groups)
		if g.n == 0 && n > 0 {
			g.fresh = append(g.fresh, 0)
		}
	} else if err := g.lookUp(cols, sel, n, groups); err != nil {
		return nil, err
	}
	if g.codes != nil {
		g.n = g.codes.table.n
		return g.fresh, nil
	}
	if len(g.fresh) == 0 {
		return nil, nil
	}
	if sel != nil && g.build == nil {
		for i, k := range g.fresh {
			g.fresh[i] = sel[k]
		}
	}
	for c, v := range cols {
		if err := g.keys[c].Append(v, g.fresh, 0); err != nil {
			return nil, err
		}
	}
	g.n += len(g.fresh)
	return g.fresh, nil
}

// lookUp is find, or what stands in its place and sets fresh to positions in the columns.
func (g *groupTable) lookUp(cols []*vector.Vector, sel []int32, n int, groups []int32) (err error) {
	if g.n == 0 && g.finer > 0 && !g.plain && g.build == nil {
		g.startRows(cols)
	}
	if g.build != nil {
		g.fresh, err = g.build.assign(cols, sel, n, groups)
		return err
	}
	return g.find(cols, sel, n, groups)
}

func (g *groupTable) find(cols []*vector.Vector, sel []int32, n int, groups []int32) (err error) {
	if g.dense != nil {
		if f, ok := g.dense.assign(cols, sel, n, g.n, groups, g.fresh); ok {
			g.fresh = f
			return nil
		}
		g.fresh = g.fresh[:0]
	}
	if g.startsCodes(cols) {
		if err = g.startCodes(); err != nil {
			return err
		}
	}
	if g.codes != nil {
		g.fresh, err = g.codes.assign(cols, sel, n, groups)
		return err
	}
	if g.dense != nil {
		g.dense = nil
		if err = g.reindex(n); err != nil {
			return err
		}
	}
	return g.search(cols, sel, n, groups)
}

// search finds groups without the dense index.
func (g *groupTable) search(cols []*vector.Vector, sel []int32, n int, groups []int32) error {
	if g.span != nil {
		if f, ok := g.span.assign(cols[0], sel, n, g.n, groups, g.fresh); ok {
			g.fresh = f
			return nil
		}
		g.span = nil
		g.fresh = g.fresh[:0]
		if err := g.reindex(n); err != nil {
			return err
		}
	}
	if g.narrow != nil {
		if g.narrowed(cols, sel, n, groups) {
			return nil
		}
		g.narrow = nil
		g.fresh = g.fresh[:0]
		g.one = wordIndex{}
		if err := g.reindex(n); err != nil {
			return err
		}
	}
	return g.hashed(cols, sel, n, groups)
}

// hashed finds groups by hashing; g.n is the number of groups before.
func (g *groupTable) hashed(cols []*vector.Vector, sel []int32, n int, groups []int32) error {
	l := &g.packer.layout
	if g.text != nil {
		g.text.read(cols[0], sel, n)
		g.fresh = g.rows.enter(g.text.data, g.text.from, g.text.to, g.text.hash, groups, g.fresh)
		return nil
	}
	if l.words == 0 {
		if err := g.enc.Encode(cols, sel, n); err != nil {
			return err
		}
		g.fresh = g.rows.assign(&g.enc, n, groups, g.fresh)
		return nil
	}
	g.packer.pack(cols, sel, n)
	switch l.words {
	case 1:
		if l.nullBit < 0 && (g.packer.any || g.null >= 0) {
			g.withNulls(groups)
			return nil
		}
		g.fresh = g.one.assign(g.packer.words[0], groups, g.fresh)
	case 2:
		g.fresh = g.two.assign(g.two.gatherKeys(&g.packer), groups, g.fresh)
	case 3:
		g.fresh = g.three.assign(g.three.gatherKeys(&g.packer), groups, g.fresh)
	}
	return nil
}

// withNulls serves a single 64-bit column that has a NULL group: key numbers
// after it are one behind group numbers.
func (g *groupTable) withNulls(groups []int32) {
	keys := g.packer.words[0]
	total := int32(g.n)
	for k := range keys {
		if g.packer.any && g.packer.nulls[k] != 0 {
			if g.null < 0 {
				g.null = total
				total++
				g.fresh = append(g.fresh, int32(k))
			}
			groups[k] = g.null
			continue
		}
		before := g.one.n
		g.one.assign(keys[k:k+1], groups[k:k+1], nil)
		if g.null >= 0 && groups[k] >= g.null {
			groups[k]++
		}
		if g.one.n > before {
			total++
			g.fresh = append(g.fresh, int32(k))
		}
	}
}

// Len returns the number of groups.
func (g *groupTable) Len() int { return g.n }

// Columns returns the group columns of groups [from, to); they share the
// table's memory and stay valid until Reset.
func (g *groupTable) Columns(from, to int) []*vector.Vector {
	if g.codes != nil {
		return g.codes.columns(from, to)
	}
	out := make([]*vector.Vector, len(g.keys))
	for c, a := range g.keys {
		out[c] = vector.Slice(a.View(), from, to)
	}
	if g.build != nil {
		return dropSparse(out)
	}
	return out
}

// Bytes returns the memory held.
func (g *groupTable) Bytes() int64 {
	n := g.one.bytes() + g.two.bytes() + g.three.bytes() + g.rows.bytes() + g.span.bytes()
	if g.dense != nil {
		n += int64(4 * len(g.dense.slots))
	}
	if g.text != nil {
		n += g.text.bytes()
	}
	if g.codes != nil {
		n += g.codes.bytes()
	}
	if g.build != nil {
		n += g.build.table.Bytes()
	}
	return n + g.keyBytes()
}

// keyBytes is what the group columns hold.
func (g *groupTable) keyBytes() (n int64) {
	for _, a := range g.keys {
		n += a.Bytes()
	}
	return n
}

// Reset drops all groups.
func (g *groupTable) Reset() {
	g.n, g.null, g.codes, g.build = 0, -1, nil, nil
	g.one.reset()
	g.two.reset()
	g.three.reset()
	g.rows.reset()
	if g.dense != nil {
		clear(g.dense.slots)
	}
	if g.span != nil {
		clear(g.span.slots)
	}
	if g.narrow != nil {
		g.narrow.cols, g.narrow.packed = nil, nil
	}
	for c, t := range g.types {
		g.keys[c] = vector.NewAppender(t) // batches given out may still refer to the old ones
	}
}
