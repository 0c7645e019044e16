// Package types holds Flint's SQL types: their PostgreSQL names and OIDs, and
// how their values are stored in columns.
package types

// Kind names a SQL type without its modifiers.
type Kind uint8

// The kinds. Unknown is the type of NULL and of untyped string literals until
// the analyzer resolves them (PostgreSQL's pseudo-type "unknown", which is sent
// to clients as text).
const (
	Unknown Kind = iota
	Bool
	Int2
	Int4
	Int8
	Float4
	Float8
	Numeric
	Text
	Varchar
	Char  // character(n), blank-padded semantics
	QChar // "char", one byte; pg_catalog only
	Name
	Bytea
	Date
	Time
	Timestamp
	TimestampTZ
	Interval
	UUID
	JSON
	JSONB
	OID
	RegClass
	RegType
	RegProc
	RegNamespace
	RegRole
	Int2Vector
	OIDVector
	Array
	Record
	Void
	AnyElement // only in function signatures
)

// Type is a SQL type with its modifiers. It is comparable with ==.
//
// For numeric, Precision and Scale state what Flint knows of the values:
// every value has exactly Scale digits after the point and at most Precision
// digits in all. Precision 0 means an unconstrained numeric, whose values carry
// their own scale. For varchar and char, Precision is the length limit (0 =
// none). For arrays, Elem is the element's kind and Precision/Scale are the
// element's.
type Type struct {
	Kind      Kind
	Elem      Kind
	Precision int16
	Scale     int16
}

// Storage says how a column of a type lies in memory (exec/vector).
type Storage uint8

// The storages, with the Go type of one value.
const (
	StoreBool     Storage = iota // uint8, 0 or 1
	StoreInt16                   // int16
	StoreInt32                   // int32; date: days since 1970-01-01
	StoreInt64                   // int64; timestamps: µs since 1970-01-01 UTC; time: µs since midnight; numeric(p≤18,s): coefficient; oid
	StoreFloat32                 // float32
	StoreFloat64                 // float64
	StoreInt128                  // value.Int128; numeric(18<p≤38,s): coefficient
	StoreNumeric                 // value.Numeric; unconstrained numeric
	StoreInterval                // value.Interval
	StoreBytes                   // variable length: int32 offsets and bytes
	StoreList                    // int32 offsets and a child vector
)

// Widths of the fixed storages in bytes.
var storageWidth = [...]int{
	StoreBool: 1, StoreInt16: 2, StoreInt32: 4, StoreInt64: 8, StoreFloat32: 4,
	StoreFloat64: 8, StoreInt128: 16, StoreNumeric: 24, StoreInterval: 16,
}

// Width returns the bytes of one value, or 0 for variable-length storages.
func (s Storage) Width() int {
	if int(s) < len(storageWidth) {
		return storageWidth[s]
	}
	return 0
}

// Storage returns how a column of this type is stored.
func (t Type) Storage() Storage {
	if t.Kind == Numeric {
		switch {
		case t.Precision == 0:
			return StoreNumeric
		case t.Precision <= 18:
			return StoreInt64
		default:
			return StoreInt128
		}
	}
	return info[t.Kind].storage
}

// Of returns the type of a kind without modifiers.
func Of(k Kind) Type { return Type{Kind: k} }

// NumericOf returns numeric with p digits, s of them after the point, 1 ≤ p ≤ 38.
// A precision over 38 gives the unconstrained numeric.
func NumericOf(p, s int) Type {
	if p > 38 || p < 1 || s < 0 || s > p {
		return Type{Kind: Numeric}
	}
	return Type{Kind: Numeric, Precision: int16(p), Scale: int16(s)}
}

// ArrayOf returns the type of arrays of elem; an array of arrays is the same
// type in PostgreSQL, so elem must not be an array.
func ArrayOf(elem Type) Type {
	return Type{Kind: Array, Elem: elem.Kind, Precision: elem.Precision, Scale: elem.Scale}
}

// ElemType returns the element type of an array.
func (t Type) ElemType() Type {
	return Type{Kind: t.Elem, Precision: t.Precision, Scale: t.Scale}
}

// IsInteger reports int2, int4 and int8.
func (t Type) IsInteger() bool { return t.Kind >= Int2 && t.Kind <= Int8 }

// IsFloat reports float4 and float8.
func (t Type) IsFloat() bool { return t.Kind == Float4 || t.Kind == Float8 }

// IsNumber reports every numeric category type.
func (t Type) IsNumber() bool { return t.Kind >= Int2 && t.Kind <= Numeric }

// IsString reports the string category: text, varchar, char, name, unknown.
func (t Type) IsString() bool {
	switch t.Kind {
	case Text, Varchar, Char, QChar, Name, Unknown:
		return true
	}
	return false
}

// IsReg reports oid and its alias types, which are all stored as int64.
func (t Type) IsReg() bool { return t.Kind >= OID && t.Kind <= RegRole }

// IsFixedNumeric reports a numeric with a static scale.
func (t Type) IsFixedNumeric() bool { return t.Kind == Numeric && t.Precision > 0 }

// Field is a named, typed column of a table or a batch.
type Field struct {
	Name     string
	Type     Type
	Nullable bool
}
