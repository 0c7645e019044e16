package exec

import (
	"math/bits"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// scanFilters are the runtime filters that joins of the task set for one scan,
// before the scan's first Next.
type scanFilters struct {
	filters []runtimeFilter
	tops    []*topBound // of TopNs, known while the scan runs
	nothing bool        // a build side was empty: no row can survive
}

func (f *scanFilters) empty() bool { return f != nil && f.nothing }

// runtimeFilter knows the keys of a join's build side. It is asked for a batch at a time.
type runtimeFilter interface {
	at() int                 // position in the scan's Columns
	keyRange() catalog.Range // what statistics can prune by
	useful() bool            // false: filter need not be called any more
	costly() bool            // it goes last
	filter(v *vector.Vector, sel []int32, n int, dst []int32) []int32
}

// newScanPart makes the filter of a task's range of a scan. Filters take away NULLs: there are none where scans are dealt so.
func newScanPart(c physical.Cut, t types.Type) *keyFilter {
	return &keyFilter{column: c.Column, typ: t, min: c.Least, max: c.Greatest}
}

// keyFilter knows the integer keys of a join's build side: their range, and
// either an exact bitmap of the range or a Bloom filter.
type keyFilter struct {
	column   int // position in the scan's Columns
	typ      types.Type
	min, max int64
	bitmap   []uint64
	bloom    []uint64 // power of two words; one word per key, two bits in it
	tested   int
	passed   int
}

// bitmapLimit is the longest key range that gets an exact bitmap (8 MiB).
const bitmapLimit = 1 << 26

// exactFilter reports whether keys of a range get a bitmap of it.
func exactFilter(lo, hi, keys int64) bool {
	span := uint64(hi) - uint64(lo)
	return span < bitmapLimit && span < uint64(keys)*1024+1<<23
}

// bloomWords is the size of a Bloom filter: at least 16 bits a key, and half of that
// where it is too large for the second level of cache anyway.
func bloomWords(keys int64) int64 {
	words := int64(64)
	for words*4 < keys && words < bloomLarge || words*8 < keys {
		words *= 2
	}
	return words
}

// bloomLarge is the number of words from which on a look at a Bloom filter costs about as
// much as a look at the join's table.
const bloomLarge = 1 << 17

// bloomShift gives a hash's word, which follows the hashes' order: keys
// partitioned by hash enter the filter part by part.
func bloomShift(bloom []uint64) int { return 65 - bits.Len(uint(len(bloom))) }

// bloomBits are a hash's bits in its word.
func bloomBits(h uint64) uint64 { return 1<<(h&63) | 1<<(h>>6&63) }

// signExtend widens a packed integer key to its value.
func signExtend(k uint64, t types.Type) int64 {
	switch t.Storage() {
	case types.StoreInt16:
		return int64(int16(k))
	case types.StoreInt32:
		return int64(int32(k))
	}
	return int64(k)
}

// useful is false once the filter is seen to pass nearly everything, or if it is
// large so much that asking the join at once is cheaper.
func (f *keyFilter) useful() bool {
	most := 7
	if len(f.bloom) >= bloomLarge {
		most = 5
	}
	return f.tested < 1<<16 || f.passed < f.tested/8*most
}

// rangeOnly reports a filter that knows no more than the range of its keys.
func (f *keyFilter) rangeOnly() bool { return f.bitmap == nil && f.bloom == nil }

// filter keeps the rows of sel (nil = 0..n-1) whose key may have a match, in dst.
func (f *keyFilter) filter(v *vector.Vector, sel []int32, n int, dst []int32) []int32 {
	if sel != nil {
		n = len(sel)
	}
	f.tested += n
	if v.Enc == vector.Flat && v.Valid == nil {
		switch v.Type.Storage() {
		case types.StoreInt64:
			dst = filterKeys(f, vector.Values[int64](v), sel, n, dst)
		case types.StoreInt32:
			dst = filterKeys(f, vector.Values[int32](v), sel, n, dst)
		default:
			dst = filterKeys(f, vector.Values[int16](v), sel, n, dst)
		}
		f.passed += len(dst)
		return dst
	}
	dst = dst[:0]
	b := v.Base()
	for k := 0; k < n; k++ {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if !v.IsNull(i) && f.has(intAt(b, v.Index(i))) {
			dst = append(dst, int32(i))
		}
	}
	f.passed += len(dst)
	return dst
}

func (f *keyFilter) has(x int64) bool {
	if x < f.min || x > f.max {
		return false
	}
	if f.rangeOnly() {
		return true
	}
	if f.bitmap != nil {
		d := uint64(x - f.min)
		return f.bitmap[d>>6]>>(d&63)&1 != 0
	}
	h := joinHash(uint64(x))
	w := f.bloom[h>>bloomShift(f.bloom)]
	return w>>(h&63)&(w>>(h>>6&63))&1 != 0
}

// filterKeys keeps, without branching on it, the listed rows that the filter knows.
func filterKeys[T int16 | int32 | int64](f *keyFilter, vals []T, sel []int32, n int, dst []int32) []int32 {
	dst = dst[:n]
	out := 0
	lo, span := f.min, uint64(f.max)-uint64(f.min)
	switch {
	case f.rangeOnly():
		return filterRange(lo, span, vals, sel, dst)
	case f.bitmap == nil:
		return filterBloom(f, vals, sel, dst)
	}
	bm := f.bitmap
	if sel == nil {
		for k, x := range vals[:n] {
			dst[out] = int32(k)
			if d := uint64(int64(x) - lo); d <= span {
				out += int(bm[d>>6] >> (d & 63) & 1)
			}
		}
		return dst[:out]
	}
	for _, i := range sel {
		dst[out] = i
		if d := uint64(int64(vals[i]) - lo); d <= span {
			out += int(bm[d>>6] >> (d & 63) & 1)
		}
	}
	return dst[:out]
}

// filterRange keeps the rows within lo and lo+span.
func filterRange[T int16 | int32 | int64](lo int64, span uint64, vals []T, sel, dst []int32) []int32 {
	out := 0
	for k := range dst {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		dst[out] = i
		if uint64(int64(vals[i]))-uint64(lo) <= span {
			out++
		}
	}
	return dst[:out]
}

func filterBloom[T int16 | int32 | int64](f *keyFilter, vals []T, sel, dst []int32) []int32 {
	out := 0
	lo, span := f.min, uint64(f.max)-uint64(f.min)
	bloom, shift := f.bloom, bloomShift(f.bloom)
	for k := range dst {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		x := int64(vals[i])
		dst[out] = i
		if uint64(x-lo) > span {
			continue
		}
		h := joinHash(uint64(x))
		w := bloom[h>>shift]
		out += int(w >> (h & 63) & (w >> (h >> 6 & 63)) & 1)
	}
	return dst[:out]
}

// scanPredicate is a scan's static filters and the runtime filters of joins
// above it. It implements catalog.Predicate.
type scanPredicate struct {
	static  catalog.Stepwise // nil = none
	runtime *scanFilters     // nil = none
	part    *keyFilter       // the rows that are this task's; nil = all
	buf     []int32
	steps   []scanStep // of the last call of Steps
	reads   [][]int
}

// Columns lists the positions the predicate reads.
func (p *scanPredicate) Columns() []int {
	var cols []int
	if p.static != nil {
		cols = append(cols, p.static.Columns()...)
	}
	if p.part != nil {
		cols = append(cols, p.part.column)
	}
	if p.runtime != nil {
		for _, f := range p.runtime.filters {
			cols = append(cols, f.at())
		}
		for _, t := range p.runtime.tops {
			cols = append(cols, t.column)
		}
	}
	slices.Sort(cols)
	return slices.Compact(cols)
}

// Ranges gives the static ranges and each runtime filter's key range.
func (p *scanPredicate) Ranges() []catalog.Range {
	var out []catalog.Range
	if p.static != nil {
		out = append(out, p.static.Ranges()...)
	}
	if p.part != nil {
		out = append(out, p.part.keyRange())
	}
	if p.runtime != nil {
		for _, f := range p.runtime.filters {
			out = append(out, f.keyRange())
		}
		for _, t := range p.runtime.tops {
			if r, ok := t.rangeOf(); ok {
				out = append(out, r)
			}
		}
	}
	return out
}

func (f *keyFilter) at() int { return f.column }

func (f *keyFilter) costly() bool { return false }

func (f *keyFilter) keyRange() catalog.Range {
	lo, hi := value.Value{Type: f.typ, I: f.min}, value.Value{Type: f.typ, I: f.max}
	return catalog.Range{Column: f.column, Min: &lo, Max: &hi}
}

// Select applies all steps to a batch that has all columns.
func (p *scanPredicate) Select(b *vector.Batch) (sel []int32, all bool, err error) {
	c := *b
	all = true
	for i := range p.Steps() {
		s, passed, err := p.SelectStep(i, &c)
		if err != nil {
			return nil, false, err
		}
		if !passed {
			c.Sel, all = s, false
		}
	}
	return c.Sel, all, nil
}

// step is a part of a scanPredicate.
type step uint8

const (
	stepTops    step = iota // the bounds of TopNs that are cheap to test: they leave next to nothing
	stepStatic              // the static filters
	stepPart                // the range of the task
	stepRuntime             // a key filter that still pays
	stepNothing             // no row is wanted
	stepTexts               // the other bounds of TopNs
)

// scanStep is a step, of which there may be several of a kind.
type scanStep struct {
	kind step
	part int // which of them: a step of the static filters, or a runtime filter
}

// Steps lists what each step reads now. Every key filter is a step: what the later ones read is
// decoded only for rows that the first left.
func (p *scanPredicate) Steps() [][]int {
	p.steps, p.reads = p.steps[:0], p.reads[:0]
	add := func(s step, part int, columns []int) {
		p.steps, p.reads = append(p.steps, scanStep{s, part}), append(p.reads, columns)
	}
	var tops, texts []int
	if p.runtime != nil {
		for _, t := range p.runtime.tops {
			if t.known && t.cheap() {
				tops = append(tops, t.column)
			} else if t.known {
				texts = append(texts, t.column)
			}
		}
	}
	if tops != nil {
		add(stepTops, 0, tops)
	}
	if p.static != nil {
		for i, columns := range p.static.Steps() {
			add(stepStatic, i, columns)
		}
	}
	if p.part != nil {
		add(stepPart, 0, []int{p.part.column})
	}
	switch {
	case p.runtime.empty():
		add(stepNothing, 0, nil)
	case p.runtime != nil:
		for _, costly := range []bool{false, true} { // those of texts come last
			for i, f := range p.runtime.filters {
				if f.useful() && f.costly() == costly {
					add(stepRuntime, i, []int{f.at()})
				}
			}
		}
	}
	if texts != nil {
		add(stepTexts, 0, texts)
	}
	return p.reads
}

// SelectStep applies a step of the last Steps.
func (p *scanPredicate) SelectStep(i int, b *vector.Batch) (sel []int32, all bool, err error) {
	s := p.steps[i]
	if s.kind == stepStatic {
		return p.static.SelectStep(s.part, b)
	}
	if cap(p.buf) < b.Rows {
		p.buf = make([]int32, b.Rows)
	}
	switch s.kind {
	case stepPart:
		return p.part.filter(b.Cols[p.part.column], b.Sel, b.Rows, p.buf), false, nil
	case stepNothing:
		return []int32{}, false, nil
	case stepRuntime:
		f := p.runtime.filters[s.part]
		return f.filter(b.Cols[f.at()], b.Sel, b.Rows, p.buf), false, nil
	}
	return p.selectTop(b, s.kind == stepTops)
}

// selectTop applies the bounds of TopNs, either those that are cheap or the others.
func (p *scanPredicate) selectTop(b *vector.Batch, cheap bool) (sel []int32, all bool, err error) {
	sel = b.Sel
	for _, t := range p.runtime.tops {
		if !t.known || t.cheap() != cheap {
			continue
		}
		if sel, err = t.filter(b.Cols[t.column], sel, b.Rows, p.buf); err != nil {
			return nil, false, err
		}
	}
	return sel, false, nil
}
