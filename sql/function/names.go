package function

import "github.com/flintsql/flint/sql/types"

// Short names for signatures.
var (
	tBool        = types.Of(types.Bool)
	tInt2        = types.Of(types.Int2)
	tInt4        = types.Of(types.Int4)
	tInt8        = types.Of(types.Int8)
	tFloat4      = types.Of(types.Float4)
	tFloat8      = types.Of(types.Float8)
	tNumeric     = types.Of(types.Numeric)
	tText        = types.Of(types.Text)
	tVarchar     = types.Of(types.Varchar)
	tChar        = types.Of(types.Char)
	tQChar       = types.Of(types.QChar)
	tName        = types.Of(types.Name)
	tBytea       = types.Of(types.Bytea)
	tDate        = types.Of(types.Date)
	tTime        = types.Of(types.Time)
	tTimestamp   = types.Of(types.Timestamp)
	tTimestampTZ = types.Of(types.TimestampTZ)
	tInterval    = types.Of(types.Interval)
	tUUID        = types.Of(types.UUID)
	tOID         = types.Of(types.OID)
	tUnknown     = types.Of(types.Unknown)

	// anyElement and anyArray must agree within one call; anyType takes whatever comes, nonArrayType whatever is no array.
	anyElement = types.Of(types.AnyElement)
	anyArray   = types.Type{Kind: types.Array}
	anyType    = types.Type{Kind: types.AnyElement, Precision: 1}

	nonArrayType = types.Type{Kind: types.AnyElement, Precision: 2}

	// fixed and capped stand in signatures for numerics with a static scale:
	// those whose result cannot, and those whose result may leave 38 digits.
	fixed  = types.NumericOf(18, 0)
	capped = types.NumericOf(38, 0)
)

// sig builds a list of argument types.
func sig(ts ...types.Type) []types.Type { return ts }
