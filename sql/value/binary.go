package value

import (
	"encoding/binary"
	"math"

	"github.com/flintsql/flint/sql/types"
)

// PostgreSQL's epoch, 2000-01-01, in the units of dates and timestamps.
const (
	pgEpochDays   = 10_957
	pgEpochMicros = int64(pgEpochDays) * MicrosPerDay
)

// AppendBinary appends v as PostgreSQL's send function does, without a length
// word; NULL appends nothing.
func AppendBinary(dst []byte, v Value) []byte {
	if v.Null {
		return dst
	}
	switch v.Type.Kind {
	case types.Bool:
		return append(dst, byte(v.I))
	case types.Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(v.I))
	case types.Int4:
		return binary.BigEndian.AppendUint32(dst, uint32(v.I))
	case types.Int8, types.Time:
		return binary.BigEndian.AppendUint64(dst, uint64(v.I))
	case types.Float4:
		return binary.BigEndian.AppendUint32(dst, float32Bits(v.F))
	case types.Float8:
		return binary.BigEndian.AppendUint64(dst, float64Bits(v.F))
	case types.Numeric:
		return AppendNumericBinary(dst, v.Numeric())
	case types.Date:
		return AppendDateBinary(dst, int32(v.I))
	case types.Timestamp, types.TimestampTZ:
		return AppendTimestampBinary(dst, v.I)
	case types.Interval:
		return AppendIntervalBinary(dst, v.V)
	case types.JSONB:
		return append(append(dst, 1), v.S...) // the format's version
	case types.Array, types.Int2Vector, types.OIDVector:
		return appendArrayBinary(dst, v)
	}
	if v.Type.IsReg() {
		return binary.BigEndian.AppendUint32(dst, uint32(v.I))
	}
	return append(dst, v.S...)
}

// float64Bits gives every NaN the bits that PostgreSQL sends, not Go's.
func float64Bits(f float64) uint64 {
	if f != f {
		return 0x7ff8 << 48
	}
	return math.Float64bits(f)
}

func float32Bits(f float64) uint32 {
	if f != f {
		return 0x7fc0 << 16
	}
	return math.Float32bits(float32(f))
}

// AppendDateBinary appends a date: days since 2000-01-01.
func AppendDateBinary(dst []byte, days int32) []byte {
	if days != DateInfinity && days != DateNegInfinity {
		days -= pgEpochDays
	}
	return binary.BigEndian.AppendUint32(dst, uint32(days))
}

// AppendTimestampBinary appends a timestamp or timestamptz: µs since 2000-01-01.
func AppendTimestampBinary(dst []byte, us int64) []byte {
	if !isInfinite(us) {
		us -= pgEpochMicros
	}
	return binary.BigEndian.AppendUint64(dst, uint64(us))
}

// AppendIntervalBinary appends an interval: µs, days, months.
func AppendIntervalBinary(dst []byte, v Interval) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(v.Micros))
	dst = binary.BigEndian.AppendUint32(dst, uint32(v.Days))
	return binary.BigEndian.AppendUint32(dst, uint32(v.Months))
}

// Signs of the binary numeric.
const (
	numericPos    = 0x0000
	numericNeg    = 0x4000
	numericNaN    = 0xC000
	numericPosInf = 0xD000
	numericNegInf = 0xF000
)

// AppendNumericBinary appends a numeric: digit count, weight, sign, display
// scale, digits in base 10000.
func AppendNumericBinary(dst []byte, a Numeric) []byte {
	special := [...]uint16{NaN: numericNaN, PosInf: numericPosInf, NegInf: numericNegInf}
	if a.Kind != Finite {
		scale := uint16(0)
		if a.Kind != NaN {
			scale = 0x20 // what PostgreSQL's header of an infinity happens to hold
		}
		return appendWords(dst, 0, 0, special[a.Kind], scale)
	}
	var groups [16]uint16 // least significant first
	n := 0
	// Align the coefficient to whole groups after the point.
	fracGroups := (int(a.Scale) + 3) / 4
	m := a.Coef.magnitude()
	if pad := fracGroups*4 - int(a.Scale); pad > 0 && m != (uint128{}) {
		// The lowest group takes only 4-pad digits of the coefficient.
		q, r := m.divMod(uint128{lo: uint64(Pow10Int64[4-pad])})
		groups[0] = uint16(r.lo) * uint16(Pow10Int64[pad])
		m, n = q, 1
	}
	for m != (uint128{}) {
		q, r := m.divMod(uint128{lo: 10_000})
		groups[n] = uint16(r.lo)
		m = q
		n++
	}
	low := 0
	for low < n && groups[low] == 0 {
		low++
	}
	if low == n {
		return appendWords(dst, 0, 0, numericPos, uint16(a.Scale))
	}
	sign := uint16(numericPos)
	if a.Coef.Hi < 0 {
		sign = numericNeg
	}
	dst = appendWords(dst, uint16(n-low), uint16(n-1-fracGroups), sign, uint16(a.Scale))
	for i := n - 1; i >= low; i-- {
		dst = binary.BigEndian.AppendUint16(dst, groups[i])
	}
	return dst
}

func appendWords(dst []byte, words ...uint16) []byte {
	for _, w := range words {
		dst = binary.BigEndian.AppendUint16(dst, w)
	}
	return dst
}

// appendArrayBinary appends dimensions, a NULL flag, the element's OID, and the
// elements with their lengths.
func appendArrayBinary(dst []byte, v Value) []byte {
	elem := listElemType(v.Type)
	dims, hasNull, lower := uint32(1), uint32(0), uint32(1)
	if v.Type.Kind != types.Array {
		lower = 0 // the vector types count from 0
	} else if len(v.List) == 0 {
		dims = 0
	}
	for _, e := range v.List {
		if e.Null {
			hasNull = 1
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, dims)
	dst = binary.BigEndian.AppendUint32(dst, hasNull)
	dst = binary.BigEndian.AppendUint32(dst, elem.OID())
	if dims == 0 {
		return dst
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(v.List)))
	dst = binary.BigEndian.AppendUint32(dst, lower)
	for _, e := range v.List {
		if e.Null {
			dst = binary.BigEndian.AppendUint32(dst, math.MaxUint32)
			continue
		}
		at := len(dst)
		dst = AppendBinary(append(dst, 0, 0, 0, 0), e)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}
