package value

import (
	"cmp"
	"encoding/binary"
	"math"
	"strings"

	"github.com/flintsql/flint/sql/types"
)

// Compare returns -1, 0 or 1 by PostgreSQL's order of a type: NaN is the
// greatest number, text is ordered by bytes, character(n) without its trailing
// blanks, NULL is greater than everything. a and b must be of one kind; the
// modifiers may differ.
func Compare(a, b Value) int {
	if a.Null || b.Null {
		return cmp.Compare(btoi(a.Null), btoi(b.Null))
	}
	switch a.Type.Kind {
	case types.Float4, types.Float8:
		return CompareFloat(a.F, b.F)
	case types.Numeric:
		return a.Numeric().Cmp(b.Numeric())
	case types.Interval:
		return a.V.Cmp(b.V)
	case types.Char:
		return strings.Compare(trimBlanks(a.S), trimBlanks(b.S))
	}
	switch a.Type.Storage() {
	case types.StoreBytes:
		return strings.Compare(a.S, b.S)
	case types.StoreList:
		return compareLists(a.List, b.List)
	}
	return cmp.Compare(a.I, b.I)
}

func compareLists(a, b []Value) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if c := Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// Equal reports Compare(a, b) == 0.
func Equal(a, b Value) bool { return Compare(a, b) == 0 }

// CompareFloat orders doubles with NaN equal to itself and above all others;
// -0 equals 0.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return cmp.Compare(btoi(a != a), btoi(b != b))
}

// FloatKey returns bits that are equal just for equal doubles: one NaN, one 0.
func FloatKey(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return 0x7ff8 << 48
	}
	return math.Float64bits(f)
}

// CharKey returns the text of a character(n) by which it is compared and hashed:
// without trailing blanks.
func CharKey(s string) string { return trimBlanks(s) }

func trimBlanks(s string) string { return strings.TrimRight(s, " ") }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Numeric returns the number of a value of type numeric or of an integer type,
// whatever its storage.
func (v Value) Numeric() Numeric {
	if v.Type.Kind != types.Numeric {
		return NumericFromInt64(v.I)
	}
	switch v.Type.Storage() {
	case types.StoreInt64:
		return NumericFromFixed64(v.I, int(v.Type.Scale))
	case types.StoreInt128:
		return NumericFromFixed(v.D, int(v.Type.Scale))
	}
	return v.N
}

// AppendKey appends bytes that are equal for two values of one kind just when
// Equal holds. NULL has a key of its own; keys of a sequence of values may be
// concatenated.
func AppendKey(dst []byte, v Value) []byte {
	if v.Null {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	switch v.Type.Kind {
	case types.Float4, types.Float8:
		return binary.LittleEndian.AppendUint64(dst, FloatKey(v.F))
	case types.Numeric:
		return AppendNumericKey(dst, v.Numeric())
	case types.Interval:
		return appendInt128Key(dst, v.V.Span())
	case types.Char:
		return appendBytesKey(dst, trimBlanks(v.S))
	}
	switch v.Type.Storage() {
	case types.StoreBytes:
		return appendBytesKey(dst, v.S)
	case types.StoreList:
		dst = binary.AppendUvarint(dst, uint64(len(v.List)))
		for _, e := range v.List {
			dst = AppendKey(dst, e)
		}
		return dst
	}
	return binary.LittleEndian.AppendUint64(dst, uint64(v.I))
}

// AppendNumericKey appends 19 bytes that are equal just for equal numerics.
func AppendNumericKey(dst []byte, a Numeric) []byte {
	n := a.Normalize()
	dst = appendInt128Key(dst, n.Coef)
	return append(binary.LittleEndian.AppendUint16(dst, uint16(n.Scale)), byte(n.Kind))
}

func appendInt128Key(dst []byte, a Int128) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, a.Lo)
	return binary.LittleEndian.AppendUint64(dst, uint64(a.Hi))
}

func appendBytesKey(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
