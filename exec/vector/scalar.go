package vector

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Get returns row i as a scalar. It is for edges (constants, tests, the wire's
// rare types), not for kernels.
func (v *Vector) Get(i int) value.Value {
	if v.IsNull(i) {
		return value.NullOf(v.Type)
	}
	x := value.Value{Type: v.Type}
	b := v.Base()
	i = v.Index(i)
	switch v.Type.Storage() {
	case types.StoreBool:
		x.I = int64(b.Data[i])
	case types.StoreInt16:
		x.I = int64(Values[int16](b)[i])
	case types.StoreInt32:
		x.I = int64(Values[int32](b)[i])
	case types.StoreInt64:
		x.I = Values[int64](b)[i]
	case types.StoreFloat32:
		x.F = float64(Values[float32](b)[i])
	case types.StoreFloat64:
		x.F = Values[float64](b)[i]
	case types.StoreInt128:
		x.D = Values[value.Int128](b)[i]
	case types.StoreNumeric:
		x.N = Values[value.Numeric](b)[i]
	case types.StoreInterval:
		x.V = Values[value.Interval](b)[i]
	case types.StoreBytes:
		x.S = string(b.Data[b.Offsets[i]:b.Offsets[i+1]])
	case types.StoreList:
		for k := b.Offsets[i]; k < b.Offsets[i+1]; k++ {
			x.List = append(x.List, b.Child.Get(int(k)))
		}
	}
	return x
}

// FromValue returns a Const vector of n rows.
func FromValue(x value.Value, n int) *Vector {
	b := NewBuilder(x.Type, 1)
	b.Append(x)
	v := b.Finish()
	v.Enc, v.Len = Const, n
	return v
}

// Builder makes a Flat vector from scalars, row by row. It is for edges, not
// for kernels.
type Builder struct {
	v     *Vector
	data  []uint64 // fixed-width values, so that Data stays aligned
	n     int
	child *Builder
}

// NewBuilder returns a builder for a type.
func NewBuilder(t types.Type, capacity int) *Builder {
	b := &Builder{v: &Vector{Type: t}}
	switch t.Storage() {
	case types.StoreBytes:
		b.v.Offsets = make([]int32, 1, capacity+1)
	case types.StoreList:
		b.v.Offsets = make([]int32, 1, capacity+1)
		b.child = NewBuilder(ListElem(t), capacity)
	}
	return b
}

// Append adds a scalar, which must have the builder's type or be NULL.
func (b *Builder) Append(x value.Value) {
	i := b.n
	b.n++
	if b.v.Valid != nil || x.Null {
		if b.v.Valid == nil {
			b.v.Valid = AllValid(i + 1)
		}
		for len(b.v.Valid)*8 <= i {
			b.v.Valid = append(b.v.Valid, 0xff)
		}
		if x.Null {
			b.v.Valid[i>>3] &^= 1 << (i & 7)
		}
	}
	switch s := b.v.Type.Storage(); s {
	case types.StoreBytes:
		if !x.Null {
			b.v.Data = append(b.v.Data, x.S...)
		}
		b.v.Offsets = append(b.v.Offsets, int32(len(b.v.Data)))
	case types.StoreList:
		for _, e := range x.List {
			b.child.Append(e)
		}
		b.v.Offsets = append(b.v.Offsets, int32(b.child.n))
	default:
		b.put(i, s, x)
	}
}

func (b *Builder) put(i int, s types.Storage, x value.Value) {
	for len(b.data)*8 < (i+1)*s.Width() {
		b.data = append(b.data, 0)
	}
	b.v.Data = BytesOf(b.data)[:(i+1)*s.Width()]
	if x.Null {
		return
	}
	switch s {
	case types.StoreBool:
		b.v.Data[i] = byte(x.I)
	case types.StoreInt16:
		Values[int16](b.v)[i] = int16(x.I)
	case types.StoreInt32:
		Values[int32](b.v)[i] = int32(x.I)
	case types.StoreInt64:
		Values[int64](b.v)[i] = x.I
	case types.StoreFloat32:
		Values[float32](b.v)[i] = float32(x.F)
	case types.StoreFloat64:
		Values[float64](b.v)[i] = x.F
	case types.StoreInt128:
		Values[value.Int128](b.v)[i] = x.D
	case types.StoreNumeric:
		Values[value.Numeric](b.v)[i] = x.N
	case types.StoreInterval:
		Values[value.Interval](b.v)[i] = x.V
	}
}

// Len returns the rows appended so far.
func (b *Builder) Len() int { return b.n }

// Finish returns the vector; the builder must not be used again.
func (b *Builder) Finish() *Vector {
	b.v.Len = b.n
	if b.child != nil {
		b.v.Child = b.child.Finish()
	}
	return b.v
}
