package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// keyEncoder makes normalized keys (Graefe, Implementing Sorting in Database
// Systems, 2006) of rows: numbers of 64 bits where the key columns fit, else byte strings with their first 8 bytes as
// such numbers. Keys of batches are comparable with each other until the encoder widens.
type keyEncoder struct {
	columns []int
	orders  []vector.KeyOrder
	bits    []int // of each column in a word; nil: keys are byte strings
	nulls   bool  // a bit before each column's says whether it is NULL
	tmp     []uint64
	sorter  wordSorter
	old     sortKeys // buffers for keys to be sorted
}

// sortKeys are the keys of some rows.
type sortKeys struct {
	words []uint64
	full  *vector.RowKeys // nil: the words say all
}

func newKeyEncoder(keys []physical.SortKey, in []types.Type) keyEncoder {
	e := keyEncoder{columns: keyColumns(keys), orders: sortOrders(keys)}
	for _, c := range e.columns {
		e.bits = append(e.bits, packedBits(in[c]))
	}
	e.fit()
	return e
}

// fit gives up words where the columns don't fit into one.
func (e *keyEncoder) fit() {
	sum := 0
	for _, n := range e.bits {
		if n == 0 {
			sum = 65
		}
		sum += n
		if e.nulls {
			sum++
		}
	}
	if sum > 64 {
		e.bits = nil
	}
}

// widens reports whether a batch has NULLs that the keys so far have no room for.
func (e *keyEncoder) widens(cols []*vector.Vector) bool {
	if e.nulls || e.bits == nil {
		return false
	}
	for _, c := range e.columns {
		if cols[c].Valid != nil {
			return true
		}
	}
	return false
}

// widen makes room for NULLs; keys made before must be made again.
func (e *keyEncoder) widen() {
	e.nulls = true
	e.fit()
}

// encode makes the keys of rows 0..n-1, in the buffers of old ones.
func (e *keyEncoder) encode(cols []*vector.Vector, n int, old sortKeys) (sortKeys, error) {
	keys := emitColumns(cols, e.columns)
	if e.bits != nil {
		return sortKeys{words: e.words(keys, n, old.words)}, nil
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
	return sortKeys{words, full}, nil
}

func (e *keyEncoder) words(keys []*vector.Vector, n int, old []uint64) []uint64 {
	out := sized(old, n)
	if len(keys) > 1 && cap(e.tmp) < n {
		e.tmp = make([]uint64, n)
	}
	for c, v := range keys {
		dst := out
		if c > 0 {
			dst = e.tmp[:n]
		}
		widen(dst, v, nil)
		bits := e.bits[c]
		orderBits(dst, v.Type.Storage(), bits, e.orders[c].Desc)
		if e.nulls {
			markNulls(dst, v, bits, e.orders[c].NullsFirst)
			bits++
		}
		if c > 0 {
			for k, x := range dst {
				out[k] = out[k]<<bits | x
			}
		}
	}
	return out
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

// sort puts keys in order, and returns the rows in theirs, stably.
func (e *keyEncoder) sort(s sortKeys) (sortKeys, []int32) {
	if s.full != nil {
		order := e.sorter.orderKeys(s.full, make([]int32, len(s.words)))
		e.old = s
		return s.take(order), order
	}
	order := make([]int32, len(s.words))
	e.sorter.order(s.words, order)
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
	n := int64(8 * len(s.words))
	if s.full != nil {
		n += int64(len(s.full.Data) + 4*len(s.full.Off))
	}
	return n
}
