package parquet

import (
	"encoding/binary"
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// outWidth returns the bytes of a value in a vector, 0 for variable lengths.
func (l *leafType) outWidth() int { return l.typ.Storage().Width() }

// julianEpoch is the Julian day of 1970-01-01.
const julianEpoch = 2440588

// toVector converts n PLAIN values of fixed width into dst, which has room for
// them in the vector's layout. src holds all of them.
func (l *leafType) toVector(dst, src []byte, n int) {
	out := &vector.Vector{Data: dst}
	switch l.convert {
	case asIs:
		copy(dst, src[:n*l.width])
	case bitsToBool:
		for i := range dst[:n] {
			dst[i] = src[i>>3] >> (i & 7) & 1
		}
	case int32ToInt16:
		for i, o := 0, vector.Values[int16](out); i < n; i++ {
			o[i] = int16(int32(binary.LittleEndian.Uint32(src[4*i:])))
		}
	case int32ToInt64:
		for i, o := 0, vector.Values[int64](out); i < n; i++ {
			o[i] = int64(int32(binary.LittleEndian.Uint32(src[4*i:]))) * l.factor
		}
	case uint32ToInt64:
		for i, o := 0, vector.Values[int64](out); i < n; i++ {
			o[i] = int64(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case int64Times, int64Div:
		l.scale(vector.Values[int64](out), src, n)
	case int64ToInt128:
		for i, o := 0, vector.Values[value.Int128](out); i < n; i++ {
			o[i] = value.Int128From(int64(binary.LittleEndian.Uint64(src[8*i:])))
		}
	case uint64ToInt128:
		for i, o := 0, vector.Values[value.Int128](out); i < n; i++ {
			o[i] = value.Int128FromUint64(binary.LittleEndian.Uint64(src[8*i:]))
		}
	default:
		for i := range n {
			l.one(out, i, src[i*l.width:(i+1)*l.width])
		}
	}
}

// scale changes the unit of timestamps and times. Values that overflow become
// infinite, as the greatest and least that a timestamp can be.
func (l *leafType) scale(dst []int64, src []byte, n int) {
	limit := math.MaxInt64 / l.factor
	for i := range n {
		v := int64(binary.LittleEndian.Uint64(src[8*i:]))
		switch {
		case l.convert == int64Div:
			q := v / l.factor
			if v%l.factor < 0 {
				q--
			}
			v = q
		case v > limit:
			v = value.TimestampInfinity
		case v < -limit:
			v = value.TimestampNegInfinity
		default:
			v *= l.factor
		}
		dst[i] = v
	}
}

// one converts a value of the rare layouts into position i of out.
func (l *leafType) one(out *vector.Vector, i int, b []byte) {
	switch l.convert {
	case int96ToMicros:
		nanos := int64(binary.LittleEndian.Uint64(b))
		day := int64(int32(binary.LittleEndian.Uint32(b[8:]))) - julianEpoch
		vector.Values[int64](out)[i] = day*value.MicrosPerDay + nanos/1000
	case float16ToFloat:
		vector.Values[float32](out)[i] = halfToFloat(binary.LittleEndian.Uint16(b))
	case bigEndian64:
		vector.Values[int64](out)[i] = bigEndian(b).Int64()
	case bigEndian128:
		vector.Values[value.Int128](out)[i] = bigEndian(b)
	case toInterval:
		vector.Values[value.Interval](out)[i] = value.Interval{
			Months: int32(binary.LittleEndian.Uint32(b)), Days: int32(binary.LittleEndian.Uint32(b[4:])),
			Micros: int64(binary.LittleEndian.Uint32(b[8:])) * 1000,
		}
	}
}

// bigEndian reads a two's complement integer of any length; bytes beyond 16
// are sign extension in any decimal of at most 38 digits.
func bigEndian(b []byte) value.Int128 {
	if len(b) == 0 {
		return value.Int128{}
	}
	sign := uint64(int64(int8(b[0])) >> 63)
	if len(b) > 16 {
		b = b[len(b)-16:]
	}
	hi, lo := sign, sign
	for _, x := range b {
		hi, lo = hi<<8|lo>>56, lo<<8|uint64(x)
	}
	return value.Int128{Lo: lo, Hi: int64(hi)}
}

// halfToFloat widens an IEEE 754 half.
func halfToFloat(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch {
	case exp == 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
	f := float32(frac) / (1 << 24)
	if sign != 0 {
		f = -f
	}
	return f
}

// valueOf decodes a bound of the statistics; ok is false for wrong lengths.
func (l *leafType) valueOf(b []byte) (v value.Value, ok bool) {
	if l.width == 0 && l.convert == asIs || l.convert == fixedToBytes {
		return value.Value{Type: l.typ, S: string(b)}, true
	}
	w := l.width
	if w == 0 {
		w = len(b)
	}
	if len(b) != w || w == 0 {
		return v, false
	}
	out := vector.New(l.typ, 1)
	if l.width == 0 {
		l.one(out, 0, b)
	} else {
		l.toVector(out.Data, b, 1)
	}
	v = out.Get(0)
	if l.typ.IsFloat() && v.F != v.F {
		return v, false
	}
	return v, true
}

// isBytes reports whether values are kept as offsets and bytes.
func (l *leafType) isBytes() bool { return l.typ.Storage() == types.StoreBytes }
