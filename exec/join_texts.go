package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// textCollector makes the filter of texts (see filterMaker).
type textCollector struct {
	key    int
	most   float64 // estimate of the scan's rows, -1 = unknown
	filter textFilter
	texts  textHasher
	keys   int64 // that passed
	idle   bool  // it would not pay
}

// textKeep: a filter of texts is made if its keys are at most this share of the scan's rows, since most
// rows have a match else.
const textKeep = 0.5

// pays weighs the filter by the rows known.
func (c *textCollector) pays(rows int64) bool {
	c.idle = c.idle || c.most >= 0 && rows > vector.BatchSize && float64(rows) > c.most*textKeep
	return !c.idle
}

func (c *textCollector) build(b *joinBuild) {
	var rows int64
	for _, p := range b.keyParts {
		rows += int64(p[c.key].Len)
	}
	words := blockBloomWords(rows)
	c.filter.bounds.any = false
	if !c.pays(rows) || !b.mem.tryHold(8*words) {
		c.idle = true
		return
	}
	c.filter.bloom = make(blockBloom, words)
	for _, p := range b.keyParts {
		c.mark(p[c.key], nil, p[c.key].Len)
	}
}

func (c *textCollector) start(rows int, hold func(int64) bool) int64 {
	words := min(blockBloomWords(int64(2*rows)), bloomMax)
	if !c.pays(int64(rows)) || !hold(8*words) {
		c.idle = true
		return 0
	}
	c.filter.bloom = make(blockBloom, words)
	return 8 * words
}

func (c *textCollector) feed(keys []*vector.Vector, sel []int32, n int) {
	if c.idle {
		return
	}
	c.mark(keys[c.key], sel, n)
	if c.keys*blockWords > int64(len(c.filter.bloom))*blockCrowd || !c.pays(c.keys) {
		c.idle, c.filter.bloom = true, nil
	}
}

// mark enters the listed keys.
func (c *textCollector) mark(v *vector.Vector, sel []int32, n int) {
	x := &c.texts
	x.read(v, sel, n)
	x.widen(&c.filter.bounds)
	c.filter.bloom.add(x.hash)
	c.keys += int64(len(x.hash))
}

// filterOf returns the filter for a scan's column, with counters of its own.
func (c *textCollector) filterOf(t filterTarget) (runtimeFilter, bool) {
	if c.idle {
		return nil, false
	}
	if !c.filter.bounds.any {
		return nil, true
	}
	return &textFilter{column: t.column, bounds: c.filter.bounds, bloom: c.filter.bloom}, false
}

// textHasher reads the texts of key columns, those of a dictionary once.
type textHasher struct {
	base *vector.Vector
	at   []int32  // positions in base
	hash []uint64 // blockHash of each
	seen []uint64 // of the dictionary: entries that were read already
}

// read takes the listed rows that are not NULL, without dictionary entries that an earlier call took.
func (x *textHasher) read(v *vector.Vector, sel []int32, n int) {
	if sel != nil {
		n = len(sel)
	}
	b := v.Base()
	if v.Enc == vector.Dict && x.base != b {
		x.seen = append(x.seen[:0], make([]uint64, (b.Len+63)/64)...)
	}
	x.base, x.at = b, x.at[:0]
	if v.Enc == vector.Const {
		n = min(n, 1)
	}
	for k := range n {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if v.Valid != nil && v.IsNull(i) {
			continue
		}
		at := v.Index(i)
		if v.Enc == vector.Dict {
			if x.seen[at>>6]>>(at&63)&1 != 0 {
				continue
			}
			x.seen[at>>6] |= 1 << (at & 63)
		}
		x.at = append(x.at, int32(at))
	}
	x.hash = x.hash[:0]
	for _, at := range x.at {
		x.hash = append(x.hash, blockHash(vector.HashBytes(x.text(at))))
	}
}

// text is the part of a text that counts in comparisons.
func (x *textHasher) text(at int32) []byte {
	b := x.base.Data[x.base.Offsets[at]:x.base.Offsets[at+1]]
	if x.base.Type.Kind == types.Char {
		return vector.TrimBlanks(b)
	}
	return b
}

// widen shows the texts that were read to bounds.
func (x *textHasher) widen(b *textBounds) {
	for _, at := range x.at {
		b.add(x.text(at))
	}
}
