package exec

import (
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
)

// growth is about what Assign will allocate at most for the rows, each of which
// may be a new group; buffers left behind are not taken off. It comes right before Assign.
func (g *groupTable) growth(cols []*vector.Vector, sel []int32, n int) int64 {
	if len(cols) == 0 {
		return 0
	}
	rows := n
	if sel != nil {
		n = len(sel)
	}
	if g.codes != nil {
		return g.codes.growth(cols, n, 1)
	}
	var total int64
	for c, k := range g.keys {
		total += k.Growth(cols[c], n)
	}
	if g.build != nil {
		return total + int64(4*rows) + g.build.table.growthOf(g.build.keys(cols), n)
	}
	entries := g.n + n
	if g.dense == nil && g.span != nil {
		if size, ok := g.span.growth(cols[0], sel, n, g.n); ok {
			return total + size
		}
	}
	words := g.packer.layout.words
	if g.narrow != nil && (g.dense != nil || g.narrow.fits(cols, sel, rows)) {
		words = 1
	}
	return total + g.indexGrowth(cols, words, rows, entries)
}

// growthOf is growth where the values aren't known yet, just their sizes.
func (g *groupTable) growthOf(cols []*vector.Vector, n int) int64 {
	if g.codes != nil {
		return g.codes.growth(cols, n, 1)
	}
	var total int64
	for c, k := range g.keys {
		total += k.Growth(cols[c], n)
	}
	words := g.packer.layout.words
	if g.narrow != nil {
		words = 1
	}
	return total + g.indexGrowth(cols, words, n, g.n+n)
}

// indexGrowth is growth of the hash index alone, with keys of that many words and as many entries in all.
func (g *groupTable) indexGrowth(cols []*vector.Vector, words, rows, entries int) int64 {
	switch words {
	case 1:
		return g.one.growth(entries)
	case 2:
		return g.two.growth(entries)
	case 3:
		return g.three.growth(entries)
	}
	var data int64
	for c, v := range cols {
		if data += vector.RowBytes(v, rows) + int64(rows*4); !g.plain && v.Enc == vector.Dict {
			data += int64(4 * v.Dictionary.Len) // the codes of its entries
		}
		if g.rows.off == nil { // groups of another kind of index enter too
			data += int64(g.keys[c].DataBytes())
		}
	}
	return g.rows.growth(entries, data)
}

// growth is what reserve(entries) allocates.
func (t *slotTable) growth(entries int) int64 {
	if entries*3 <= len(t.slots)*2 {
		return 0
	}
	return 8 * int64(t.sizeFor(max(entries, len(t.slots))))
}

func (x *packedIndex[K]) growth(entries int) int64 {
	var k K
	n := x.slotTable.growth(entries)
	if entries > cap(x.keys) {
		n += int64(max(entries, 2*cap(x.keys))) * int64(unsafe.Sizeof(k))
	}
	return n
}

func (x *bytesIndex) growth(entries int, data int64) int64 {
	n := x.slotTable.growth(entries)
	if entries >= cap(x.off) {
		n += 16 * int64(max(entries+1, 2*cap(x.off)))
	}
	if need := int64(len(x.data)) + data; need > int64(cap(x.data)) {
		n += max(need, 2*int64(cap(x.data)))
	}
	return n
}

// growth is about what adding the rows will allocate, see groupTable.growth.
func (s *rowSet) growth(cols []*vector.Vector, n int) int64 {
	var total int64
	for i, c := range s.cols {
		total += c.Growth(cols[i], n)
	}
	return total
}
