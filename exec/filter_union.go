package exec

import (
	"math/bits"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// filterUnion is the filter of all tasks' keys of a build side in another stage, united from the parts that each of them
// sent. It keeps the form of its parts: exact where all are, else a Bloom filter of the largest one's size or,
// if there are too many keys for that, a larger one. What there is no memory for is a range.
type filterUnion struct {
	typ   types.Type
	text  bool
	may   func(int64) bool // reserves
	any   bool
	part  keyPart
	keys  []uint64
	bits  []bitsPiece
	bloom []uint64
	made  runtimeFilter
}

type bitsPiece struct {
	base  int64
	words []uint64
}

func newFilterUnion(t types.Type, may func(int64) bool) *filterUnion {
	return &filterUnion{typ: t, text: textual(t), may: may, part: keyPart{whole: true, texts: textBounds{typ: t}}}
}

// unionKeys is how many keys a filter has at most: the largest Bloom filter then has eight bits for each.
const unionKeys = bloomMax * 8

// add takes a row of a part.
func (u *filterUnion) add(row []byte) error {
	r := partReader{b: row}
	kind := partKind(r.byte())
	if kind == partRange {
		p := r.part(u.text)
		if !r.bad {
			u.widen(&p)
		}
		return r.err()
	}
	first, of := r.int(), r.int()
	n := int64(len(r.b) / 8)
	if r.bad = r.bad || len(r.b)%8 != 0 || of < 0 || kind > partBloom || kind == partBloom && !u.fits(first, n, of); r.bad || !u.part.whole {
		return r.err()
	}
	switch kind {
	case partKeys:
		u.addKeys(&r, int(n))
	case partBits:
		if u.reserve(8 * n) {
			u.bits = append(u.bits, bitsPiece{first, r.words(make([]uint64, 0, n))})
		}
	case partBloom:
		u.addBloom(&r, first, n, of)
	}
	return r.err()
}

// fits reports whether n words from first on are a piece of a Bloom filter of so many.
func (u *filterUnion) fits(first, n, of int64) bool {
	return of >= blockWords && of <= bloomMax && of&(of-1) == 0 && first >= 0 && n >= blockWords && first+n <= of && first%n == 0 && of%n == 0
}

// reserve asks for memory; without it only the range is kept.
func (u *filterUnion) reserve(n int64) bool {
	if !u.may(n) {
		u.drop()
	}
	return u.part.whole
}

func (u *filterUnion) drop() { u.part.whole, u.keys, u.bits, u.bloom = false, nil, nil, nil }

func (u *filterUnion) widen(p *keyPart) {
	if !u.any {
		u.part.min, u.part.max = p.min, p.max
	}
	u.any = true
	u.part.min, u.part.max = min(u.part.min, p.min), max(u.part.max, p.max)
	u.part.texts.merge(&p.texts)
	if u.part.keys += p.keys; !p.whole || u.part.keys > unionKeys {
		u.drop()
	}
}

func (u *filterUnion) addKeys(r *partReader, n int) {
	if need := len(u.keys) + n; need > cap(u.keys) {
		size := max(need, 2*cap(u.keys))
		if !u.reserve(int64(8 * size)) {
			return
		}
		u.keys = append(make([]uint64, 0, size), u.keys...)
	}
	u.keys = r.words(u.keys)
}

// addBloom adds a piece of a Bloom filter: of a larger one than is there, after what is there was stretched.
func (u *filterUnion) addBloom(r *partReader, first, n, of int64) {
	if int64(len(u.bloom)) < of && !u.enlarge(of) {
		return
	}
	words := r.words(make([]uint64, 0, n))
	times := int64(len(u.bloom)) / of
	stretch(u.bloom[first*times:(first+n)*times], words, u.unit())
}

// unit is how many words of a Bloom filter a key's bits are in.
func (u *filterUnion) unit() int {
	if u.text {
		return blockWords
	}
	return 1
}

func (u *filterUnion) enlarge(words int64) bool {
	if !u.reserve(8 * words) {
		return false
	}
	old := u.bloom
	u.bloom = make([]uint64, words)
	if old != nil {
		stretch(u.bloom, old, u.unit())
	}
	return true
}

// finish makes the filter.
func (u *filterUnion) finish() {
	switch p := &u.part; {
	case !u.any:
	case u.text:
		u.fill(blockBloomWords(p.keys))
		u.made = &textFilter{bounds: p.texts, bloom: u.bloom}
	case p.whole && u.bloom == nil && exactFilter(p.min, p.max, p.keys):
		u.made = u.exact()
	default:
		u.fill(bloomWords(p.keys))
		u.made = &keyFilter{typ: u.typ, min: p.min, max: p.max, bloom: u.bloom}
	}
	u.keys, u.bits = nil, nil
}

// held is what the filter takes.
func (u *filterUnion) held() int64 {
	if f, ok := u.made.(*keyFilter); ok {
		return int64(8 * (len(f.bitmap) + len(f.bloom)))
	}
	return int64(8 * len(u.bloom))
}

// fill enters the keys that came as they are in a Bloom filter of at least so many words.
func (u *filterUnion) fill(words int64) {
	if !u.part.whole || int64(len(u.bloom)) < words && !u.enlarge(words) {
		return
	}
	if u.text {
		blockBloom(u.bloom).add(u.keys)
		return
	}
	addBloom(u.bloom, u.keys)
	shift := bloomShift(u.bloom)
	u.eachBit(func(x int64) {
		h := joinHash(uint64(x))
		u.bloom[h>>shift] |= bloomBits(h)
	})
}

// exact makes a bitmap.
func (u *filterUnion) exact() *keyFilter {
	f := &keyFilter{typ: u.typ, min: u.part.min, max: u.part.max}
	words := (uint64(f.max)-uint64(f.min))/64 + 1
	if !u.reserve(int64(8 * words)) {
		return f
	}
	f.bitmap = make([]uint64, words)
	for _, k := range u.keys {
		d := k - uint64(f.min)
		f.bitmap[d>>6] |= 1 << (d & 63)
	}
	u.eachBit(func(x int64) {
		d := uint64(x) - uint64(f.min)
		f.bitmap[d>>6] |= 1 << (d & 63)
	})
	return f
}

// eachBit calls f with the integers that came in bitmaps.
func (u *filterUnion) eachBit(f func(x int64)) {
	for _, p := range u.bits {
		for i, w := range p.words {
			for ; w != 0; w &= w - 1 {
				f(p.base + int64(i)<<6 + int64(bits.TrailingZeros64(w)))
			}
		}
	}
}

// filterOf returns the filter for a scan's column, with counters of its own.
func (u *filterUnion) filterOf(f physical.KeyFilter) (out runtimeFilter, none bool) {
	switch m := u.made.(type) {
	case *keyFilter:
		x := *m
		x.column = f.Column
		return &x, false
	case *textFilter:
		x := *m
		x.column = f.Column
		return &x, false
	}
	return nil, true
}
