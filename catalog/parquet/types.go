package parquet

import (
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// leafType says how the values of a leaf column become SQL values.
type leafType struct {
	typ      types.Type
	physical format.Type
	width    int // bytes of a PLAIN value; 0 = length-prefixed
	convert  conversion
	factor   int64 // of the conversions that scale
	unsigned bool  // the deprecated statistics have the wrong order
}

// conversion names the step from the physical layout to the vector's.
type conversion uint8

const (
	asIs           conversion = iota
	bitsToBool                // one bit a value → one byte
	int32ToInt16              // int8, int16 and uint8
	int32ToInt64              // signed; times factor
	uint32ToInt64             // zero-extended
	int64Times                // times factor, e.g. ms → µs
	int64Div                  // divided by factor, rounded down: ns → µs
	int64ToInt128             // signed
	uint64ToInt128            // zero-extended
	int96ToMicros             // Julian day and nanoseconds of the day
	float16ToFloat            // IEEE half
	bigEndian64               // two's complement, big-endian, fixed or variable length
	bigEndian128              //
	toInterval                // months, days, milliseconds
	fixedToBytes              // fixed length → offsets and bytes
)

// decimal returns a leaf's decimal annotation.
func (e *schemaElement) decimal() (precision, scale int, ok bool) {
	if e.logical.kind == logicalDecimal {
		return e.logical.precision, e.logical.scale, true
	}
	return e.precision, e.scale, e.converted == deprecated.Decimal
}

// typeOfLeaf maps a leaf of the schema to SQL.
func typeOfLeaf(e *schemaElement) (*leafType, error) {
	l := &leafType{physical: e.physical}
	if p, s, ok := e.decimal(); ok {
		return l, l.decimal(e, p, s)
	}
	switch e.physical {
	case format.Boolean:
		l.typ, l.convert, l.width = types.Of(types.Bool), bitsToBool, 1
	case format.Int32:
		l.width = 4
		l.int32(e)
	case format.Int64:
		l.width = 8
		l.int64(e)
	case format.Int96:
		l.typ, l.convert, l.width = types.Of(types.Timestamp), int96ToMicros, 12
	case format.Float:
		l.typ, l.width = types.Of(types.Float4), 4
	case format.Double:
		l.typ, l.width = types.Of(types.Float8), 8
	case format.ByteArray:
		l.bytes(e)
	case format.FixedLenByteArray:
		if e.typeLength <= 0 || e.typeLength > 1<<20 {
			return nil, corrupt("column %q has length %d", e.name, e.typeLength)
		}
		l.width = e.typeLength
		l.fixed(e)
	default:
		return nil, corrupt("column %q has the unknown physical type %d", e.name, int(e.physical))
	}
	return l, nil
}

func (l *leafType) decimal(e *schemaElement, p, s int) error {
	if p > 38 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "decimals of more than 38 digits are not supported: column %q has %d", e.name, p)
	}
	if p < 1 || s < 0 || s > p {
		return corrupt("column %q is decimal(%d,%d)", e.name, p, s)
	}
	l.typ = types.NumericOf(p, s)
	wide := l.typ.Storage() == types.StoreInt128
	switch {
	case e.physical == format.Int32 && !wide:
		l.width, l.convert, l.factor = 4, int32ToInt64, 1
	case e.physical == format.Int64 && !wide:
		l.width = 8
	case e.physical == format.Int64:
		l.width, l.convert = 8, int64ToInt128
	case e.physical == format.FixedLenByteArray && e.typeLength > 0 && e.typeLength <= 256, e.physical == format.ByteArray:
		l.width, l.convert = e.typeLength, bigEndian64
		if e.physical == format.ByteArray {
			l.width = 0
		}
		if wide {
			l.convert = bigEndian128
		}
	default:
		return corrupt("column %q is a decimal of physical type %v", e.name, e.physical)
	}
	return nil
}

func (l *leafType) int32(e *schemaElement) {
	switch {
	case e.logical.kind == logicalDate || e.converted == deprecated.Date:
		l.typ = types.Of(types.Date)
	case e.logical.kind == logicalTime || e.converted == deprecated.TimeMillis:
		l.typ, l.convert, l.factor = types.Of(types.Time), int32ToInt64, 1000
	case e.integer(32, false, deprecated.Uint32):
		l.typ, l.convert, l.unsigned = types.Of(types.Int8), uint32ToInt64, true
	case e.integer(8, true, deprecated.Int8), e.integer(16, true, deprecated.Int16), e.integer(8, false, deprecated.Uint8):
		l.typ, l.convert = types.Of(types.Int2), int32ToInt16
	default:
		l.typ = types.Of(types.Int4)
	}
}

// integer reports an integer annotation, new or old.
func (e *schemaElement) integer(bits int, signed bool, old deprecated.ConvertedType) bool {
	if e.logical.kind == logicalInteger {
		return e.logical.bits == bits && e.logical.signed == signed
	}
	return e.converted == old
}

func (l *leafType) int64(e *schemaElement) {
	switch {
	case e.logical.kind == logicalTimestamp:
		l.typ = types.Of(types.Timestamp)
		if e.logical.utc {
			l.typ = types.Of(types.TimestampTZ)
		}
		l.unit(e.logical.unit)
	case e.logical.kind == logicalTime:
		l.typ = types.Of(types.Time)
		l.unit(e.logical.unit)
	case e.converted == deprecated.TimestampMillis, e.converted == deprecated.TimestampMicros:
		l.typ = types.Of(types.TimestampTZ)
		if e.converted == deprecated.TimestampMillis {
			l.unit(1)
		}
	case e.converted == deprecated.TimeMicros:
		l.typ = types.Of(types.Time)
	case e.integer(64, false, deprecated.Uint64):
		l.typ, l.convert, l.unsigned = types.NumericOf(20, 0), uint64ToInt128, true
	default:
		l.typ = types.Of(types.Int8)
	}
}

// unit sets the conversion of a time unit to microseconds.
func (l *leafType) unit(u int16) {
	switch u {
	case 1:
		l.convert, l.factor = int64Times, 1000
	case 3:
		l.convert, l.factor = int64Div, 1000
	}
}

func (l *leafType) bytes(e *schemaElement) {
	switch {
	case e.logical.kind == logicalString, e.logical.kind == logicalEnum, e.converted == deprecated.UTF8, e.converted == deprecated.Enum:
		l.typ = types.Of(types.Text)
	case e.logical.kind == logicalJSON, e.converted == deprecated.Json:
		l.typ = types.Of(types.JSON)
	default:
		l.typ = types.Of(types.Bytea)
	}
}

func (l *leafType) fixed(e *schemaElement) {
	switch {
	case e.logical.kind == logicalFloat16 && l.width == 2:
		l.typ, l.convert = types.Of(types.Float4), float16ToFloat
	case e.converted == deprecated.Interval && l.width == 12:
		l.typ, l.convert = types.Of(types.Interval), toInterval
	case e.logical.kind == logicalUUID && l.width == 16:
		l.typ, l.convert = types.Of(types.UUID), fixedToBytes
	default:
		l.typ, l.convert = types.Of(types.Bytea), fixedToBytes
	}
}

// ordered reports whether minima and maxima of the leaf follow SQL's order.
func (l *leafType) ordered() bool {
	switch {
	case l.convert == int96ToMicros, l.convert == toInterval, l.convert == float16ToFloat, l.typ.Kind == types.JSON:
		return false
	}
	return true
}
