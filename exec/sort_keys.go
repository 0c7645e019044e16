package exec

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

func sortOrders(keys []physical.SortKey) []vector.KeyOrder {
	o := make([]vector.KeyOrder, len(keys))
	for i, k := range keys {
		o[i] = vector.KeyOrder{Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return o
}

// sortEntry is a row and the start of its normalized key.
type sortEntry struct {
	prefix uint64
	row    int32
}

// sortRows returns the rows 0..n-1 of cols in the order of their keys; rows
// with equal keys keep their order.
func sortRows(cols []*vector.Vector, orders []vector.KeyOrder, n int) ([]int32, error) {
	if len(cols) == 0 || n < 2 {
		return rowNumbers(0, n), nil
	}
	if e := singleWord(cols, orders, n); e != nil {
		return rowsOf(radixSort(e)), nil
	}
	keys := vector.RowKeys{Orders: orders}
	if err := keys.Encode(cols, nil, n); err != nil {
		return nil, err
	}
	var s wordSorter
	return s.orderKeys(&keys, make([]int32, n)), nil
}

// orderKeys sets order to the rows in the order of their keys, stably, and returns it.
func (s *wordSorter) orderKeys(keys *vector.RowKeys, order []int32) []int32 {
	n, longest := len(order), 0
	s.grow(n)
	for k := 0; k < n; k++ {
		longest = max(longest, len(keys.Row(k)))
	}
	sorted := s.ent[:n]
	if longest <= radixBytes {
		sorted = sortShort(keys, sorted, s.tmp[:n], longest)
	} else {
		sorted = sortLong(keys, sorted, s.tmp[:n])
	}
	for k := range sorted {
		order[k] = sorted[k].row
	}
	return order
}

// radixBytes is the longest key that is sorted by counting alone.
const radixBytes = 32

// sortShort sorts by the keys' last 8 bytes, then by those before, and so on:
// each pass is stable. Shorter keys are filled up with zeros, which can't make different keys equal since no key is the
// beginning of another.
func sortShort(keys *vector.RowKeys, e, tmp []sortEntry, longest int) []sortEntry {
	for k := range e {
		e[k].row = int32(k)
	}
	for w := (longest - 1) / 8 * 8; w >= 0; w -= 8 {
		for k := range e {
			r := keys.Row(int(e[k].row))
			e[k].prefix = keyPrefix(r[min(w, len(r)):])
		}
		if s := radixSortIn(e, tmp); len(e) > 0 && &s[0] != &e[0] {
			e, tmp = s, e
		}
	}
	return e
}

// sortLong sorts by the first 8 bytes, then each run of equal ones by the next 8, and so on: what is compared lies in
// the entries, and of keys only what tells them apart is read (multikey sorting by words: Bentley and Sedgewick, Fast
// Algorithms for Sorting and Searching Strings, 1997).
func sortLong(keys *vector.RowKeys, e, tmp []sortEntry) []sortEntry {
	for k := range e {
		e[k].row = int32(k)
	}
	return sortFrom(keys, e, tmp, 0)
}

const (
	sortTiesRadix = 1 << 10 // entries from which on they are sorted by counting
	sortTiesFew   = 16      // entries below which whole keys are compared
	sortTiesDeep  = 512     // and bytes in common from which on
)

// sortFrom sorts entries, which are in the order of their rows, by their keys from byte at on. The
// result is in e or, of e's length, tmp.
func sortFrom(keys *vector.RowKeys, e, tmp []sortEntry, at int) []sortEntry {
	more := false
	for k := range e {
		r := keys.Row(int(e[k].row))
		e[k].prefix = keyPrefix(r[min(at, len(r)):])
		more = more || len(r) > at+8
	}
	few := len(e) < sortTiesFew || at >= sortTiesDeep
	switch {
	case few:
		slices.SortFunc(e, func(a, b sortEntry) int {
			if a.prefix != b.prefix || !more {
				return compareEntries(a, b)
			}
			if c := bytes.Compare(keys.Row(int(a.row)), keys.Row(int(b.row))); c != 0 {
				return c
			}
			return int(a.row - b.row)
		})
	case len(e) < sortTiesRadix:
		slices.SortFunc(e, compareEntries)
	default:
		if s := radixSortIn(e, tmp); &s[0] != &e[0] {
			e, tmp = s, e
		}
	}
	for from := 0; more && !few && from < len(e); {
		to := from + 1
		for to < len(e) && e[to].prefix == e[from].prefix {
			to++
		}
		if to-from > 1 {
			if s := sortFrom(keys, e[from:to], tmp[from:to], at+8); &s[0] != &e[from] {
				copy(e[from:to], s)
			}
		}
		from = to
	}
	return e
}

func compareEntries(a, b sortEntry) int {
	if a.prefix != b.prefix {
		if a.prefix < b.prefix {
			return -1
		}
		return 1
	}
	return int(a.row - b.row)
}

func rowsOf(e []sortEntry) []int32 {
	idx := make([]int32, len(e))
	for i := range e {
		idx[i] = e[i].row
	}
	return idx
}

// keyPrefix is the first 8 bytes as a number that sorts like them.
func keyPrefix(r []byte) uint64 {
	if len(r) >= 8 {
		return binary.BigEndian.Uint64(r)
	}
	var p uint64
	for i, b := range r {
		p |= uint64(b) << (56 - 8*i)
	}
	return p
}

// singleWord packs one key column without NULLs into sortable words; nil
// where the key is of another shape.
func singleWord(cols []*vector.Vector, orders []vector.KeyOrder, n int) []sortEntry {
	v := cols[0]
	if len(cols) != 1 || v.Valid != nil || v.Enc != vector.Flat {
		return nil
	}
	e := make([]sortEntry, n)
	switch v.Type.Storage() {
	case types.StoreInt32:
		for k, x := range vector.Values[int32](v)[:n] {
			e[k] = sortEntry{uint64(uint32(x) ^ 1<<31), int32(k)}
		}
	case types.StoreInt64:
		for k, x := range vector.Values[int64](v)[:n] {
			e[k] = sortEntry{uint64(x) ^ 1<<63, int32(k)}
		}
	case types.StoreFloat64:
		for k, x := range vector.Values[float64](v)[:n] {
			e[k] = sortEntry{vector.OrderedFloat(x), int32(k)}
		}
	default:
		return nil
	}
	if orders[0].Desc {
		for k := range e {
			e[k].prefix = ^e[k].prefix
		}
	}
	return e
}

// radixSort sorts by prefix, stably.
func radixSort(e []sortEntry) []sortEntry { return radixSortIn(e, nil) }

// radixSortIn sorts by prefix, stably: one counting pass per byte that differs.
// The result is in e or, of e's length, tmp; nil makes room where it is needed.
func radixSortIn(e, tmp []sortEntry) []sortEntry {
	if len(e) < 256 {
		slices.SortStableFunc(e, func(a, b sortEntry) int {
			if a.prefix < b.prefix {
				return -1
			}
			if a.prefix > b.prefix {
				return 1
			}
			return 0
		})
		return e
	}
	and, or := ^uint64(0), uint64(0)
	for i := range e {
		and &= e[i].prefix
		or |= e[i].prefix
	}
	if and == or {
		return e
	}
	if tmp == nil {
		tmp = make([]sortEntry, len(e))
	}
	for shift := 0; shift < 64; shift += 8 {
		if byte((and^or)>>shift) == 0 {
			continue
		}
		var at [256]int
		for i := range e {
			at[byte(e[i].prefix>>shift)]++
		}
		sum := 0
		for b, c := range at {
			at[b] = sum
			sum += c
		}
		for i := range e {
			b := byte(e[i].prefix >> shift)
			tmp[at[b]] = e[i]
			at[b]++
		}
		e, tmp = tmp, e
	}
	return e
}
