package exec

import (
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// narrowKeys packs several integer columns into one word, each as its distance
// from a base in as many bits as the values seen need and some more: two bigint columns of a table's keys rarely
// need 128 bits and a third word for NULLs. (Frame-of-reference codes as in Zukowski et al., "Super-Scalar
// RAM-CPU Cache Compression", 2006.) A value out of range asks for another layout, in the end for whole words.
type narrowKeys struct {
	cols   []narrowColumn // nil until the first batch
	packer keyPacker      // for its scratch, and NULLs
	words  []uint64
	packed *vector.Vector // the first column of the rows that words are of already
	tight  int            // layouts without room for other values
}

// narrowTight is how many such layouts, each of which enters all groups again, are tried before whole words.
const narrowTight = 32

// narrowColumn is one column's place in the word; code 0 is NULL.
type narrowColumn struct {
	base        int64
	bits, shift uint
	sign        uint // how far to shift a widened value up and down to extend its sign
	lo, hi      int64
	any         bool // lo and hi mean something
}

// newNarrowKeys returns nil where the columns can't be narrowed or need not.
func newNarrowKeys(l *keyLayout) *narrowKeys {
	if l.words == 1 || len(l.types) < 2 || len(l.types) > 16 {
		return nil
	}
	for _, t := range l.types {
		if !integerStorage(t) && t.Storage() != types.StoreBool {
			return nil
		}
	}
	return &narrowKeys{}
}

// pack sets words to the keys of the listed rows; false if a value does not fit.
func (x *narrowKeys) pack(cols []*vector.Vector, sel []int32, n int) bool {
	if x.cols == nil {
		return false
	}
	if sel != nil {
		n = len(sel)
	}
	x.room(n)
	clear(x.words)
	x.markNulls(cols, sel)
	var bad uint64
	for c, v := range cols {
		widen(x.packer.tmp, v, sel)
		bad |= x.add(c, v.Valid != nil)
	}
	return bad == 0
}

func (x *narrowKeys) room(n int) {
	p := &x.packer
	if cap(p.tmp) < n {
		p.tmp, p.nulls, x.words = make([]uint64, n), make([]uint64, n), make([]uint64, n)
	}
	p.tmp, p.nulls, x.words = p.tmp[:n], p.nulls[:n], x.words[:n]
}

func (x *narrowKeys) markNulls(cols []*vector.Vector, sel []int32) {
	x.packer.any = false
	for c, v := range cols {
		if v.Valid != nil {
			x.packer.markNulls(c, v, sel)
		}
	}
}

// add adds a column's codes to the words; not 0 if one does not fit.
func (x *narrowKeys) add(c int, nulls bool) (bad uint64) {
	col := &x.cols[c]
	base, sign, shift, words := col.base, col.sign, col.shift, x.words
	if !nulls {
		for k, w := range x.packer.tmp {
			d := uint64(int64(w<<sign)>>sign - base)
			bad |= d | (d + 1)
			words[k] |= (d + 1) << shift
		}
		return bad >> col.bits
	}
	for k, w := range x.packer.tmp {
		if x.packer.nulls[k]>>c&1 != 0 {
			continue
		}
		d := uint64(int64(w<<sign)>>sign - base)
		bad |= d | (d + 1)
		words[k] |= (d + 1) << shift
	}
	return bad >> col.bits
}

// learn lays the columns out for these rows and those of earlier; false if one word can't hold them.
func (x *narrowKeys) learn(cols []*vector.Vector, sel []int32, n int) bool {
	if sel != nil {
		n = len(sel)
	}
	x.observe(cols, sel, n)
	return x.layout()
}

// observe widens the columns' extents by those of rows.
func (x *narrowKeys) observe(cols []*vector.Vector, sel []int32, n int) {
	if x.cols == nil {
		x.cols = make([]narrowColumn, len(cols))
	}
	x.room(n)
	x.markNulls(cols, sel)
	for c, v := range cols {
		col := &x.cols[c]
		col.sign = uint(64 - packedBits(v.Type))
		widen(x.packer.tmp, v, sel)
		for k, w := range x.packer.tmp {
			if v.Valid != nil && x.packer.nulls[k]>>c&1 != 0 {
				continue
			}
			y := int64(w<<col.sign) >> col.sign
			if !col.any {
				col.lo, col.hi, col.any = y, y, true
			}
			col.lo, col.hi = min(col.lo, y), max(col.hi, y)
		}
	}
}

// take is learn for groups, whose values may have fitted by chance.
func (x *narrowKeys) take(groups []*vector.Vector) {
	for from := 0; len(groups) > 0 && from < groups[0].Len; from += vector.BatchSize {
		n := min(vector.BatchSize, groups[0].Len-from)
		part := make([]*vector.Vector, len(groups))
		for c, v := range groups {
			part[c] = vector.Slice(v, from, from+n)
		}
		x.observe(part, nil, n)
	}
}

// layout gives every column the bits it needs and an equal share of the rest: what it is likely to need
// next, or, where that is more than a word, what it needs now.
func (x *narrowKeys) layout() bool {
	need, total := make([]uint, len(x.cols)), uint(0)
	for c := range x.cols {
		col := &x.cols[c]
		if uint64(col.hi)-uint64(col.lo) >= 1<<62 {
			return false
		}
		lo := col.lo
		if lo > 0 && col.hi < 1<<40 { // keys mostly begin near 0
			lo = 0
		}
		col.base = lo
		need[c] = rangeBits(lo, col.hi) + 1
		total += need[c]
	}
	if total > 64 {
		x.tight++
		total = 0
		for c := range x.cols {
			col := &x.cols[c]
			col.base = col.lo
			need[c] = rangeBits(col.lo, col.hi)
			total += need[c]
		}
		if total > 64 || x.tight > narrowTight {
			return false
		}
	}
	spare, shift := (64-total)/uint(len(x.cols)), uint(0)
	for c := range x.cols {
		col := &x.cols[c]
		col.bits, col.shift = min(need[c]+spare, 63), shift
		if col.lo < 0 { // as far on as before
			if below := int64(1) << (col.bits - 2); spare > 0 && col.lo > below-1<<62 {
				col.base = col.lo - below
			}
		}
		shift += col.bits
	}
	return true
}

// rangeBits is how many bits codes for values from lo to hi take, and for NULL.
func rangeBits(lo, hi int64) uint { return uint(bits.Len64(uint64(hi) - uint64(lo) + 1)) }

// fits reports whether the rows, which come to narrowed next, can be narrowed beside the groups.
func (x *narrowKeys) fits(groups, cols []*vector.Vector, sel []int32, n int) bool {
	x.packed = nil
	if x.pack(cols, sel, n) {
		x.packed = cols[0]
		return true
	}
	next := narrowKeys{cols: append([]narrowColumn(nil), x.cols...), tight: x.tight}
	if len(next.cols) == 0 {
		next.cols = nil
	}
	next.take(groups)
	return next.learn(cols, sel, n)
}

// narrowed finds groups by narrow keys; false if they can't be narrowed any
// longer, and what narrow keys found must be entered again.
func (g *groupTable) narrowed(cols []*vector.Vector, sel []int32, n int, groups []int32) bool {
	x := g.narrow
	ready := x.packed == cols[0] || x.pack(cols, sel, n)
	x.packed = nil
	if !ready {
		x.take(g.groups())
		if !x.learn(cols, sel, n) || !g.repack() || !x.pack(cols, sel, n) {
			return false
		}
	}
	g.fresh = g.one.assign(x.words, groups, g.fresh)
	return true
}

// repack enters the groups so far under a new layout.
func (g *groupTable) repack() bool {
	g.one.reset()
	old := g.views()
	step := max(reindexRows, cap(g.one.hash)) // whose scratch is there, or announced
	scratch := make([]int32, min(g.n, step))
	for from := 0; from < g.n; from += step {
		n := min(step, g.n-from)
		part := make([]*vector.Vector, len(old))
		for c, v := range old {
			part[c] = vector.Slice(v, from, from+n)
		}
		if !g.narrow.pack(part, nil, n) {
			return false
		}
		g.one.assign(g.narrow.words, scratch[:n], nil)
	}
	return true
}

// groups are views; nil where there are none.
func (g *groupTable) groups() []*vector.Vector {
	if g.n == 0 {
		return nil
	}
	return g.views()
}

// views are the key columns of all groups.
func (g *groupTable) views() []*vector.Vector {
	out := make([]*vector.Vector, len(g.keys))
	for c, a := range g.keys {
		out[c] = a.View()
	}
	return out
}
