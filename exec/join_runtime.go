package exec

import (
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// filterTarget is a scan column that a join key comes from, unchanged or as an integer of more bits.
type filterTarget struct {
	key     int
	column  int // position in the scan's Columns
	typ     types.Type
	rows    float64 // estimate of the scan's, -1 = unknown
	filters *scanFilters
}

// filterTargets finds the scans of this task that the join's keys can filter,
// and registers with them; called before the inputs are built.
func (b *builder) filterTargets(j *joinOp) []filterTarget {
	if !j.dropsUnmatchedLeft() {
		return nil
	}
	var out []filterTarget
	for i, k := range j.lkeys {
		if i < len(j.nullSafe) && j.nullSafe[i] || !physical.Filterable(k.Type()) || k.Type() != j.rkeys[i].Type() {
			continue
		}
		k = narrowKey(k)
		scan, column := traceColumn(j.leftNode, k)
		if scan == nil {
			continue
		}
		f := b.filters[scan]
		if f == nil {
			f = &scanFilters{}
			b.filters[scan] = f
		}
		out = append(out, filterTarget{i, column, k.Type(), scan.Rows, f})
	}
	return out
}

// narrowKey is a key without the cast that only widens it: what has the key's value has the column's.
func narrowKey(k expr.Expr) expr.Expr {
	if c, ok := k.(*expr.Cast); ok && c.To.IsInteger() && c.Arg.Type().IsInteger() && c.Arg.Type().Storage().Width() <= c.To.Storage().Width() {
		return c.Arg
	}
	return k
}

// inType reports whether a filter's range lies in that of an integer type.
func (f *keyFilter) inType(t types.Type) bool {
	unused := 64 - 8*t.Storage().Width()
	return f.min<<unused>>unused == f.min && f.max<<unused>>unused == f.max
}

// traceColumn follows an expression down to the scan column it is, through
// operators that drop a row exactly when its source row is dropped.
func traceColumn(n physical.Node, e expr.Expr) (*physical.Scan, int) {
	in, ok := physical.KeyColumn(e)
	if !ok {
		return nil, 0
	}
	c := in.Index
	switch n := n.(type) {
	case *physical.Scan:
		if n.Limit >= 0 {
			return nil, 0
		}
		if n.Emit != nil {
			c = n.Emit[c]
		}
		return n, c
	case *physical.Filter:
		return traceColumn(n.Input, in)
	case *physical.Project:
		return traceColumn(n.Input, n.Exprs[c])
	case *physical.HashAggregate:
		if n.Phase != physical.Final && n.Sets == nil && c < len(n.Groups) {
			return traceColumn(n.Input, n.Groups[c])
		}
	case *physical.HashJoin:
		if n.Emit != nil {
			c = n.Emit[c]
		}
		if n.Kind == logical.RightSemi || n.Kind == logical.RightAnti { // the output is R's columns
			if n.SharedBuild {
				return nil, 0
			}
			return traceColumn(n.R, &expr.Input{Index: c, Typ: in.Typ})
		}
		left := len(n.L.Info().Out)
		if c < left && n.Kind != logical.Right && n.Kind != logical.Full {
			return traceColumn(n.L, &expr.Input{Index: c, Typ: in.Typ})
		}
		if c >= left && n.Kind == logical.Inner && !n.SharedBuild {
			return traceColumn(n.R, &expr.Input{Index: c - left, Typ: in.Typ})
		}
	}
	return nil, 0
}

// filterMaker makes the filter of one key of a build: at the end, of all rows,
// if they are in memory, else as they pass.
type filterMaker interface {
	build(b *joinBuild)                                   // all rows, which are in memory
	start(rows int, hold func(int64) bool) int64          // rows will pass, of which so many are known; it tells the bytes held
	feed(keys []*vector.Vector, sel []int32, n int)       // they pass
	filterOf(t filterTarget) (f runtimeFilter, none bool) // none: there was no key; nil = there is no filter
}

// keyCollector makes the filter of integers.
type keyCollector struct {
	key    int
	typ    types.Type
	filter *keyFilter // nil = no key that is not NULL so far
	words  int        // of the Bloom filter where rows pass; 0 = only the range is kept
	keys   int64
	none   bool // there was no memory for it
}

// A passing build's Bloom filter has at most bloomMax words. It is dropped when
// a word stands for bloomCrowd keys, since it would let most others through.
const (
	bloomMax   = 1 << 20
	bloomCrowd = 16
)

// collect makes the filters of a build in memory.
func (b *joinBuild) collect(j *joinOp) error {
	for _, x := range j.targets {
		m := newFilterMaker(j, x)
		m.build(b)
		b.filters = append(b.filters, m)
	}
	held := b.partsBytes()
	b.keyParts = nil
	return b.mem.hold(b.mem.held - held)
}

func newFilterMaker(j *joinOp, x filterTarget) filterMaker {
	typ := j.rkeys[x.key].Type()
	if textual(typ) {
		return &textCollector{key: x.key, most: x.rows, filter: textFilter{bounds: textBounds{typ: typ}}}
	}
	return &keyCollector{key: x.key, typ: typ}
}

func (c *keyCollector) build(b *joinBuild) {
	t := b.table
	switch {
	case t.ranks != nil:
		c.copy(t.ranks, c.typ, b.mem.tryHold)
	case t.bloom != nil:
		c.filter = &keyFilter{typ: c.typ, min: t.facts.lo, max: t.facts.hi, bloom: t.bloom}
	default:
		c.gather(b.keyParts, b.mem.tryHold)
	}
}

// copy takes the filter from an index.
func (c *keyCollector) copy(x *rankIndex, typ types.Type, hold func(int64) bool) {
	last := len(x.words) - 1
	c.filter = &keyFilter{typ: typ, min: x.base, max: x.base + int64(last)<<6 + int64(63-bits.LeadingZeros64(x.words[last].bits))}
	if c.none = !hold(int64(8 * len(x.words))); c.none {
		c.filter.bloom = []uint64{^uint64(0)}
		return
	}
	c.filter.bitmap = x.bitmap()
}

// gather sets the filter of all rows, whose keys come in pieces.
func (c *keyCollector) gather(parts [][]*vector.Vector, hold func(int64) bool) {
	for _, p := range parts {
		c.count(p[c.key], nil, p[c.key].Len)
	}
	if c.filter == nil {
		return
	}
	f := c.filter
	if exactFilter(f.min, f.max, c.keys) {
		words := (uint64(f.max)-uint64(f.min))/64 + 1
		if c.none = !hold(int64(words) * 8); !c.none {
			f.bitmap = make([]uint64, words)
		}
	} else {
		words := bloomWords(c.keys)
		if c.none = !hold(8 * words); !c.none {
			f.bloom = make([]uint64, words)
		}
	}
	if c.none {
		f.bloom = []uint64{^uint64(0)}
		return
	}
	for _, p := range parts {
		c.mark(p[c.key], nil, p[c.key].Len)
	}
}

// startFilters prepares for rows that go to disk.
func (b *joinBuild) startFilters() {
	for _, t := range b.load.j.targets {
		m := newFilterMaker(b.load.j, t)
		b.load.besides += m.start(b.load.rows.rows, b.mem.tryHold)
		b.filters = append(b.filters, m)
	}
}

func (c *keyCollector) start(rows int, hold func(int64) bool) int64 {
	for c.words = 64; c.words < rows*2 && c.words < bloomMax; {
		c.words *= 2
	}
	if !hold(int64(8 * c.words)) {
		c.words = 0
	}
	return int64(8 * c.words)
}

// feed shows keys to the filters of a build that goes to disk.
func (b *joinBuild) feed(keys []*vector.Vector, sel []int32, n int) {
	for _, c := range b.filters {
		c.feed(keys, sel, n)
	}
}

func (c *keyCollector) feed(keys []*vector.Vector, sel []int32, n int) {
	key := keys[c.key]
	if c.count(key, sel, n); c.filter == nil {
		return
	}
	f := c.filter
	if f.bloom == nil {
		f.bloom = []uint64{^uint64(0)}
		if c.words > 0 {
			f.bloom = make([]uint64, c.words)
		}
	}
	if c.words > 0 && c.keys > int64(c.words)*bloomCrowd {
		c.words, f.bloom = 0, []uint64{^uint64(0)}
	}
	if c.words > 0 {
		c.mark(key, sel, n)
	}
}

// count widens the range by the listed keys.
func (c *keyCollector) count(key *vector.Vector, sel []int32, n int) {
	eachKey(key, sel, n, func(words []uint64) {
		if c.filter == nil {
			x := signExtend(words[0], key.Type)
			c.filter = &keyFilter{typ: key.Type, min: x, max: x}
		}
		lo, hi := c.filter.min, c.filter.max
		for _, w := range words {
			x := signExtend(w, key.Type)
			lo, hi = min(lo, x), max(hi, x)
		}
		c.filter.min, c.filter.max = lo, hi
		c.keys += int64(len(words))
	})
}

// mark enters the listed keys.
func (c *keyCollector) mark(key *vector.Vector, sel []int32, n int) {
	f := c.filter
	eachKey(key, sel, n, func(words []uint64) {
		if f.bitmap != nil {
			for _, w := range words {
				x := uint64(signExtend(w, key.Type) - f.min)
				f.bitmap[x>>6] |= 1 << (x & 63)
			}
			return
		}
		shift := bloomShift(f.bloom)
		for _, w := range words {
			h := joinHash(uint64(signExtend(w, key.Type)))
			f.bloom[h>>shift] |= bloomBits(h)
		}
	})
}

// eachKey calls f with the listed keys that are not NULL, packed, some at a time.
func eachKey(key *vector.Vector, sel []int32, n int, f func([]uint64)) {
	if sel != nil {
		n = len(sel)
	}
	const step = 1024
	var words [step]uint64
	var rows [step]int32
	for from := 0; from < n; from += step {
		part := rows[:0]
		for k := from; k < min(from+step, n); k++ {
			i := int32(k)
			if sel != nil {
				i = sel[k]
			}
			if !key.IsNull(int(i)) {
				part = append(part, i)
			}
		}
		if len(part) > 0 {
			widen(words[:len(part)], key, part)
			f(words[:len(part)])
		}
	}
}

// pushFilters gives the build's keys to the scans, before L is opened.
func (j *joinOp) pushFilters() {
	for i, t := range j.targets {
		f, none := j.build.filters[i].filterOf(t)
		if none {
			t.filters.nothing = true
		} else if f != nil {
			t.filters.filters = append(t.filters.filters, f)
		}
	}
}

// filterOf returns the filter for a scan's column, with counters of its own.
func (c *keyCollector) filterOf(t filterTarget) (runtimeFilter, bool) {
	f := c.filter
	if f == nil {
		return nil, true
	}
	if !f.inType(t.typ) { // of other values than the column's
		return nil, false
	}
	return &keyFilter{column: t.column, typ: t.typ, min: f.min, max: f.max, bitmap: f.bitmap, bloom: f.bloom}, false
}
