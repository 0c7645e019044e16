package vector

import "github.com/flintsql/flint/sql/types"

// Growth is about how many bytes Append will allocate at most for n rows of v,
// the buffers it then leaves behind not taken off: what to reserve before.
func (a *Appender) Growth(v *Vector, n int) int64 {
	rows := int64(n)
	var g int64
	if v.Valid != nil || a.valid != nil {
		g += grownSlice(len(a.valid), cap(a.valid), (a.n+n+7)/8, 1)
	}
	if v.Enc == Dict && (a.n == 0 || a.dict != nil && a.dict == v.Dictionary) {
		if a.n == 0 {
			g += v.Dictionary.Size()
		}
		return g + grownSlice(len(a.codes), cap(a.codes), a.n+n, 4)
	}
	data := RowBytes(v, n)
	if a.dict != nil { // the codes become values
		data += RowBytes(a.dict, a.dict.Len) / int64(max(1, a.dict.Len)) * int64(a.n) * 5 / 4
	}
	if need := int64(len(a.data)) + data; need > int64(cap(a.data)) {
		g += max(need, min(2*int64(cap(a.data)), int64(cap(a.data))+64<<20))
	}
	if a.off != nil {
		g += grownSlice(len(a.off), cap(a.off), a.n+n+1, 4)
	}
	if a.child != nil && v.Base().Child != nil {
		g += 2*data + a.child.Bytes()
	}
	return g + rows/8
}

// grownSlice is what append allocates to reach need elements.
func grownSlice(length, capacity, need, width int) int64 {
	if need <= capacity {
		return 0
	}
	return int64(max(need, 2*length) * width)
}

// RowBytes is about how many bytes the values of n rows of v take, offsets not
// counted. Rows of a dictionary count as its average entry and a half.
func RowBytes(v *Vector, n int) int64 {
	b := v.Base()
	w := int64(b.Type.Storage().Width())
	switch b.Type.Storage() {
	case types.StoreBytes:
	case types.StoreList:
		if v.Enc != Flat {
			return b.Size() * int64(n)
		}
		return b.Size()
	default:
		return w * int64(n)
	}
	entries := len(b.Offsets) - 1
	if entries <= 0 {
		return 0
	}
	all := int64(b.Offsets[entries] - b.Offsets[0])
	if v.Enc == Flat {
		return all
	}
	return all * int64(n) * 3 / int64(2*entries)
}
