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
		return g.codes.growth(cols, sel, rows, 1)
	}
	var total int64
	if g.startsCodes(cols) {
		total = g.codesGrowth(cols, sel, rows)
		if g.dense == nil {
			return total
		}
	}
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
	if g.narrow != nil && (g.dense != nil || g.narrow.fits(g.groups(), cols, sel, rows)) {
		words = 1
	}
	return total + g.indexGrowth(cols, words, rows, entries)
}

// growthOf is growth where the values aren't known yet, just their sizes.
func (g *groupTable) growthOf(cols []*vector.Vector, n int) int64 {
	if g.codes != nil {
		return g.codes.growth(cols, nil, n, 1)
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
	rows = max(rows, min(reindexRows, g.n)) // or groups that are entered again
	switch words {
	case 1:
		return g.one.growth(entries) + scratchFor(g.one.hash, rows, 8+wordSlotBytes)
	case 2:
		return g.two.growth(entries) + g.two.scratch(rows)
	case 3:
		return g.three.growth(entries) + g.three.scratch(rows)
	}
	var data int64
	for c, v := range cols {
		if data += vector.RowBytes(v, rows) + int64(rows*4); !g.plain && v.Enc == vector.Dict {
			data += int64(4 * v.Dictionary.Len) // the codes of its entries
		}
		if g.rows.off == nil { // groups of another kind of index enter too
			data += 2 * int64(g.keys[c].DataBytes()+4*g.n) // by parts, each of which may extend it
		}
	}
	return g.rows.growth(entries, data) + scratchFor(g.rows.hash, rows, 8) + scratchFor(g.rows.first, rows, 8)
}

// grown returns s with room for more elements: for these, or twice as much as before. It is what growthFor says,
// unlike append, which rounds up and may grow several times.
func grown[T any](s []T, more int) []T {
	if len(s)+more <= cap(s) {
		return s
	}
	out := make([]T, len(s), max(len(s)+more, 2*cap(s)))
	copy(out, s)
	return out
}

// growthFor is how many bytes grown(s, more) allocates.
func growthFor[T any](s []T, more int) int64 {
	var x T
	if len(s)+more <= cap(s) {
		return 0
	}
	return int64(max(len(s)+more, 2*cap(s))) * int64(unsafe.Sizeof(x))
}

// scratchFor is what arrays of that many bytes a row take that are as large as s, if s is too small.
func scratchFor[T any](s []T, rows, bytes int) int64 {
	if rows <= cap(s) {
		return 0
	}
	return int64(rows * bytes)
}

// growth is what reserve(entries) allocates.
func (t *slotTable) growth(entries int) int64 {
	if entries*3 <= len(t.slots)*2 {
		return 0
	}
	return 8 * int64(t.sizeFor(max(entries, len(t.slots))))
}

func (x *packedIndex[K]) growth(entries int) int64 {
	return x.slotTable.growth(entries) + growthFor(x.keys, entries-len(x.keys))
}

// scratch is what assign allocates besides for that many rows.
func (x *packedIndex[K]) scratch(rows int) int64 {
	var k K
	size := int(unsafe.Sizeof(k))
	n := scratchFor(x.hash, rows, 8) + scratchFor(x.first, rows, 8) + scratchFor(x.near, rows, size)
	if size > 8 {
		n += scratchFor(x.in, rows, size)
	}
	return n
}

func (x *bytesIndex) growth(entries int, data int64) int64 {
	return x.slotTable.growth(entries) + growthFor(x.hashes, entries-len(x.hashes)) + growthFor(x.off, entries+1-len(x.off)) + growthFor(x.data, int(data))
}

// growth is about what adding the rows will allocate, see groupTable.growth.
func (s *rowSet) growth(cols []*vector.Vector, n int) int64 {
	var total int64
	for i, c := range s.cols {
		total += c.Growth(cols[i], n)
	}
	return total
}
