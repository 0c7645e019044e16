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

// orderKeys sets order to the rows in the order of their keys, stably, and returns it: by the 16 bytes after those that
// all keys begin with, as two words, and each run of rows where these tie by what follows, in the same way (multikey
// sorting by words: Bentley and Sedgewick, Fast Algorithms for Sorting and Searching Strings, 1997). Shorter keys are
// filled up with zeros, which can't make different keys equal since no key is the beginning of another.
func (s *wordSorter) orderKeys(keys *vector.RowKeys, order []int32) []int32 {
	for k := range order {
		order[k] = int32(k)
	}
	n := len(order)
	s.words, s.low = sized(s.words, n), sized(s.low, n)
	s.orderFrom(keys, order, s.words, s.low, 0)
	return order
}

const (
	sortTiesFew  = 24  // rows below which whole keys are compared
	sortTiesDeep = 512 // and bytes in common from which on
)

// orderFrom sorts rows, which are in ascending order and whose keys share so many bytes; words and low are buffers of
// their length.
func (s *wordSorter) orderFrom(keys *vector.RowKeys, rows []int32, words, low []uint64, same int) {
	n := len(rows)
	if n < 2 {
		return
	}
	if n < sortTiesFew || same >= sortTiesDeep {
		sortTies(keys, rows, same)
		return
	}
	same, longest := sharedBytes(keys, rows, same)
	for k, i := range rows {
		r := keys.Row(int(i))
		words[k] = keyPrefix(r[same:])
		low[k] = keyPrefix(r[min(same+8, len(r)):])
	}
	s.ties, s.tieRows = sized(s.ties, n), sized(s.tieRows, n)
	s.order(words, low, s.ties)
	copy(s.tieRows, rows)
	for k, i := range s.ties {
		rows[k] = s.tieRows[i]
	}
	if longest <= same+16 {
		return
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && words[to] == words[from] && low[to] == low[from] {
			to++
		}
		s.orderFrom(keys, rows[from:to], words[from:to], low[from:to], same+16)
		from = to
	}
}

// sharedBytes is how many bytes the rows' keys have in common at their beginning, which are no fewer than same, and how
// long the longest is.
func sharedBytes(keys *vector.RowKeys, rows []int32, same int) (shared, longest int) {
	first := keys.Row(int(rows[0]))
	shared = len(first)
	for _, k := range rows {
		r := keys.Row(int(k))
		longest = max(longest, len(r))
		if shared <= len(r) && string(r[:shared]) == string(first[:shared]) {
			continue
		}
		shared = min(shared, len(r))
		for i := min(same, shared); i < shared; i++ {
			if r[i] != first[i] {
				shared = i
				break
			}
		}
	}
	return shared, longest
}

// sortTies sorts rows, which are in ascending order, by their keys after so many bytes.
func sortTies(keys *vector.RowKeys, rows []int32, same int) {
	slices.SortFunc(rows, func(a, b int32) int {
		x, y := keys.Row(int(a)), keys.Row(int(b))
		if c := bytes.Compare(x[min(same, len(x)):], y[min(same, len(y)):]); c != 0 {
			return c
		}
		return int(a - b)
	})
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
