package vector

import (
	"testing"

	"github.com/flintsql/flint/sql/types"
)

// TestHashLists: every element counts, also the only one of a list.
func TestHashLists(t *testing.T) {
	const n = 1000
	ints := make([]int32, 2*n)
	one, two := []int32{0}, []int32{0}
	for i := range n {
		ints[2*i], ints[2*i+1] = int32(i), 7
		one, two = append(one, int32(i+1)), append(two, int32(2*i+2))
	}
	typ := types.ArrayOf(types.Of(types.Int4))
	child := FromSlice(types.Of(types.Int4), ints)
	for name, v := range map[string]*Vector{
		"one element":  {Type: typ, Len: n, Offsets: one, Child: FromSlice(types.Of(types.Int4), ints[:n])},
		"two elements": {Type: typ, Len: n, Offsets: two, Child: child},
	} {
		rows := n
		if name == "one element" { // every second element is 7
			rows = n / 2
		}
		var h Hasher
		out, seen := make([]uint64, n), map[uint64]bool{}
		h.Hash([]*Vector{v}, nil, n, out)
		for _, x := range out {
			seen[x] = true
		}
		if len(seen) != rows {
			t.Errorf("lists of %s have %d hashes for %d values", name, len(seen), rows)
		}
	}
}
