package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// ToArrow returns v as an Arrow array of ArrowType(v.Type), or of a dictionary
// of it with int32 indices where v is Dict. It shares v's buffers, save that
// booleans become bits and a Const is expanded.
func ToArrow(v *Vector) (arrow.Array, error) {
	t, err := ArrowType(v.Type)
	if err != nil {
		return nil, err
	}
	if v.Enc != Dict {
		return array.MakeFromData(flatData(Flatten(v), t)), nil
	}
	d := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: t}
	data := array.NewDataWithDictionary(d, v.Len, []*memory.Buffer{validBuffer(v), buffer(BytesOf(v.Codes))}, nulls(v), 0, flatData(v.Dictionary, t))
	return array.MakeFromData(data), nil
}

// flatData describes a Flat vector's buffers in Arrow's order.
func flatData(v *Vector, t arrow.DataType) *array.Data {
	valid, n := validBuffer(v), nulls(v)
	switch s := v.Type.Storage(); s {
	case types.StoreBool:
		return array.NewData(t, v.Len, []*memory.Buffer{valid, buffer(packBools(v.Data[:v.Len]))}, nil, n, 0)
	case types.StoreBytes:
		return array.NewData(t, v.Len, []*memory.Buffer{valid, offsetBuffer(v), buffer(v.Data)}, nil, n, 0)
	case types.StoreList:
		child := flatData(Flatten(v.Child), t.(*arrow.ListType).Elem())
		return array.NewData(t, v.Len, []*memory.Buffer{valid, offsetBuffer(v)}, []arrow.ArrayData{child}, n, 0)
	default:
		return array.NewData(t, v.Len, []*memory.Buffer{valid, buffer(v.Data[:v.Len*s.Width()])}, nil, n, 0)
	}
}

// buffer wraps bytes that Go's collector owns. Arrow takes a missing buffer for
// absent data, so an empty one is given as such.
func buffer(b []byte) *memory.Buffer {
	if b == nil {
		b = []byte{}
	}
	return memory.NewBufferBytes(b)
}

func offsetBuffer(v *Vector) *memory.Buffer {
	if len(v.Offsets) == 0 {
		return buffer(Alloc(4))
	}
	return buffer(BytesOf(v.Offsets[:v.Len+1]))
}

func validBuffer(v *Vector) *memory.Buffer {
	if v.Valid == nil {
		return nil
	}
	return buffer(v.Valid[:(v.Len+7)/8])
}

// nulls leaves counting to who asks.
func nulls(v *Vector) int {
	if v.Valid == nil {
		return 0
	}
	return array.UnknownNullCount
}

func packBools(b []byte) []byte {
	bits := Alloc((len(b) + 7) / 8)
	for i, x := range b {
		bits[i>>3] |= (x & 1) << (i & 7)
	}
	return bits
}

// Record returns the selected rows of b as an Arrow record; fields name and type
// its columns. It shares b's buffers as ToArrow does, where b has no selection.
func (b *Batch) Record(fields []types.Field) (arrow.RecordBatch, error) {
	if len(fields) != len(b.Cols) {
		return nil, sqlerr.New(sqlerr.Internal, "%d fields for %d columns", len(fields), len(b.Cols))
	}
	b = b.Compact()
	cols := make([]arrow.Array, len(b.Cols))
	fs := make([]arrow.Field, len(b.Cols))
	for i, v := range b.Cols {
		var err error
		if cols[i], err = ToArrow(v); err != nil {
			return nil, err
		}
		if fs[i], err = Field(fields[i]); err != nil {
			return nil, err
		}
		fs[i].Type = cols[i].DataType()
		// What is declared NOT NULL may hold NULLs in the padding of outer joins.
		fs[i].Nullable = true
	}
	return array.NewRecordBatch(arrow.NewSchema(fs, nil), cols, int64(b.Rows)), nil
}
