package vector

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

const (
	hashK0   = 0x9e3779b97f4a7c15
	hashK1   = 0xd6e8feb86659fd93
	hashNull = 0x7c3a21f5d94be1a7
)

// Mix64 is the hash of one 64-bit word; every bit of the result depends on
// every bit of x.
func Mix64(x uint64) uint64 {
	x ^= x >> 32
	x *= hashK1
	x ^= x >> 32
	x *= hashK1
	return x ^ x>>32
}

// Combine folds the hash of another column into h.
func Combine(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^hashK0, x^hashK1)
	return hi ^ lo
}

// HashBytes hashes a byte string; it is the same in every process.
func HashBytes(b []byte) uint64 {
	h := uint64(len(b)) * hashK1 // with K0, Combine would lose every byte of a text of one
	for len(b) >= 8 {
		h = Combine(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	if len(b) >= 4 {
		h = Combine(h, uint64(binary.LittleEndian.Uint32(b)))
		b = b[4:]
	}
	var t uint64
	for _, c := range b {
		t = t<<8 | uint64(c)
	}
	return Mix64(Combine(h, t))
}

// TrimBlanks cuts the trailing blanks that character(n) ignores.
func TrimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// Hasher hashes rows of batches. Values that SQL holds equal hash equal,
// whatever their encoding; NULLs hash equal; integers hash alike in all widths.
// The result is the same in every process. The zero Hasher is ready.
type Hasher struct {
	idx     []int32
	entries []uint64
}

// Hash sets out[k] to the hash of the k-th row of sel (nil = 0..n-1) over all
// the columns.
func (h *Hasher) Hash(cols []*Vector, sel []int32, n int, out []uint64) {
	if sel != nil {
		n = len(sel)
	}
	out = out[:n]
	for k := range out {
		out[k] = hashK1
	}
	for c, v := range cols {
		h.column(v, sel, out, c == 0)
	}
}

func (h *Hasher) column(v *Vector, sel []int32, out []uint64, first bool) {
	n := len(out)
	switch {
	case v.Enc == Const:
		e := h.scratch(1)
		hashFlat(v, nil, e)
		if v.IsNull(0) {
			e[0] = hashNull
		}
		fold(out, e, make([]int32, n), first)
	case v.Enc == Dict && v.Dictionary.Len <= n && v.Valid == nil:
		e := h.scratch(v.Dictionary.Len)
		hashFlat(v.Dictionary, nil, e)
		fold(out, e, h.codes(v, sel, n), first)
	default:
		e := h.scratch(n)
		if v.Enc == Dict {
			h.dictionary(v, sel, e)
		} else {
			hashFlat(v, sel, e)
		}
		if v.Valid != nil {
			for k := range e {
				i := k
				if sel != nil {
					i = int(sel[k])
				}
				if v.Valid[i>>3]&(1<<(i&7)) == 0 {
					e[k] = hashNull
				}
			}
		}
		fold(out, e, nil, first)
	}
}

// dictionary hashes Dict rows into e, where NULL rows get anything.
func (h *Hasher) dictionary(v *Vector, sel []int32, e []uint64) {
	d := v.Dictionary
	codes := h.codes(v, sel, len(e))
	switch {
	case d.Len == 0:
		clear(e)
	case d.Len <= len(e):
		x := make([]uint64, d.Len)
		hashFlat(d, nil, x)
		fold(e, x, codes, true)
	default:
		hashFlat(d, codes, e)
	}
}

func (h *Hasher) scratch(n int) []uint64 {
	if cap(h.entries) < n {
		h.entries = make([]uint64, max(n, BatchSize))
	}
	return h.entries[:n]
}

func (h *Hasher) codes(v *Vector, sel []int32, n int) []int32 {
	if sel == nil {
		return v.Codes[:n]
	}
	if cap(h.idx) < n {
		h.idx = make([]int32, max(n, BatchSize))
	}
	idx := h.idx[:n]
	for k, i := range sel {
		idx[k] = v.Codes[i]
	}
	return idx
}

// fold combines e[idx[k]] (idx nil: e[k]) into out[k].
func fold(out, e []uint64, idx []int32, first bool) {
	switch {
	case idx == nil && first:
		copy(out, e)
	case idx == nil:
		for k, x := range e[:len(out)] {
			out[k] = Combine(out[k], x)
		}
	case first:
		for k, i := range idx[:len(out)] {
			out[k] = e[i]
		}
	default:
		for k, i := range idx[:len(out)] {
			out[k] = Combine(out[k], e[i])
		}
	}
}

// hashFlat hashes the values of a Flat (or Const) vector at idx (nil = all of out).
func hashFlat(v *Vector, idx []int32, out []uint64) {
	switch v.Type.Storage() {
	case types.StoreBool:
		hashInts(Values[uint8](v), idx, out)
	case types.StoreInt16:
		hashInts(Values[int16](v), idx, out)
	case types.StoreInt32:
		hashInts(Values[int32](v), idx, out)
	case types.StoreInt64:
		hashInts(Values[int64](v), idx, out)
	case types.StoreFloat32:
		hashFunc(Values[float32](v), idx, out, func(x float32) uint64 { return Mix64(FloatBits(float64(x))) })
	case types.StoreFloat64:
		hashFunc(Values[float64](v), idx, out, func(x float64) uint64 { return Mix64(FloatBits(x)) })
	case types.StoreInt128:
		hashFunc(Values[value.Int128](v), idx, out, hashInt128)
	case types.StoreNumeric:
		hashFunc(Values[value.Numeric](v), idx, out, value.Numeric.Hash64)
	case types.StoreInterval:
		hashFunc(Values[value.Interval](v), idx, out, value.Interval.Hash64)
	case types.StoreBytes:
		hashStrings(v, idx, out)
	case types.StoreList:
		hashLists(v, idx, out)
	}
}

// FloatBits returns bits that are equal exactly for floats that SQL holds
// equal: all NaNs, and both zeros.
func FloatBits(x float64) uint64 {
	switch {
	case x != x:
		return 0x7ff8000000000000
	case x == 0:
		return 0
	}
	return math.Float64bits(x)
}

func hashInt128(x value.Int128) uint64 {
	if x.IsInt64() {
		return Mix64(x.Lo)
	}
	return x.Hash64()
}

func hashInts[T uint8 | int16 | int32 | int64](vals []T, idx []int32, out []uint64) {
	if idx == nil {
		for k, x := range vals[:len(out)] {
			out[k] = Mix64(uint64(int64(x)))
		}
		return
	}
	for k, i := range idx {
		out[k] = Mix64(uint64(int64(vals[i])))
	}
}

func hashFunc[T any](vals []T, idx []int32, out []uint64, f func(T) uint64) {
	for k := range out {
		i := int32(k)
		if idx != nil {
			i = idx[k]
		}
		out[k] = f(vals[i])
	}
}

func hashStrings(v *Vector, idx []int32, out []uint64) {
	blank := v.Type.Kind == types.Char
	for k := range out {
		i := int32(k)
		if idx != nil {
			i = idx[k]
		}
		b := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		if blank {
			b = TrimBlanks(b)
		}
		out[k] = HashBytes(b)
	}
}

func hashLists(v *Vector, idx []int32, out []uint64) {
	elems := make([]uint64, v.Child.Len)
	var h Hasher
	h.Hash([]*Vector{v.Child}, nil, v.Child.Len, elems)
	for k := range out {
		i := int32(k)
		if idx != nil {
			i = idx[k]
		}
		from, to := v.Offsets[i], v.Offsets[i+1]
		x := uint64(to-from) * hashK1 // with K0, Combine would lose the first element
		for _, e := range elems[from:to] {
			x = Combine(x, e)
		}
		out[k] = x
	}
}
