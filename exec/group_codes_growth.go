package exec

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// growth is what assign will allocate at most for the listed rows in that many grouping sets.
func (c *groupCodes) growth(cols []*vector.Vector, sel []int32, rows, sets int) int64 {
	n := rows
	if sel != nil {
		n = len(sel)
	}
	var total int64
	codes, ends := append([]*vector.Vector(nil), cols...), make([]*vector.Vector, len(cols))
	for i, x := range c.texts {
		if x != nil {
			more, last := x.growth(textRows{v: cols[i], sel: sel, n: n})
			total += more
			codes[i] = &vector.Vector{Type: codeType, Len: rows}
			ends[i] = vector.FromSlice(codeType, []int32{0, int32(min(last, math.MaxInt32))})
		}
	}
	t := c.table
	words := t.packer.layout.words
	if t.narrow != nil {
		for i, v := range cols {
			if ends[i] == nil {
				ends[i] = t.narrow.ends(v, sel, n)
			}
		}
		if t.narrow.fits(t.groups(), ends, nil, 2) {
			words = 1
		}
		t.narrow.packed = nil
	}
	for i, k := range t.keys {
		total += k.Growth(codes[i], n*sets)
	}
	size := t.indexGrowth(codes, words, n, t.n+n*sets)
	if sets > 1 { // which come one by one, each of which may make it larger
		size *= 2
	}
	return total + size
}

// codesGrowth is growth of the codes that the table would start with.
func (g *groupTable) codesGrowth(cols []*vector.Vector, sel []int32, rows int) int64 {
	c := g.newGroupCodes()
	if g.n == 0 {
		return c.growth(cols, sel, rows, 1)
	}
	// The groups come first, and a batch more may double what they take.
	return 2*c.growth(g.views(), nil, g.n, 1) + c.growth(cols, sel, rows, 1)
}

// ends is a column of the least and the greatest value of rows, of NULLs if all are.
func (x *narrowKeys) ends(v *vector.Vector, sel []int32, n int) *vector.Vector {
	out := narrowKeys{packer: x.packer, words: x.words}
	if len(v.Data) == 0 && v.Enc == vector.Flat { // not known yet
		return vector.NullConst(v.Type, 2)
	}
	out.observe([]*vector.Vector{v}, sel, n)
	x.packer, x.words = out.packer, out.words
	col := out.cols[0]
	if !col.any {
		return vector.NullConst(v.Type, 2)
	}
	return integers(v.Type, col.lo, col.hi)
}

// integers is a column of two values of an integer type or a boolean.
func integers(t types.Type, lo, hi int64) *vector.Vector {
	switch t.Storage() {
	case types.StoreBool:
		return vector.FromSlice(t, []uint8{uint8(lo), uint8(hi)})
	case types.StoreInt16:
		return vector.FromSlice(t, []int16{int16(lo), int16(hi)})
	case types.StoreInt32:
		return vector.FromSlice(t, []int32{int32(lo), int32(hi)})
	}
	return vector.FromSlice(t, []int64{lo, hi})
}
