// Package vector holds columns in Arrow's memory layout and batches of them.
//
// A vector's buffers are Arrow buffers (validity bitmap with the least
// significant bit first, fixed-width values, int32 offsets and bytes), with one
// difference: booleans take a byte each, since kernels read them one by one.
// ToArrow and FromArrow cross over without copying the rest.
package vector

import (
	"unsafe"

	"github.com/flintsql/flint/sql/types"
)

// BatchSize is the number of rows operators aim at in one batch.
const BatchSize = 8192

// Encoding says how a vector's rows map to its buffers.
type Encoding uint8

// The encodings.
const (
	Flat  Encoding = iota // row i is value i
	Const                 // every row is value 0
	Dict                  // row i is value Codes[i] of Dictionary
)

// Vector is one column of a batch. The zero validity (nil) means no NULLs.
// Data holds the fixed-width values (or the bytes of variable-length ones) in
// 8-byte aligned memory; use Values to see it typed.
type Vector struct {
	Type  types.Type
	Enc   Encoding
	Len   int    // rows; for Const the rows it stands for
	Valid []byte // bitmap of Len bits (1 bit for Const), nil = all valid; for Dict it is about rows, and the dictionary has no NULLs
	Data  []byte
	// Offsets has one entry more than values: StoreBytes into Data, StoreList into Child.
	Offsets []int32
	Child   *Vector

	Codes      []int32 // Dict: index into Dictionary for each row; any in-range code where the row is NULL
	Dictionary *Vector // Dict: Flat, no NULLs; entries need not be unique. Same pointer = same dictionary
}

// Alloc returns n zeroed bytes that are aligned to 8.
func Alloc(n int) []byte {
	if n == 0 {
		return nil
	}
	w := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)[:n]
}

// BytesOf views a typed slice as bytes, without copying.
func BytesOf[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z)))
}

// Values views the fixed-width values of a Flat or Const vector as []T, where T
// is the Go type of its storage. It must not be called with another width.
func Values[T any](v *Vector) []T {
	var z T
	n := len(v.Data) / int(unsafe.Sizeof(z))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v.Data))), n)
}

// New returns a Flat vector of n zero values (for variable lengths: n+1 zero
// offsets and no bytes).
func New(t types.Type, n int) *Vector {
	v := &Vector{Type: t, Len: n}
	switch s := t.Storage(); s {
	case types.StoreBytes:
		v.Offsets = make([]int32, n+1)
	case types.StoreList:
		v.Offsets = make([]int32, n+1)
		v.Child = New(ListElem(t), 0)
	default:
		v.Data = Alloc(n * s.Width())
	}
	return v
}

// ListElem returns the element type of a list-stored type.
func ListElem(t types.Type) types.Type {
	switch t.Kind {
	case types.Int2Vector:
		return types.Of(types.Int2)
	case types.OIDVector:
		return types.Of(types.OID)
	}
	return t.ElemType()
}

// FromSlice wraps a typed slice as a Flat vector without copying; T must be the
// Go type of t's storage.
func FromSlice[T any](t types.Type, s []T) *Vector {
	return &Vector{Type: t, Len: len(s), Data: BytesOf(s)}
}

// FromStrings makes a Flat vector of strings.
func FromStrings(t types.Type, s []string) *Vector {
	v := &Vector{Type: t, Len: len(s), Offsets: make([]int32, 1, len(s)+1)}
	for _, x := range s {
		v.Data = append(v.Data, x...)
		v.Offsets = append(v.Offsets, int32(len(v.Data)))
	}
	return v
}

// NewDict wraps codes and a dictionary; t is the dictionary's type.
func NewDict(codes []int32, dict *Vector) *Vector {
	return &Vector{Type: dict.Type, Enc: Dict, Len: len(codes), Codes: codes, Dictionary: dict}
}

// NullConst returns a Const vector of n NULLs.
func NullConst(t types.Type, n int) *Vector {
	v := New(t, 1)
	v.Enc, v.Len, v.Valid = Const, n, []byte{0}
	return v
}

// Index maps row i to the position of its value in the buffers of Flat (or of
// the Dictionary, when encoded so).
func (v *Vector) Index(i int) int {
	switch v.Enc {
	case Const:
		return 0
	case Dict:
		return int(v.Codes[i])
	}
	return i
}

// IsNull reports whether row i is NULL. Kernels on hot paths look at Valid
// themselves.
func (v *Vector) IsNull(i int) bool {
	if v.Valid == nil {
		return false
	}
	if v.Enc == Const {
		i = 0
	}
	return v.Valid[i>>3]&(1<<(i&7)) == 0
}

// SetNull marks row i of a Flat or Dict vector NULL (row 0 stands for all of a
// Const).
func (v *Vector) SetNull(i int) {
	if v.Valid == nil {
		n := v.Len
		if v.Enc == Const {
			n = 1
		}
		v.Valid = AllValid(n)
	}
	v.Valid[i>>3] &^= 1 << (i & 7)
}

// AllValid returns a bitmap of n set bits.
func AllValid(n int) []byte {
	b := Alloc((n + 7) / 8)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// Base returns the vector that holds the values: the dictionary of a Dict
// vector, else v itself.
func (v *Vector) Base() *Vector {
	if v.Enc == Dict {
		return v.Dictionary
	}
	return v
}

// Bytes returns the bytes of row i of a StoreBytes vector in any encoding,
// without copying; nil or stale bytes where the row is NULL.
func (v *Vector) Bytes(i int) []byte {
	b := v.Base()
	i = v.Index(i)
	return b.Data[b.Offsets[i]:b.Offsets[i+1]]
}

// Size returns the bytes of the vector's buffers. A dictionary counts once per
// vector that refers to it.
func (v *Vector) Size() int64 {
	data := len(v.Data)
	if len(v.Offsets) > 0 && v.Child == nil { // Data may reach beyond the rows
		data = int(v.Offsets[len(v.Offsets)-1] - v.Offsets[0])
	}
	n := int64(data + len(v.Valid) + 4*len(v.Offsets) + 4*len(v.Codes))
	if v.Child != nil {
		n += v.Child.Size()
	}
	if v.Dictionary != nil {
		n += v.Dictionary.Size()
	}
	return n
}
