package write

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// column says how a column is stored.
type column struct {
	name     string
	kind     dbgen.Kind
	physical format.Type
	logical  format.LogicalTypeValue
	legacy   deprecated.ConvertedType
}

// wide are the columns that TPC-H tools keep as 64-bit integers although their values are small.
var wide = []string{"l_linenumber", "ps_availqty"}

// columnOf returns how a column of TPC-H is stored.
func columnOf(c *dbgen.Column) *column {
	out := &column{name: c.Name, kind: c.Kind}
	kind := c.Kind
	for _, name := range wide {
		if c.Name == name {
			kind = dbgen.Int64
		}
	}
	switch kind {
	case dbgen.Int64:
		out.physical, out.logical, out.legacy = format.Int64, &format.IntType{BitWidth: 64, IsSigned: true}, deprecated.Int64
	case dbgen.Int32:
		out.physical, out.logical, out.legacy = format.Int32, &format.IntType{BitWidth: 32, IsSigned: true}, deprecated.Int32
	case dbgen.Decimal:
		out.physical, out.logical, out.legacy = format.Int64, &format.DecimalType{Scale: 2, Precision: 15}, deprecated.Decimal
	case dbgen.Date:
		out.physical, out.logical, out.legacy = format.Int32, &format.DateType{}, deprecated.Date
	default:
		out.physical, out.logical, out.legacy = format.ByteArray, &format.StringType{}, deprecated.UTF8
	}
	return out
}

// element returns the column's entry in the footer's schema.
func (c *column) element() format.SchemaElement {
	e := format.SchemaElement{
		Name: c.name, Type: thrift.New(c.physical), RepetitionType: thrift.New(format.Required),
		ConvertedType: thrift.New(c.legacy), LogicalType: format.LogicalType{Value: c.logical},
	}
	if d, ok := c.logical.(*format.DecimalType); ok {
		e.Scale, e.Precision = thrift.New(d.Scale), thrift.New(d.Precision)
	}
	return e
}

// appendInt appends an integer as the column stores it.
func (c *column) appendInt(dst []byte, v int64) []byte {
	if c.physical == format.Int64 {
		return binary.LittleEndian.AppendUint64(dst, uint64(v))
	}
	return binary.LittleEndian.AppendUint32(dst, uint32(v))
}

// compare orders two encoded bounds.
func (c *column) compare(a, b []byte) int {
	switch c.physical {
	case format.Int64:
		return cmp.Compare(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
	case format.Int32:
		return cmp.Compare(int32(binary.LittleEndian.Uint32(a)), int32(binary.LittleEndian.Uint32(b)))
	}
	return bytes.Compare(a, b)
}
