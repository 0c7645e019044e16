package vector

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Take returns a vector with the rows of v at the positions idx, in their
// order; a negative position gives NULL. Const stays Const and Dict stays Dict
// (unless NULLs are asked of a Const).
func Take(v *Vector, idx []int32) *Vector {
	nulls := hasNegative(idx)
	if v.Enc == Const && !nulls {
		c := *v
		c.Len = len(idx)
		return &c
	}
	out := &Vector{Type: v.Type, Len: len(idx)}
	if v.Valid != nil || nulls {
		out.Valid = takeValid(v, idx)
	}
	if v.Enc == Dict {
		out.Enc, out.Dictionary = Dict, v.Dictionary
		out.Codes = make([]int32, len(idx))
		gather(out.Codes, v.Codes, idx, nulls)
		return out
	}
	if v.Enc == Const {
		zero := make([]int32, len(idx))
		for i, x := range idx {
			zero[i] = min(x, 0)
		}
		idx = zero
	}
	takeFlat(out, v, idx, nulls)
	return out
}

func hasNegative(idx []int32) bool {
	var or int32
	for _, x := range idx {
		or |= x
	}
	return or < 0
}

func takeValid(v *Vector, idx []int32) []byte {
	b := Alloc((len(idx) + 7) / 8)
	for i, x := range idx {
		if x >= 0 && !v.IsNull(int(x)) {
			b[i>>3] |= 1 << (i & 7)
		}
	}
	return b
}

// takeFlat gathers the buffers of a Flat vector.
func takeFlat(out, v *Vector, idx []int32, nulls bool) {
	switch s := v.Type.Storage(); s {
	case types.StoreBytes:
		takeBytes(out, v, idx)
	case types.StoreList:
		takeList(out, v, idx)
	default:
		out.Data = Alloc(len(idx) * s.Width())
		gatherFixed(out, v, idx, nulls)
	}
}

func gatherFixed(out, v *Vector, idx []int32, nulls bool) {
	switch v.Type.Storage().Width() {
	case 1:
		gather(Values[uint8](out), Values[uint8](v), idx, nulls)
	case 2:
		gather(Values[uint16](out), Values[uint16](v), idx, nulls)
	case 4:
		gather(Values[uint32](out), Values[uint32](v), idx, nulls)
	case 8:
		gather(Values[uint64](out), Values[uint64](v), idx, nulls)
	case 16:
		gather(Values[value.Int128](out), Values[value.Int128](v), idx, nulls)
	case 24:
		gather(Values[value.Numeric](out), Values[value.Numeric](v), idx, nulls)
	}
}

func gather[T any](dst, src []T, idx []int32, nulls bool) {
	if !nulls {
		for i, x := range idx {
			dst[i] = src[x]
		}
		return
	}
	for i, x := range idx {
		if x >= 0 {
			dst[i] = src[x]
		}
	}
}

func takeBytes(out, v *Vector, idx []int32) {
	off := make([]int32, len(idx)+1)
	n := int32(0)
	for i, x := range idx {
		if x >= 0 {
			n += v.Offsets[x+1] - v.Offsets[x]
		}
		off[i+1] = n
	}
	data := Alloc(int(n))
	for i, x := range idx {
		if x >= 0 {
			copyText(data[off[i]:], v.Data[v.Offsets[x]:], int(v.Offsets[x+1]-v.Offsets[x]))
		}
	}
	out.Offsets, out.Data = off, data
}

// copyText copies n bytes, and spoils dst beyond them: short texts in two words
// without a call.
func copyText(dst, src []byte, n int) {
	if n <= 16 && len(dst) >= 16 && len(src) >= 16 {
		*(*[16]byte)(dst) = *(*[16]byte)(src)
		return
	}
	copy(dst, src[:n])
}

func takeList(out, v *Vector, idx []int32) {
	off := make([]int32, len(idx)+1)
	var child []int32
	for i, x := range idx {
		if x >= 0 {
			for k := v.Offsets[x]; k < v.Offsets[x+1]; k++ {
				child = append(child, k)
			}
		}
		off[i+1] = int32(len(child))
	}
	out.Offsets, out.Child = off, Take(v.Child, child)
}

// Flatten returns v in the Flat encoding: v itself if it is, else a copy.
func Flatten(v *Vector) *Vector {
	if v.Enc == Flat {
		return v
	}
	out := &Vector{Type: v.Type, Len: v.Len}
	idx := v.Codes
	if v.Enc == Const {
		idx = make([]int32, v.Len)
	}
	if v.Valid != nil {
		if v.Enc == Const {
			out.Valid = Alloc((v.Len + 7) / 8)
			if !v.IsNull(0) {
				out.Valid = nil
			}
		} else {
			out.Valid = v.Valid
		}
	}
	base := v.Base()
	if v.Enc == Dict && base.Len == 0 { // every row is NULL
		*out = *New(v.Type, v.Len)
		out.Valid = Alloc((v.Len + 7) / 8)
		return out
	}
	takeFlat(out, base, idx, false)
	return out
}

// Slice returns rows [from, to) of v; fixed-width buffers are shared.
func Slice(v *Vector, from, to int) *Vector {
	if v.Enc == Const {
		c := *v
		c.Len = to - from
		return &c
	}
	out := &Vector{Type: v.Type, Enc: v.Enc, Len: to - from, Dictionary: v.Dictionary, Child: v.Child}
	if v.Valid != nil {
		out.Valid = Alloc((to - from + 7) / 8)
		for i := from; i < to; i++ {
			if !v.IsNull(i) {
				j := i - from
				out.Valid[j>>3] |= 1 << (j & 7)
			}
		}
	}
	switch {
	case v.Enc == Dict:
		out.Codes = v.Codes[from:to]
	case v.Offsets != nil:
		out.Offsets, out.Data = v.Offsets[from:to+1], v.Data
	default:
		w := v.Type.Storage().Width()
		out.Data = v.Data[from*w : to*w]
	}
	return out
}
