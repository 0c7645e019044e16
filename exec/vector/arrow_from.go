package vector

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// FromArrow returns an Arrow array as a vector of type t, whose ArrowType the
// array, or the values of a dictionary with int32 indices, must have; else
// 42804. It shares the array's buffers save booleans, and the validity of an
// array sliced within a byte: arr must be kept as long as the vector, where its
// memory isn't Go's.
func FromArrow(arr arrow.Array, t types.Type) (*Vector, error) {
	want, err := ArrowType(t)
	if err != nil {
		return nil, err
	}
	if d, ok := arr.(*array.Dictionary); ok {
		dt := d.DataType().(*arrow.DictionaryType)
		if dt.IndexType.ID() != arrow.INT32 || !arrow.TypeEqual(dt.ValueType, want) {
			return nil, mismatch(arr, t)
		}
		return fromDictionary(d, t)
	}
	if !arrow.TypeEqual(arr.DataType(), want) {
		return nil, mismatch(arr, t)
	}
	return fromFlat(arr, t)
}

// FromRecord returns an Arrow record as a batch whose columns have the types of fields.
func FromRecord(rec arrow.RecordBatch, fields []types.Field) (*Batch, error) {
	if int(rec.NumCols()) != len(fields) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "Arrow record has %d columns, not %d", rec.NumCols(), len(fields))
	}
	b := &Batch{Rows: int(rec.NumRows()), Cols: make([]*Vector, len(fields))}
	for i, f := range fields {
		var err error
		if b.Cols[i], err = FromArrow(rec.Column(i), f.Type); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func mismatch(arr arrow.Array, t types.Type) error {
	return sqlerr.New(sqlerr.DatatypeMismatch, "Arrow type %s is not that of %s", arr.DataType(), t)
}

func fromFlat(arr arrow.Array, t types.Type) (*Vector, error) {
	data := arr.Data()
	n, off := data.Len(), data.Offset()
	v := &Vector{Type: t, Len: n, Valid: validOf(arr)}
	switch s := t.Storage(); s {
	case types.StoreBool:
		v.Data = Alloc(n)
		bits := bufferOf(data, 1)
		for i := range v.Data {
			v.Data[i] = bits[(off+i)>>3] >> ((off + i) & 7) & 1
		}
	case types.StoreBytes:
		v.Offsets, v.Data = offsetsOf(data), bufferOf(data, 2)
	case types.StoreList:
		v.Offsets = offsetsOf(data)
		child, err := FromArrow(array.MakeFromData(data.Children()[0]), ListElem(t))
		if err != nil {
			return nil, err
		}
		v.Child = Flatten(child)
	default:
		if n > 0 {
			w := s.Width()
			v.Data = aligned(bufferOf(data, 1)[off*w:(off+n)*w], min(w, 8))
		}
	}
	return v, nil
}

func bufferOf(data arrow.ArrayData, i int) []byte {
	if b := data.Buffers()[i]; b != nil {
		return b.Bytes()
	}
	return nil
}

// aligned copies b where it isn't aligned to w bytes, which Arrow asks of buffers but leaves unsaid of memory from elsewhere.
func aligned(b []byte, w int) []byte {
	if len(b) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(w) == 0 {
		return b
	}
	c := Alloc(len(b))
	copy(c, b)
	return c
}

func offsetsOf(data arrow.ArrayData) []int32 {
	b, n := bufferOf(data, 1), data.Len()
	if len(b) < 4*(data.Offset()+n+1) {
		return make([]int32, n+1) // only an empty array may do without
	}
	return int32sOf(b, data.Offset(), n+1)
}

func int32sOf(b []byte, off, n int) []int32 {
	if n == 0 {
		return nil
	}
	b = aligned(b[4*off:4*(off+n)], 4)
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// validOf returns the validity of an array from its own first row on.
func validOf(arr arrow.Array) []byte {
	if arr.NullN() == 0 || arr.Data().Buffers()[0] == nil {
		return nil
	}
	b, off, n := arr.Data().Buffers()[0].Bytes(), arr.Data().Offset(), arr.Len()
	if off%8 == 0 {
		return b[off/8 : (off+n+7)/8]
	}
	out := Alloc((n + 7) / 8)
	for i := 0; i < n; i++ {
		out[i>>3] |= b[(off+i)>>3] >> ((off + i) & 7) & 1 << (i & 7)
	}
	return out
}

// fromDictionary moves NULLs among the dictionary's entries to the rows, and
// makes sure that every code is in range.
func fromDictionary(d *array.Dictionary, t types.Type) (*Vector, error) {
	dict, err := fromFlat(d.Dictionary(), t)
	if err != nil {
		return nil, err
	}
	n := d.Len()
	v := &Vector{Type: t, Enc: Dict, Len: n, Valid: validOf(d), Codes: int32sOf(bufferOf(d.Data(), 1), d.Data().Offset(), n), Dictionary: dict}
	shared := true
	for i, c := range v.Codes {
		null := v.IsNull(i)
		in := c >= 0 && int(c) < dict.Len
		if !in && !null {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "Arrow dictionary has %d entries, row %d refers to %d", dict.Len, i, c)
		}
		if (!in && c != 0) || (in && !null && dict.IsNull(int(c))) {
			if shared {
				v.Codes, v.Valid, shared = append([]int32(nil), v.Codes...), append([]byte(nil), v.Valid...), false
				if len(v.Valid) == 0 {
					v.Valid = nil
				}
			}
			v.Codes[i] = 0
			v.SetNull(i)
		}
	}
	dict.Valid = nil
	return v, nil
}
