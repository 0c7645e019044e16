package exec

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/flintsql/flint/exec/vector"
)

// joinIndexer builds a joinIndex. Rows are partitioned by the slots their keys' hashes
// lead to, chunk by chunk, and then the slots of a partition, which fit a cache, are
// filled: work that a crew shares. What runs over the end of a partition's
// slots is left until the others are done.
type joinIndexer[K packedKey] struct {
	in     joinKeys
	layout keyLayout
	index  *joinIndex[K]
	shift  int // log2 of a partition's slots
	parts  int
	tuples []joinSlot[K] // entry is the row plus one
	chunks []indexChunk

	over     [][]joinSlot[K] // by partition: what ran over its end
	distinct []int32         // by partition: its keys, without those
	repeat   atomic.Bool

	mu    sync.Mutex
	facts rankFacts
	bloom []uint64
}

// indexChunk is some consecutive pieces of the key columns.
type indexChunk struct {
	pieces  [][]*vector.Vector
	row     int // the first one's
	offsets []uint32
}

// A chunk has about indexChunkRows rows, so that partitioning it stays in the cache; a partition has at least
// 1<<indexPartShift slots, unless there would be more than indexParts of them.
const (
	indexChunkRows = 1 << 15
	indexPartShift = 14
	indexParts     = 512
)

// buildIndex enters all rows but those that can't match.
func buildIndex[K packedKey](ctx context.Context, t *joinTable, x *joinIndex[K], in joinKeys) error {
	x.slots = make([]joinSlot[K], joinSlots(int64(t.rows)))
	b := &joinIndexer[K]{in: in, layout: t.layout, index: x, shift: indexPartShift, tuples: make([]joinSlot[K], t.rows)}
	for len(x.slots)>>b.shift >= indexParts {
		b.shift++
	}
	b.parts = len(x.slots)>>b.shift + 1
	b.over, b.distinct = make([][]joinSlot[K], b.parts), make([]int32, b.parts)
	b.cut()
	err := in.crew.run(ctx, len(b.chunks), func(next func() (int, bool)) {
		s := indexScatter[K]{joinIndexer: b, packer: keyPacker{layout: b.layout}}
		for c, ok := next(); ok; c, ok = next() {
			s.chunk(&b.chunks[c])
		}
	})
	if err != nil {
		return err
	}
	b.startBloom()
	err = in.crew.run(ctx, b.parts, func(next func() (int, bool)) {
		s := indexInsert[K]{joinIndexer: b}
		for p, ok := next(); ok; p, ok = next() {
			s.part(p)
		}
	})
	if err != nil {
		return err
	}
	late := b.insertOver()
	t.bloom, t.facts = b.bloom, b.facts
	if t.unique = !b.repeat.Load(); t.unique {
		return nil
	}
	return b.group(ctx, t, late)
}

// cut divides the rows into chunks.
func (b *joinIndexer[K]) cut() {
	row, rows, from := 0, 0, 0
	for i, p := range b.in.parts {
		if rows += p[0].Len; rows >= indexChunkRows || i == len(b.in.parts)-1 {
			b.chunks = append(b.chunks, indexChunk{pieces: b.in.parts[from : i+1], row: row})
			row, rows, from = row+rows, 0, i+1
		}
	}
}

// of returns a partition's rows of a chunk.
func (b *joinIndexer[K]) of(c *indexChunk, p int) []joinSlot[K] {
	return b.tuples[c.offsets[p]:c.offsets[p+1]]
}

// indexScatter partitions chunks.
type indexScatter[K packedKey] struct {
	*joinIndexer[K]
	packer keyPacker
	packed []K
	hash   []uint64
	skip   []bool
	found  []joinSlot[K]
	part   []uint32
	at     []uint32
}

func (s *indexScatter[K]) chunk(c *indexChunk) {
	s.found, s.part = s.found[:0], s.part[:0]
	row := c.row
	for _, p := range c.pieces {
		s.piece(p, row)
		row += p[0].Len
	}
	c.offsets = make([]uint32, s.parts+1)
	for _, p := range s.part {
		c.offsets[p+1]++
	}
	c.offsets[0] = uint32(c.row)
	for p := range s.parts {
		c.offsets[p+1] += c.offsets[p]
	}
	s.at = append(s.at[:0], c.offsets...)
	at, tuples := s.at, s.tuples
	for k, p := range s.part {
		tuples[at[p]] = s.found[k]
		at[p]++
	}
}

// piece adds the rows of a piece that can match, with their partitions.
func (s *indexScatter[K]) piece(cols []*vector.Vector, row int) {
	n := cols[0].Len
	if n == 0 {
		return
	}
	s.packer.pack(cols, nil, n)
	s.packed = packedKeys(&s.packer, s.packed)
	keys := s.packed[:n]
	if cap(s.hash) < n {
		s.hash = make([]uint64, n)
	}
	hash := s.hash[:n]
	joinHashes(keys, hash)
	var nulls bool
	s.skip, nulls = keySkips(cols, s.in.nullSafe, nil, n, s.skip)
	size, shift := uint64(len(s.index.slots)), s.shift
	for i, h := range hash {
		if nulls && s.skip[i] {
			continue
		}
		home, _ := bits.Mul64(h, size)
		s.found = append(s.found, joinSlot[K]{keys[i], uint32(row+i) + 1})
		s.part = append(s.part, uint32(home>>shift))
	}
	if s.in.filter != nil {
		var f rankFacts
		f.add(cols[0])
		s.widen(f)
	}
}

// widen adds what is known of some keys to what is known of all.
func (b *joinIndexer[K]) widen(f rankFacts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.keys == 0 {
		return
	}
	if b.facts.keys == 0 {
		b.facts.lo, b.facts.hi = f.lo, f.hi
	}
	b.facts.lo, b.facts.hi, b.facts.keys = min(b.facts.lo, f.lo), max(b.facts.hi, f.hi), b.facts.keys+f.keys
}

// startBloom prepares for the filter that is made on the way, if one is wanted and
// the range of the keys does not ask for an exact one.
func (b *joinIndexer[K]) startBloom() {
	if b.in.filter == nil || b.facts.keys == 0 || exactFilter(b.facts.lo, b.facts.hi, int64(b.facts.keys)) {
		return
	}
	if words := bloomWords(int64(b.facts.keys)); b.in.filter(8 * words) {
		b.bloom = make([]uint64, words)
	}
}

// indexInsert fills partitions.
type indexInsert[K packedKey] struct {
	*joinIndexer[K]
	keys [256]K
	hash [256]uint64
}

// each calls f with each row of a partition in their order, and its key's home.
func (s *indexInsert[K]) each(p int, f func(t joinSlot[K], home int)) {
	for c := range s.chunks {
		rows := s.of(&s.chunks[c], p)
		for len(rows) > 0 {
			n := min(len(rows), len(s.hash))
			s.hashes(rows[:n])
			for i, t := range rows[:n] {
				f(t, s.index.home(s.hash[i]))
			}
			rows = rows[n:]
		}
	}
}

func (s *indexInsert[K]) hashes(rows []joinSlot[K]) {
	for i := range rows {
		s.keys[i] = rows[i].key
	}
	joinHashes(s.keys[:len(rows)], s.hash[:len(rows)])
}

// end is the slot after a partition's.
func (b *joinIndexer[K]) end(p int) int { return min((p+1)<<b.shift, len(b.index.slots)) }

// part enters a partition's rows.
func (s *indexInsert[K]) part(p int) {
	slots := s.index.slots[:s.end(p)]
	distinct, repeat := int32(0), false
	for c := range s.chunks {
		rows := s.of(&s.chunks[c], p)
		for len(rows) > 0 {
			n := min(len(rows), len(s.hash))
			s.hashes(rows[:n])
			for i, h := range s.hash[:n] {
				t := &rows[i]
				j := s.index.home(h)
				for j < len(slots) && slots[j].entry != 0 && slots[j].key != t.key {
					j++
				}
				switch {
				case j == len(slots):
					s.over[p] = append(s.over[p], *t)
				case slots[j].entry == 0:
					slots[j] = *t
					distinct++
				default:
					repeat = true
				}
			}
			if s.bloom != nil {
				s.markBloom(p, s.hash[:n])
			}
			rows = rows[n:]
		}
	}
	if s.distinct[p] = distinct; repeat {
		s.repeat.Store(true)
	}
}

// markBloom enters hashes of a partition. Its words are its own but for the first
// and the last, since both follow the hashes' order.
func (s *indexInsert[K]) markBloom(p int, hash []uint64) {
	size := uint64(len(s.index.slots))
	shift := bloomShift(s.bloom)
	lo, _ := bits.Div64(uint64(p<<s.shift), 0, size)
	hi := ^uint64(0)
	if e := uint64(s.end(p)); e < size {
		hi, _ = bits.Div64(e, 0, size)
	}
	first, last := lo>>shift, hi>>shift
	for _, h := range hash {
		w, m := h>>shift, bloomBits(h)
		if w == first || w == last {
			atomic.OrUint64(&s.bloom[w], m)
		} else {
			s.bloom[w] |= m
		}
	}
}

// insertOver enters the rows that ran over the ends. It returns the slots of new keys.
func (b *joinIndexer[K]) insertOver() (late []int) {
	s := indexInsert[K]{joinIndexer: b}
	for _, rows := range b.over {
		for i := range rows {
			s.hashes(rows[i : i+1])
			j := b.index.find(rows[i].key, b.index.home(s.hash[0]))
			if b.index.slots[j].entry == 0 {
				b.index.slots[j] = rows[i]
				late = append(late, j)
			} else {
				b.repeat.Store(true)
			}
		}
	}
	return late
}
