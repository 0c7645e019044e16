package vector

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Gatherer gathers rows of one column that lies in several vectors: it is made
// once for the vectors, so that a batch costs nothing per vector. It belongs to one goroutine.
type Gatherer struct {
	t     types.Type
	srcs  []*Vector
	nulls bool
	dict  *Vector // not nil: all vectors are Dict with this dictionary

	// Reuse lets what Take returns be valid until the next Take only, which uses its buffers again.
	Reuse bool
	buf   []byte
	off   []int32 // also codes
	at    []int32

	w1   [][]uint8
	w2   [][]uint16
	w4   [][]uint32 // also codes
	w8   [][]uint64
	w16  [][]value.Int128
	w24  [][]value.Numeric
	text []textSource
}

// textSource is a vector of strings as its parts.
type textSource struct {
	codes []int32 // nil = flat
	off   []int32
	data  []byte
}

// NewGatherer makes a gatherer for the vectors, all of type t.
func NewGatherer(t types.Type, srcs []*Vector) *Gatherer {
	g := &Gatherer{t: t, srcs: srcs}
	for _, v := range srcs {
		g.nulls = g.nulls || v.Valid != nil
	}
	if g.dict = sharedDictionary(srcs); g.dict != nil {
		g.w4 = make([][]uint32, len(srcs))
		for i, v := range srcs {
			codes := Vector{Data: BytesOf(v.Codes)}
			g.w4[i] = Values[uint32](&codes)
		}
		return g
	}
	switch s := t.Storage(); s {
	case types.StoreBytes:
		g.texts()
	case types.StoreList:
	default:
		g.fixed(s.Width())
	}
	return g
}

func (g *Gatherer) texts() {
	g.text = make([]textSource, len(g.srcs))
	for i, v := range g.srcs {
		if v.Enc == Const {
			v = Flatten(v)
			g.srcs[i] = v
		}
		b := v.Base()
		g.text[i] = textSource{v.Codes, b.Offsets, b.Data}
	}
}

func (g *Gatherer) fixed(width int) {
	n := len(g.srcs)
	switch width {
	case 1:
		g.w1 = make([][]uint8, n)
	case 2:
		g.w2 = make([][]uint16, n)
	case 4:
		g.w4 = make([][]uint32, n)
	case 8:
		g.w8 = make([][]uint64, n)
	case 16:
		g.w16 = make([][]value.Int128, n)
	case 24:
		g.w24 = make([][]value.Numeric, n)
	}
	for i, v := range g.srcs {
		v = Flatten(v)
		g.srcs[i] = v
		switch width {
		case 1:
			g.w1[i] = Values[uint8](v)
		case 2:
			g.w2[i] = Values[uint16](v)
		case 4:
			g.w4[i] = Values[uint32](v)
		case 8:
			g.w8[i] = Values[uint64](v)
		case 16:
			g.w16[i] = Values[value.Int128](v)
		case 24:
			g.w24[i] = Values[value.Numeric](v)
		}
	}
}

// Take returns a vector whose k-th row is row row[k] of vector src[k].
func (g *Gatherer) Take(src, row []int32) (*Vector, error) {
	if g.t.Storage() == types.StoreList && g.dict == nil {
		return g.takeLists(src, row)
	}
	out := &Vector{Type: g.t, Len: len(row)}
	if g.nulls {
		out.Valid = g.takeValid(src, row)
	}
	switch {
	case g.dict != nil:
		out.Enc, out.Dictionary, out.Codes = Dict, g.dict, g.int32s(&g.off, len(row))
		codes := Vector{Data: BytesOf(out.Codes)}
		gatherMany(Values[uint32](&codes), g.w4, src, row)
		return out, nil
	case g.text != nil:
		return out, g.takeTexts(out, src, row)
	}
	out.Data = g.alloc(len(row) * g.t.Storage().Width())
	switch {
	case g.w1 != nil:
		gatherMany(Values[uint8](out), g.w1, src, row)
	case g.w2 != nil:
		gatherMany(Values[uint16](out), g.w2, src, row)
	case g.w4 != nil:
		gatherMany(Values[uint32](out), g.w4, src, row)
	case g.w8 != nil:
		gatherMany(Values[uint64](out), g.w8, src, row)
	case g.w16 != nil:
		gatherMany(Values[value.Int128](out), g.w16, src, row)
	case g.w24 != nil:
		gatherMany(Values[value.Numeric](out), g.w24, src, row)
	}
	return out, nil
}

// alloc returns n bytes for a result.
func (g *Gatherer) alloc(n int) []byte {
	if !g.Reuse {
		return Alloc(n)
	}
	if cap(g.buf) < n {
		g.buf = Alloc(n + n/4)
	}
	return g.buf[:n]
}

// int32s returns n integers for a result, or those of a buffer that results never hold.
func (g *Gatherer) int32s(buf *[]int32, n int) []int32 {
	if !g.Reuse && buf == &g.off {
		return make([]int32, n)
	}
	if cap(*buf) < n {
		*buf = make([]int32, n+n/4)
	}
	return (*buf)[:n]
}

func gatherMany[T any](dst []T, vals [][]T, src, row []int32) {
	row = row[:len(dst)]
	for k, s := range src[:len(dst)] {
		dst[k] = vals[s][row[k]]
	}
}

func (g *Gatherer) takeValid(src, row []int32) []byte {
	b := AllValid(len(row))
	for k, s := range src {
		if v := g.srcs[s]; v.Valid != nil && v.IsNull(int(row[k])) {
			b[k>>3] &^= 1 << (k & 7)
		}
	}
	return b
}

func (g *Gatherer) takeTexts(out *Vector, src, row []int32) error {
	off, at := g.int32s(&g.off, len(row)+1), g.int32s(&g.at, len(row))
	off[0] = 0
	n := 0
	for k, s := range src {
		t := &g.text[s]
		i := row[k]
		if t.codes != nil {
			i = t.codes[i]
		}
		if at[k] = -1; int(i)+1 < len(t.off) { // the dictionary of NULLs alone is empty
			at[k] = t.off[i]
			n += int(t.off[i+1] - t.off[i])
		}
		if n > maxTake {
			return errTooLarge()
		}
		off[k+1] = int32(n)
	}
	data := g.alloc(n)
	for k, s := range src {
		if from, w := at[k], off[k+1]-off[k]; w > 0 {
			copy(data[off[k]:off[k+1]], g.text[s].data[from:from+w])
		}
	}
	out.Offsets, out.Data = off, data
	return nil
}

// maxTake is the most bytes of text in one vector.
const maxTake = 1<<31 - 1

// takeLists is for types that are rare in sorted rows.
func (g *Gatherer) takeLists(src, row []int32) (*Vector, error) {
	a := NewAppender(g.t)
	var one [1]int32
	for k, s := range src {
		one[0] = row[k]
		if err := a.Append(g.srcs[s], one[:], 1); err != nil {
			return nil, err
		}
	}
	return Flatten(a.View()), nil
}
