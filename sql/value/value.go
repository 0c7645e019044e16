// Package value holds single SQL values: scalars, their ordering, their
// PostgreSQL text and binary forms, and 128-bit integers.
package value

import "github.com/flintsql/flint/sql/types"

// Int128 is a two's complement 128-bit integer in Arrow's decimal128 layout
// (little-endian: low word first).
type Int128 struct {
	Lo uint64
	Hi int64
}

// NumericKind tells finite numbers from PostgreSQL's special numerics.
type NumericKind uint8

// The numeric kinds, in their sort order except that Finite lies between the
// infinities and NaN is the largest.
const (
	Finite NumericKind = iota
	NaN
	PosInf
	NegInf
)

// Numeric is an unconstrained numeric: Coef × 10^-Scale. Scale is the display
// scale, as in PostgreSQL: 1.50 and 1.5 are equal but print differently.
type Numeric struct {
	Coef  Int128
	Scale int16
	Kind  NumericKind
	_     [5]byte
}

// Interval is a PostgreSQL interval; its parts have signs of their own.
type Interval struct {
	Months int32
	Days   int32
	Micros int64
}

// Infinities of dates and timestamps, as in PostgreSQL.
const (
	DateInfinity         = int32(1<<31 - 1)
	DateNegInfinity      = int32(-1 << 31)
	TimestampInfinity    = int64(1<<63 - 1)
	TimestampNegInfinity = int64(-1 << 63)
)

// Value is one SQL value. Which field holds it follows from Type.Storage():
// Bool, Int16, Int32, Int64 → I; Float32, Float64 → F; Int128 → D;
// Numeric → N; Interval → V; Bytes → S; List → List.
type Value struct {
	Type types.Type
	Null bool
	I    int64
	F    float64
	D    Int128
	N    Numeric
	V    Interval
	S    string
	List []Value
}

// NullOf returns the NULL of a type.
func NullOf(t types.Type) Value { return Value{Type: t, Null: true} }

// Int8 returns a bigint.
func Int8(v int64) Value { return Value{Type: types.Of(types.Int8), I: v} }

// Int4 returns an integer.
func Int4(v int32) Value { return Value{Type: types.Of(types.Int4), I: int64(v)} }

// Float8 returns a double precision.
func Float8(v float64) Value { return Value{Type: types.Of(types.Float8), F: v} }

// Text returns a text.
func Text(s string) Value { return Value{Type: types.Of(types.Text), S: s} }

// Bool returns a boolean.
func Bool(b bool) Value {
	v := Value{Type: types.Of(types.Bool)}
	if b {
		v.I = 1
	}
	return v
}
