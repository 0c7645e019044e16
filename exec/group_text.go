package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// textKeys are the values of a single column of strings as keys of a
// bytesIndex: the bytes as they lie in the column, without a copy where that is possible.
type textKeys struct {
	data  []byte
	off   []int32 // key k is data[off[k]:off[k+1]]
	own   []byte  // scratch for data and off
	ownAt []int32
	hash  []uint64
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
	if v.Enc == vector.Flat && v.Valid == nil && sel == nil {
		x.data, x.off = v.Data, v.Offsets[:n+1]
		for k := range x.hash {
			x.hash[k] = vector.HashBytes(x.data[x.off[k]:x.off[k+1]])
		}
		return
	}
	if cap(x.ownAt) < n+1 {
		x.ownAt = make([]int32, n+1)
	}
	b := v.Base()
	x.own, x.off = x.own[:0], x.ownAt[:n+1]
	for k := range x.hash {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		x.off[k] = int32(len(x.own))
		if v.IsNull(i) {
			x.hash[k] = x.null
			continue
		}
		key := b.Bytes(v.Index(i))
		x.own = append(x.own, key...)
		x.hash[k] = vector.HashBytes(key)
	}
	x.off[n], x.data = int32(len(x.own)), x.own
}

func (x *textKeys) bytes() int64 { return int64(cap(x.own) + 4*cap(x.ownAt) + 8*cap(x.hash)) }
