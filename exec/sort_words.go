package exec

import (
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// keyEncoder makes normalized keys (Graefe, Implementing Sorting in Database
// Systems, 2006) of rows. Columns of fixed width are packed into one or two words, each as its distance from the least
// value so far (frame of reference: Goldstein, Ramakrishnan and Shaft, ICDE 1998), so that the keys of most orders take
// one; others are byte strings, with their first 8 bytes as such words. Keys are comparable as long as the layout lasts:
// prepare says when a new one is due.
type keyEncoder struct {
	columns []int
	orders  []vector.KeyOrder
	ranges  []keyRange // of each column; nil: keys are byte strings
	nulls   bool       // a bit before each column's says whether it is NULL
	total   int        // bits of a key
	low     int        // of which so many are in the second word
	vals    [][]uint64 // normalized values of the rows prepared, by column
	sorter  wordSorter
	old     sortKeys // buffers for keys to be sorted
}

// keyRange is what of a column's values a key has room for: width bits from base on.
type keyRange struct {
	bits   int // of the type
	known  bool
	lo, hi uint64 // normalized values so far
	base   uint64
	width  int
}

// sortKeys are the keys of some rows.
type sortKeys struct {
	words []uint64
	low   []uint64        // nil: keys have one word
	full  *vector.RowKeys // nil: the words say all
}

// keyHighBits is how many bits the first of two words has, where the second holds the others: so many
// share a word with a row number of a chunk.
const keyHighBits = 48

func newKeyEncoder(keys []physical.SortKey, in []types.Type) keyEncoder {
	e := keyEncoder{columns: keyColumns(keys), orders: sortOrders(keys)}
	for _, c := range e.columns {
		n := packedBits(in[c])
		if n == 0 {
			e.ranges = nil
			break
		}
		e.ranges = append(e.ranges, keyRange{bits: n})
	}
	return e
}

// width is how many bytes the words of a key have.
func (e *keyEncoder) width() int64 {
	if e.low > 0 {
		return 16
	}
	return 8
}

// prepare normalizes the keys of rows 0..n-1, which pack then makes, and reports
// whether their values needed a new layout: keys made before must then be made again.
func (e *keyEncoder) prepare(cols []*vector.Vector, n int) (changed bool) {
	if e.ranges == nil {
		return false
	}
	keys := emitColumns(cols, e.columns)
	e.normalize(keys, n)
	if e.wholeWord(keys[0].Valid != nil) {
		if r := &e.ranges[0]; r.bits == 64 { // with a NULL to come, the range will be needed
			if lo, hi, any := valueRange(e.vals[0], keys[0]); any {
				r.add(lo, hi)
			}
		}
		return e.layWhole(keys[0].Valid != nil)
	}
	for c, v := range keys {
		r := &e.ranges[c]
		if v.Valid != nil && !e.nulls {
			e.nulls, changed = true, true
		}
		lo, hi, any := valueRange(e.vals[c], v)
		if any && r.add(lo, hi) {
			changed = true
		}
	}
	if changed || e.total == 0 {
		e.layOut()
		return true
	}
	return false
}

// wholeWord reports whether a key is one value, whatever its range.
func (e *keyEncoder) wholeWord(nulls bool) bool {
	return len(e.ranges) == 1 && (e.ranges[0].bits < 64 || !nulls && !e.nulls)
}

// layWhole gives the only column all bits of its type.
func (e *keyEncoder) layWhole(nulls bool) (changed bool) {
	changed = e.total == 0 || nulls && !e.nulls
	e.nulls = e.nulls || nulls
	r := &e.ranges[0]
	r.width, r.base, e.total = r.bits, 0, r.bits
	if e.nulls {
		e.total++
	}
	return changed
}

// add takes in a range of values, and reports whether keys have no room for it.
func (r *keyRange) add(lo, hi uint64) bool {
	if !r.known {
		r.lo, r.hi, r.known = lo, hi, true
		return true
	}
	r.lo, r.hi = min(r.lo, lo), max(r.hi, hi)
	return r.lo < r.base || r.width < 64 && (r.hi-r.base)>>r.width != 0
}

// valueRange is the range of the values that are not NULL.
func valueRange(vals []uint64, v *vector.Vector) (lo, hi uint64, any bool) {
	lo = ^uint64(0)
	if v.Valid == nil {
		for _, x := range vals {
			lo, hi = min(lo, x), max(hi, x)
		}
		return lo, hi, len(vals) > 0
	}
	for k, x := range vals {
		if !v.IsNull(k) {
			lo, hi, any = min(lo, x), max(hi, x), true
		}
	}
	return lo, hi, any
}

// layOut gives each column the bits that its values so far take, and one more where words have
// room, so that it seldom comes again. Columns that don't fit into two words are byte strings from then on.
func (e *keyEncoder) layOut() {
	flag, sum := 0, 0
	if e.nulls {
		flag = 1
	}
	for c := range e.ranges {
		r := &e.ranges[c]
		r.base, r.width = r.lo, max(1, bits.Len64(r.hi-r.lo))
		if r.width+flag > 64 {
			sum = 129
		}
		sum += r.width + flag
	}
	if sum > 128 {
		e.ranges, e.vals, e.low = nil, nil, 0
		return
	}
	most := 64
	if sum > 64 {
		most = 128
	}
	for c := range e.ranges {
		if r := &e.ranges[c]; sum < most && r.width < r.bits && r.width+flag < 64 {
			r.width++
			sum++
			room := uint64(1)<<r.width - 1 - (r.hi - r.lo)
			r.base = r.lo - min(r.lo, room/2)
		}
	}
	e.total, e.low = sum, 0
	if sum > 64 {
		e.low = min(64, sum-keyHighBits)
	}
}

// encode makes the keys of rows 0..n-1 in the layout there is, in the buffers of old ones.
func (e *keyEncoder) encode(cols []*vector.Vector, n int, old sortKeys) (sortKeys, error) {
	keys := emitColumns(cols, e.columns)
	if e.ranges != nil {
		e.normalize(keys, n)
		return e.pack(keys, n, old), nil
	}
	full := old.full
	if full == nil {
		full = &vector.RowKeys{Orders: e.orders}
	}
	if err := full.Encode(keys, nil, n); err != nil {
		return sortKeys{}, err
	}
	words := sized(old.words, n)
	for k := range words {
		words[k] = keyPrefix(full.Row(k))
	}
	return sortKeys{words: words, full: full}, nil
}

// prepared makes the keys of the rows that prepare was called for, in the buffers of old ones.
func (e *keyEncoder) prepared(cols []*vector.Vector, n int, old sortKeys) (sortKeys, error) {
	if e.ranges == nil {
		return e.encode(cols, n, old)
	}
	return e.pack(emitColumns(cols, e.columns), n, old), nil
}

// normalize turns values into numbers that sort like them.
func (e *keyEncoder) normalize(keys []*vector.Vector, n int) {
	if len(e.vals) != len(keys) {
		e.vals = make([][]uint64, len(keys))
	}
	for c, v := range keys {
		e.vals[c] = sized(e.vals[c], n)
		widen(e.vals[c], v, nil)
		orderBits(e.vals[c], v.Type.Storage(), e.ranges[c].bits, e.orders[c].Desc)
	}
}

// pack makes keys of the normalized values, in the buffers of old ones; keys are the columns that these are of.
func (e *keyEncoder) pack(keys []*vector.Vector, n int, old sortKeys) sortKeys {
	if e.low == 0 && len(keys) == 1 && e.ranges[0].base == 0 && !e.nulls { // the values are the keys
		out := sortKeys{words: e.vals[0]}
		e.vals[0] = old.words
		return out
	}
	out := sortKeys{words: sized(old.words, n)}
	clear(out.words)
	if e.low > 0 {
		out.low = sized(old.low, n)
		clear(out.low)
	}
	at := e.total // bits below the column's
	for c, v := range keys {
		r, vals := &e.ranges[c], e.vals[c]
		width := r.width
		for k := range vals {
			vals[k] -= r.base
		}
		if e.nulls {
			markNulls(vals, v, width, e.orders[c].NullsFirst)
			width++
		}
		at -= width
		putBits(out.words, vals, at-e.low)
		if e.low > 0 && at < e.low {
			putLow(out.low, vals, at, e.low)
		}
	}
	return out
}

// putBits adds values to words, shifted left, or right where shift is negative.
func putBits(words, vals []uint64, shift int) {
	words = words[:len(vals)]
	switch {
	case shift >= 0:
		for k, x := range vals {
			words[k] |= x << (shift & 63)
		}
	case shift > -64:
		for k, x := range vals {
			words[k] |= x >> (-shift & 63)
		}
	}
}

// putLow adds values to the second words, which have size bits.
func putLow(words, vals []uint64, shift, size int) {
	mask := ^uint64(0) >> (64 - size)
	words = words[:len(vals)]
	for k, x := range vals {
		words[k] |= x << (shift & 63) & mask
	}
}

// orderBits turns the normalized bits of values into numbers that sort like the values.
func orderBits(dst []uint64, s types.Storage, bits int, desc bool) {
	sign := uint64(1) << (bits - 1)
	mask := sign | (sign - 1)
	switch s {
	case types.StoreBool:
	case types.StoreFloat32, types.StoreFloat64:
		for k, x := range dst {
			if x&sign != 0 {
				dst[k] = ^x & mask
			} else {
				dst[k] = x | sign
			}
		}
	default:
		if desc { // both in one pass
			sign, desc = sign^mask, false
		}
		for k := range dst {
			dst[k] ^= sign
		}
	}
	if desc {
		for k := range dst {
			dst[k] = ^dst[k] & mask
		}
	}
}

// markNulls puts the bit that tells NULLs before the bits of the values.
func markNulls(dst []uint64, v *vector.Vector, bits int, first bool) {
	null, value := uint64(1)<<bits, uint64(0)
	if first {
		null, value = 0, null
	}
	if v.Valid == nil {
		for k := range dst {
			dst[k] |= value
		}
		return
	}
	for k := range dst {
		if v.IsNull(k) {
			dst[k] = null
		} else {
			dst[k] |= value
		}
	}
}

// dropBuffers frees what only encoding and sorting take.
func (e *keyEncoder) dropBuffers() { e.sorter, e.vals, e.old = wordSorter{}, nil, sortKeys{} }

// sort puts keys in order, and returns the rows in theirs, stably.
func (e *keyEncoder) sort(s sortKeys) (sortKeys, []int32) {
	if s.full != nil {
		order := e.sorter.orderKeys(s.full, make([]int32, len(s.words)))
		e.old = s
		return s.take(order), order
	}
	order := make([]int32, len(s.words))
	e.sorter.order(s.words, s.low, order)
	return s, order
}

// take returns the keys of the listed rows.
func (s sortKeys) take(rows []int32) sortKeys {
	out := sortKeys{words: make([]uint64, len(rows)), full: &vector.RowKeys{Off: make([]int32, len(rows)+1), Data: make([]byte, 0, len(s.full.Data))}}
	for k, i := range rows {
		out.words[k] = s.words[i]
		out.full.Data = append(out.full.Data, s.full.Row(int(i))...)
		out.full.Off[k+1] = int32(len(out.full.Data))
	}
	return out
}

// bytes is the memory of the keys.
func (s sortKeys) bytes() int64 {
	n := int64(8 * (len(s.words) + len(s.low)))
	if s.full != nil {
		n += int64(len(s.full.Data) + 4*len(s.full.Off))
	}
	return n
}
