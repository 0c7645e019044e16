package exec

import (
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// rankIndex finds the entry of an integer key by a bitmap of the keys' range: a
// key's entry is the number of keys below it. Counts stand beside the bits, so
// that a lookup reads one cache line of an index of two bits a value (the concise
// hash table of Barber et al., VLDB 2014, with the key for its hash).
type rankIndex struct {
	words []rankWord
	base  int64
}

type rankWord struct {
	bits   uint64
	before uint64 // keys in the words before
}

// The range of a rankIndex may be rankSparse times the rows, where it takes as
// much as hash slots would, or rankSmall.
const (
	rankSparse = 64
	rankSmall  = 1 << 16
)

// rankFacts are what one pass over the keys tells.
type rankFacts struct {
	lo, hi  int64
	keys    int  // that are not NULL
	ascends bool // strictly, and no key is NULL
}

// indexRanks enters the single integer key of all rows, whose column comes in
// parts; false if the keys are too sparse or the memory is not given.
func (t *joinTable) indexRanks(parts []*vector.Vector, may func(int64) bool) bool {
	f := rankFacts{ascends: true}
	for _, p := range parts {
		f.add(p)
	}
	span := uint64(f.hi) - uint64(f.lo)
	if f.keys == 0 || span > uint64(t.rows)*rankSparse+rankSmall || !may(int64(span/64+1)*16) {
		return false
	}
	x := &rankIndex{words: make([]rankWord, span/64+1), base: f.lo}
	for _, p := range parts {
		x.enter(p)
	}
	n := x.count()
	t.ranks = x
	if t.unique = n == f.keys; t.unique && f.ascends {
		return true
	}
	if t.unique {
		t.rowOf = x.rows(parts, n)
		return true
	}
	entry := make([]int32, t.rows)
	at := 0
	for _, p := range parts {
		x.lookup(p, nil, entry[at:at+p.Len])
		at += p.Len
	}
	t.group(entry, n)
	return true
}

// rows returns the row of each of n unique keys.
func (x *rankIndex) rows(parts []*vector.Vector, n int) []int32 {
	out := make([]int32, n)
	var entry []int32
	at := int32(0)
	for _, p := range parts {
		if cap(entry) < p.Len {
			entry = make([]int32, p.Len)
		}
		x.lookup(p, nil, entry[:p.Len])
		for k, e := range entry[:p.Len] {
			if e >= 0 {
				out[e] = at + int32(k)
			}
		}
		at += int32(p.Len)
	}
	return out
}

// rankArranged is how many bytes of columns a row may have to be moved.
const rankArranged = 16

// arrange puts rows of unique keys into the order of the keys, so that a lookup
// need not ask which row an entry is: as a rule more rows are looked up than there are.
func (t *joinTable) arrange(cols []*vector.Vector) {
	if len(t.rowOf) != t.rows || t.rows == 0 || t.ranks == nil {
		return
	}
	width := 0
	for _, v := range cols {
		if v == nil {
			continue
		}
		if width += v.Type.Storage().Width(); v.Enc != vector.Flat || v.Valid != nil || v.Type.Storage().Width() == 0 {
			return
		}
	}
	if width > rankArranged {
		return
	}
	for c, v := range cols {
		if v != nil {
			cols[c] = vector.Take(v, t.rowOf)
		}
	}
	t.rowOf = nil
}

// add widens the range by a part of the column.
func (f *rankFacts) add(v *vector.Vector) {
	if v.Enc == vector.Flat && v.Valid == nil {
		switch v.Type.Storage() {
		case types.StoreInt64:
			rangeOf(f, vector.Values[int64](v)[:v.Len])
		case types.StoreInt32:
			rangeOf(f, vector.Values[int32](v)[:v.Len])
		default:
			rangeOf(f, vector.Values[int16](v)[:v.Len])
		}
		return
	}
	f.ascends = false
	eachKey(v, nil, v.Len, func(words []uint64) {
		for _, w := range words {
			x := signExtend(w, v.Type)
			if f.keys == 0 {
				f.lo, f.hi = x, x
			}
			f.lo, f.hi, f.keys = min(f.lo, x), max(f.hi, x), f.keys+1
		}
	})
}

func rangeOf[T int16 | int32 | int64](f *rankFacts, vals []T) {
	if len(vals) == 0 {
		return
	}
	lo, hi, last, ascends := vals[0], vals[0], vals[0], f.ascends && (f.keys == 0 || int64(vals[0]) > f.hi)
	for _, x := range vals[1:] {
		ascends = ascends && x > last
		last = x
		lo, hi = min(lo, x), max(hi, x)
	}
	if f.keys == 0 {
		f.lo, f.hi = int64(lo), int64(hi)
	}
	f.lo, f.hi = min(f.lo, int64(lo)), max(f.hi, int64(hi))
	f.keys, f.ascends = f.keys+len(vals), ascends
}

// enter sets the bits of a part of the column.
func (x *rankIndex) enter(v *vector.Vector) {
	if v.Enc == vector.Flat && v.Valid == nil {
		switch v.Type.Storage() {
		case types.StoreInt64:
			enterRanks(x, vector.Values[int64](v)[:v.Len])
		case types.StoreInt32:
			enterRanks(x, vector.Values[int32](v)[:v.Len])
		default:
			enterRanks(x, vector.Values[int16](v)[:v.Len])
		}
		return
	}
	eachKey(v, nil, v.Len, func(words []uint64) {
		for _, w := range words {
			d := uint64(signExtend(w, v.Type) - x.base)
			x.words[d>>6].bits |= 1 << (d & 63)
		}
	})
}

func enterRanks[T int16 | int32 | int64](x *rankIndex, vals []T) {
	words, base := x.words, x.base
	for _, v := range vals {
		d := uint64(int64(v) - base)
		words[d>>6].bits |= 1 << (d & 63)
	}
}

// count numbers the keys and returns how many they are.
func (x *rankIndex) count() int {
	n := uint64(0)
	for i := range x.words {
		x.words[i].before = n
		n += uint64(bits.OnesCount64(x.words[i].bits))
	}
	return int(n)
}

func (x *rankIndex) bytes() int64 {
	if x == nil {
		return 0
	}
	return int64(16 * len(x.words))
}

// lookup sets entry[k] to the entry of the k-th row of sel, -1 if there is none;
// what it says of NULLs is for the caller to correct.
func (x *rankIndex) lookup(key *vector.Vector, sel []int32, entry []int32) {
	if key.Enc == vector.Flat {
		switch key.Type.Storage() {
		case types.StoreInt64:
			rankEntries(x, vector.Values[int64](key), sel, entry)
		case types.StoreInt32:
			rankEntries(x, vector.Values[int32](key), sel, entry)
		default:
			rankEntries(x, vector.Values[int16](key), sel, entry)
		}
	} else {
		var buf [512]uint64
		for from := 0; from < len(entry); from += len(buf) {
			part := entry[from:min(from+len(buf), len(entry))]
			if sel != nil {
				widen(buf[:len(part)], key, sel[from:from+len(part)])
			} else {
				widen(buf[:len(part)], key, rowNumbers(from, from+len(part)))
			}
			for k, w := range buf[:len(part)] {
				part[k] = x.entry(uint64(signExtend(w, key.Type) - x.base))
			}
		}
	}
	if key.Valid == nil {
		return
	}
	for k := range entry {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if key.IsNull(i) {
			entry[k] = -1
		}
	}
}

// entry returns the entry of the key that is d above the least.
func (x *rankIndex) entry(d uint64) int32 {
	if d>>6 >= uint64(len(x.words)) {
		return -1
	}
	w := &x.words[d>>6]
	if w.bits>>(d&63)&1 == 0 {
		return -1
	}
	return int32(w.before) + int32(bits.OnesCount64(w.bits&(1<<(d&63)-1)))
}

func rankEntries[T int16 | int32 | int64](x *rankIndex, vals []T, sel []int32, entry []int32) {
	base := x.base
	if sel == nil {
		for k, v := range vals[:len(entry)] {
			entry[k] = x.entry(uint64(int64(v) - base))
		}
		return
	}
	for k, i := range sel {
		entry[k] = x.entry(uint64(int64(vals[i]) - base))
	}
}

// bitmap copies the bits.
func (x *rankIndex) bitmap() []uint64 {
	out := make([]uint64, len(x.words))
	for i, w := range x.words {
		out[i] = w.bits
	}
	return out
}
