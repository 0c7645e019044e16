package exec

import (
	"bytes"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// textFilter knows the text keys of a join's build side: their least and greatest, all of them
// if they are few, and a Bloom filter. Texts are equal, and ordered, as their bytes are.
type textFilter struct {
	column int // position in the scan's Columns
	bounds textBounds
	bloom  blockBloom // nil = only the bounds are known
	tested int
	passed int
	coded  bool // the last column it saw had a dictionary

	codes    *vector.Vector // the dictionary that verdicts is of
	verdicts []uint8        // of each entry: 0 = not yet known
}

// What a text filter knows of a dictionary's entry.
const (
	textFails  = 1
	textPasses = 2
)

// textual reports keys that are filtered by their texts.
func textual(t types.Type) bool { return !integerStorage(t) && physical.Filterable(t) }

func (f *textFilter) at() int { return f.column }

// costly: a text has to be hashed.
func (f *textFilter) costly() bool { return true }

// useful is false once the filter is seen to pass most rows: what it costs is about what the join's
// own lookup costs, unless a dictionary spares it the hashing.
func (f *textFilter) useful() bool {
	most := 6
	if f.coded {
		most = 7
	}
	return f.bloom != nil && (f.tested < 1<<16 || f.passed < f.tested/8*most)
}

// keyRange gives the bounds, and the keys themselves where they are few. Nothing but NULLs is excluded for
// character(n), whose blanks statistics have as they are stored.
func (f *textFilter) keyRange() catalog.Range {
	r := catalog.Range{Column: f.column}
	b := &f.bounds
	if b.typ.Kind == types.Char || !b.any {
		return r
	}
	r.Min = b.value(b.min)
	if !b.open {
		r.Max = b.value(b.max)
	}
	if !b.many {
		r.In = make([]value.Value, 0, len(b.few))
		for _, x := range b.few {
			r.In = append(r.In, *b.value(x))
		}
	}
	return r
}

// filter keeps the rows of sel (nil = 0..n-1) whose key may have a match, in dst.
func (f *textFilter) filter(v *vector.Vector, sel []int32, n int, dst []int32) []int32 {
	if sel != nil {
		n = len(sel)
	}
	f.tested += n
	f.coded = v.Enc == vector.Dict
	switch {
	case v.Enc == vector.Const && (v.IsNull(0) || !f.has(v, 0)):
		return dst[:0]
	case v.Enc == vector.Const:
		dst = appendRows(dst[:0], sel, n)
	case f.coded:
		dst = f.filterCodes(v, sel, dst[:n])
	default:
		dst = f.filterFlat(v, sel, dst[:n])
	}
	f.passed += len(dst)
	return dst
}

// appendRows lists all rows of sel (nil = 0..n-1).
func appendRows(dst, sel []int32, n int) []int32 {
	if sel != nil {
		return append(dst, sel...)
	}
	for i := range n {
		dst = append(dst, int32(i))
	}
	return dst
}

// has tests the text at a position of a Flat (or Const) vector.
func (f *textFilter) has(v *vector.Vector, at int) bool {
	b := v.Data[v.Offsets[at]:v.Offsets[at+1]]
	if v.Type.Kind == types.Char {
		b = vector.TrimBlanks(b)
	}
	return f.bloom.has(f.bloom.shift(), blockHash(vector.HashBytes(b)))
}

func (f *textFilter) filterFlat(v *vector.Vector, sel, dst []int32) []int32 {
	out, shift, blank := 0, f.bloom.shift(), v.Type.Kind == types.Char
	for k := range dst {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		if v.Valid != nil && v.IsNull(int(i)) {
			continue
		}
		b := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		if blank {
			b = vector.TrimBlanks(b)
		}
		if f.bloom.has(shift, blockHash(vector.HashBytes(b))) {
			dst[out] = i
			out++
		}
	}
	return dst[:out]
}

// filterCodes is filter for texts of a dictionary, of which each is tested once.
func (f *textFilter) filterCodes(v *vector.Vector, sel, dst []int32) []int32 {
	if f.codes != v.Dictionary {
		f.codes = v.Dictionary
		n := v.Dictionary.Len
		f.verdicts = slices.Grow(f.verdicts[:0], n)[:n]
		clear(f.verdicts)
	}
	out := 0
	for k := range dst {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		if v.Valid != nil && v.IsNull(int(i)) {
			continue
		}
		c := v.Codes[i]
		x := f.verdicts[c]
		if x == 0 {
			x = textFails
			if f.has(v.Dictionary, int(c)) {
				x = textPasses
			}
			f.verdicts[c] = x
		}
		dst[out] = i
		out += int(x >> 1)
	}
	return dst[:out]
}

// textBounds are the least and the greatest of some texts, and the texts themselves up to textFew.
type textBounds struct {
	typ      types.Type
	any      bool
	min, max []byte
	open     bool // max is not known
	few      [][]byte
	many     bool // few are not all
}

const (
	textFew   = 16
	textBound = 256 // the longest bound that is kept whole
)

// add widens the bounds by a text of which the bytes may change later.
func (b *textBounds) add(x []byte) {
	if !b.any {
		b.any = true
		b.min, b.max = clipped(nil, x), clipped(nil, x)
		b.open = len(x) > textBound
	} else {
		if bytes.Compare(x, b.min) < 0 {
			b.min = clipped(b.min, x)
		}
		if !b.open && bytes.Compare(x, b.max) > 0 {
			b.max = clipped(b.max, x)
			b.open = len(x) > textBound
		}
	}
	if !b.many {
		b.remember(x)
	}
}

// clipped copies the head of a text: it sorts before the text.
func clipped(dst, x []byte) []byte { return append(dst[:0], x[:min(len(x), textBound)]...) }

func (b *textBounds) remember(x []byte) {
	for _, y := range b.few {
		if bytes.Equal(x, y) {
			return
		}
	}
	if b.many = len(b.few) == textFew || len(x) > textBound; b.many {
		b.few = nil
		return
	}
	b.few = append(b.few, slices.Clone(x))
}

// merge widens the bounds by others.
func (b *textBounds) merge(o *textBounds) {
	if !o.any {
		return
	}
	b.many = b.many || o.many
	b.add(o.min)
	if !o.open {
		b.add(o.max)
	}
	b.open = b.open || o.open
	for _, x := range o.few {
		b.add(x)
	}
	if b.many {
		b.few = nil
	}
}

func (b *textBounds) value(x []byte) *value.Value { return &value.Value{Type: b.typ, S: string(x)} }
