package vector

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// The metadata of a field tells the SQL type where Arrow's says less.
const (
	metaType      = "flint.type" // PostgreSQL's internal name, e.g. "int4" or "_text"
	metaPrecision = "flint.precision"
	metaScale     = "flint.scale"
)

// Field returns the Arrow field of a column. Its metadata names the SQL type.
func Field(f types.Field) (arrow.Field, error) {
	t, err := ArrowType(f.Type)
	keys, vals := []string{metaType}, []string{f.Type.InternalName()}
	if f.Type.Precision != 0 {
		keys = append(keys, metaPrecision, metaScale)
		vals = append(vals, strconv.Itoa(int(f.Type.Precision)), strconv.Itoa(int(f.Type.Scale)))
	}
	return arrow.Field{Name: f.Name, Type: t, Nullable: f.Nullable, Metadata: arrow.NewMetadata(keys, vals)}, err
}

// ArrowType returns the Arrow type whose layout a column of type t has. Two
// storages have none: a numeric without a static scale becomes 24 opaque bytes,
// and an interval 16 (Arrow's has nanoseconds, which can't hold every one of
// PostgreSQL's microseconds).
func ArrowType(t types.Type) (arrow.DataType, error) {
	switch s := t.Storage(); s {
	case types.StoreBool:
		return arrow.FixedWidthTypes.Boolean, nil
	case types.StoreInt16:
		return arrow.PrimitiveTypes.Int16, nil
	case types.StoreInt32:
		if t.Kind == types.Date {
			return arrow.FixedWidthTypes.Date32, nil
		}
		return arrow.PrimitiveTypes.Int32, nil
	case types.StoreInt64:
		return arrowInt64(t), nil
	case types.StoreFloat32:
		return arrow.PrimitiveTypes.Float32, nil
	case types.StoreFloat64:
		return arrow.PrimitiveTypes.Float64, nil
	case types.StoreInt128:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}, nil
	case types.StoreNumeric, types.StoreInterval:
		return &arrow.FixedSizeBinaryType{ByteWidth: s.Width()}, nil
	case types.StoreBytes:
		switch t.Kind {
		case types.Bytea, types.UUID, types.QChar, types.Record:
			return arrow.BinaryTypes.Binary, nil
		}
		return arrow.BinaryTypes.String, nil
	case types.StoreList:
		elem, err := ArrowType(ListElem(t))
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(elem), nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "type %s has no Arrow form", t)
}

func arrowInt64(t types.Type) arrow.DataType {
	switch t.Kind {
	case types.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case types.TimestampTZ:
		return arrow.FixedWidthTypes.Timestamp_us
	case types.Time:
		return arrow.FixedWidthTypes.Time64us
	case types.Numeric:
		return &arrow.Decimal64Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	}
	return arrow.PrimitiveTypes.Int64
}
