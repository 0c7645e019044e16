package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// textKeys are the values of a single column of strings as keys of a bytesIndex: the bytes as they lie in the
// column or its dictionary.
type textKeys struct {
	data     []byte
	from, to []int32 // key k is data[from[k]:to[k]]
	ends     []int32 // scratch for from and to
	hash     []uint64
	// null is the hash of NULL, whose key is empty like that of the empty string: their hashes
	// differ in all bits, so that the index holds them apart.
	null uint64
}

func newTextKeys() *textKeys { return &textKeys{null: ^vector.HashBytes(nil)} }

// isTextKey reports whether the columns are one of strings whose bytes say which are equal.
func isTextKey(ts []types.Type) bool {
	return len(ts) == 1 && ts[0].Storage() == types.StoreBytes && ts[0].Kind != types.Char
}

// read takes the keys of the listed rows.
func (x *textKeys) read(v *vector.Vector, sel []int32, n int) {
	if cap(x.hash) < n {
		x.hash = make([]uint64, n)
	}
	x.hash = x.hash[:n]
	b := v.Base()
	x.data = b.Data
	if v.Enc == vector.Flat && v.Valid == nil && sel == nil {
		x.from, x.to = v.Offsets[:n], v.Offsets[1:n+1]
		for k := range x.hash {
			x.hash[k] = vector.HashBytes(x.data[x.from[k]:x.to[k]])
		}
		return
	}
	if cap(x.ends) < 2*n {
		x.ends = make([]int32, 2*n)
	}
	x.from, x.to = x.ends[:n], x.ends[n:2*n]
	for k := range x.hash {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if v.IsNull(i) {
			x.from[k], x.to[k], x.hash[k] = 0, 0, x.null
			continue
		}
		at := v.Index(i)
		x.from[k], x.to[k] = b.Offsets[at], b.Offsets[at+1]
		x.hash[k] = vector.HashBytes(x.data[x.from[k]:x.to[k]])
	}
}

func (x *textKeys) bytes() int64 { return int64(4*cap(x.ends) + 8*cap(x.hash)) }
