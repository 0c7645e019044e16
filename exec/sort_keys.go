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
	return s.orderKeys(&keys, n), nil
}

// orderKeys returns the rows 0..n-1 in the order of their keys, stably: by the 16 bytes after those that all
// keys begin with, as two words, and where these tie by the rest. Shorter keys are filled up with zeros, which can't
// make different keys equal since no key is the beginning of another.
func (s *wordSorter) orderKeys(keys *vector.RowKeys, n int) []int32 {
	order := make([]int32, n)
	if n == 0 {
		return order
	}
	same, longest := sharedBytes(keys, n)
	s.words, s.low = sized(s.words, n), sized(s.low, n)
	for k := range s.words {
		r := keys.Row(k)
		s.words[k] = keyPrefix(r[same:])
		s.low[k] = keyPrefix(r[min(same+8, len(r)):])
	}
	s.order(s.words, s.low, order)
	if longest <= same+16 {
		return order
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && s.words[to] == s.words[from] && s.low[to] == s.low[from] {
			to++
		}
		if to-from > 1 {
			sortTies(keys, order[from:to], same+16)
		}
		from = to
	}
	return order
}

// sharedBytes is how many bytes all keys have in common at their beginning, and how long the longest is.
func sharedBytes(keys *vector.RowKeys, n int) (same, longest int) {
	first := keys.Row(0)
	same = len(first)
	for k := range n {
		r := keys.Row(k)
		longest = max(longest, len(r))
		if same <= len(r) && string(r[:same]) == string(first[:same]) {
			continue
		}
		same = min(same, len(r))
		for i := range same {
			if r[i] != first[i] {
				same = i
				break
			}
		}
	}
	return same, longest
}

// sortTies sorts rows whose keys share so many bytes.
func sortTies(keys *vector.RowKeys, rows []int32, same int) {
	slices.SortStableFunc(rows, func(a, b int32) int {
		x, y := keys.Row(int(a)), keys.Row(int(b))
		return bytes.Compare(x[min(same, len(x)):], y[min(same, len(y)):])
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
