package value

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// ParseBinary reads a value as PostgreSQL's receive function does. Errors are
// 08P01 for a short message, 22P03 for a wrong one.
func ParseBinary(t types.Type, b []byte, env Env) (Value, error) {
	v := Value{Type: t}
	r := binaryReader{b: b}
	switch t.Kind {
	case types.Bool:
		v.I = int64(btoi(r.byte() != 0))
	case types.Int2:
		v.I = int64(int16(r.uint16()))
	case types.Int4, types.Date:
		v.I = int64(int32(r.uint32()))
	case types.Int8, types.Time, types.Timestamp, types.TimestampTZ:
		v.I = int64(r.uint64())
	case types.Float4:
		v.F = float64(math.Float32frombits(r.uint32()))
	case types.Float8:
		v.F = math.Float64frombits(r.uint64())
	case types.Numeric:
		n, err := r.numeric()
		if err != nil || r.err != nil {
			return v, firstError(r.err, err)
		}
		if v, err = NumericValue(t, n); err != nil {
			return v, err
		}
	case types.Interval:
		v.V.Micros = int64(r.uint64())
		v.V.Days = int32(r.uint32())
		v.V.Months = int32(r.uint32())
	case types.Array, types.Int2Vector, types.OIDVector:
		return parseArrayBinary(t, b, env)
	default:
		if t.IsReg() {
			v.I = int64(r.uint32())
			break
		}
		return parseBytesBinary(t, b, env)
	}
	if r.err != nil {
		return v, r.err
	}
	if len(r.b) != 0 {
		return v, errBinary()
	}
	return checkBinary(v)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func errBinary() error { return sqlerr.New(sqlerr.InvalidBinary, "incorrect binary data format") }

// checkBinary moves dates to our epoch and checks ranges.
func checkBinary(v Value) (Value, error) {
	switch v.Type.Kind {
	case types.Date:
		if d := int32(v.I); d == DateInfinity || d == DateNegInfinity {
			return v, nil
		}
		v.I += pgEpochDays
		if v.I < minDate || v.I > maxDate {
			return v, ErrDateOutOfRange()
		}
	case types.Time:
		if v.I < 0 || v.I > MicrosPerDay {
			return v, sqlerr.New(sqlerr.DatetimeOverflow, "time out of range")
		}
	case types.Timestamp, types.TimestampTZ:
		if isInfinite(v.I) {
			return v, nil
		}
		if v.I > maxTimestamp-pgEpochMicros || v.I < minTimestamp-pgEpochMicros {
			return v, ErrTimestampOutOfRange()
		}
		v.I += pgEpochMicros
	}
	return v, nil
}

func parseBytesBinary(t types.Type, b []byte, env Env) (Value, error) {
	switch t.Kind {
	case types.Bytea:
		return Value{Type: t, S: string(b)}, nil
	case types.UUID:
		if len(b) != 16 {
			return Value{}, sqlerr.New(sqlerr.ProtocolViolation, "insufficient data left in message")
		}
		return Value{Type: t, S: string(b)}, nil
	case types.JSONB:
		if len(b) == 0 || b[0] != 1 {
			return Value{}, sqlerr.New(sqlerr.Internal, "unsupported jsonb version number %d", firstByte(b))
		}
		b = b[1:]
	}
	return ParseText(t, string(b), env)
}

func firstByte(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func parseArrayBinary(t types.Type, b []byte, env Env) (Value, error) {
	v := Value{Type: t}
	elem := listElemType(t)
	r := binaryReader{b: b}
	dims, flags, oid := r.uint32(), r.uint32(), r.uint32()
	if r.err != nil {
		return v, r.err
	}
	switch {
	case flags > 1:
		return v, sqlerr.New(sqlerr.InvalidBinary, "invalid array flags")
	case oid != elem.OID():
		return v, sqlerr.New(sqlerr.DatatypeMismatch, "wrong element type")
	case dims > 1:
		return v, sqlerr.New(sqlerr.FeatureNotSupported, "multidimensional arrays are not supported")
	case dims == 0:
		return v, nil
	}
	n := r.uint32()
	r.uint32() // the lower bound
	if r.err == nil && int64(n)*4 > int64(len(r.b)) {
		return v, sqlerr.New(sqlerr.ProtocolViolation, "insufficient data left in message")
	}
	for ; n > 0 && r.err == nil; n-- {
		size := int32(r.uint32())
		if size == -1 {
			v.List = append(v.List, NullOf(elem))
			continue
		}
		e, err := ParseBinary(elem, r.take(int(size)), env)
		if r.err == nil && err != nil {
			return v, err
		}
		v.List = append(v.List, e)
	}
	if r.err == nil && len(r.b) != 0 {
		return v, errBinary()
	}
	return v, r.err
}

// binaryReader reads big-endian words; after a short read, it returns zeros and
// keeps the error.
type binaryReader struct {
	b   []byte
	err error
}

func (r *binaryReader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.b) {
		r.err = sqlerr.New(sqlerr.ProtocolViolation, "insufficient data left in message")
		r.b = nil
		return nil
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *binaryReader) byte() byte {
	if x := r.take(1); x != nil {
		return x[0]
	}
	return 0
}

func (r *binaryReader) uint16() uint16 {
	if x := r.take(2); x != nil {
		return binary.BigEndian.Uint16(x)
	}
	return 0
}

func (r *binaryReader) uint32() uint32 {
	if x := r.take(4); x != nil {
		return binary.BigEndian.Uint32(x)
	}
	return 0
}

func (r *binaryReader) uint64() uint64 {
	if x := r.take(8); x != nil {
		return binary.BigEndian.Uint64(x)
	}
	return 0
}

// numeric reads the binary numeric; digits below the display scale are cut, as
// numeric_recv does.
func (r *binaryReader) numeric() (Numeric, error) {
	n, weight, sign, scale := int(r.uint16()), int(int16(r.uint16())), r.uint16(), int(r.uint16())
	switch sign {
	case numericNaN:
		return Numeric{Kind: NaN}, nil
	case numericPosInf:
		return Numeric{Kind: PosInf}, nil
	case numericNegInf:
		return Numeric{Kind: NegInf}, nil
	case numericPos, numericNeg:
	default:
		return Numeric{}, sqlerr.New(sqlerr.InvalidBinary, "invalid sign in external \"numeric\" value")
	}
	if scale > MaxScale {
		return Numeric{}, sqlerr.New(sqlerr.InvalidBinary, "invalid scale in external \"numeric\" value")
	}
	p := decimalParser{neg: sign == numericNeg}
	for i := 0; i < n && r.err == nil; i++ {
		d := r.uint16()
		if d > 9999 {
			return Numeric{}, sqlerr.New(sqlerr.InvalidBinary, "invalid digit in external \"numeric\" value")
		}
		for place := uint16(1000); place > 0; place /= 10 {
			p.digit(byte(d / place % 10))
		}
	}
	if p.overflow {
		return Numeric{}, ErrNumericOverflow()
	}
	// The digits read end at 10^(4*(weight-n+1)); bring them to the scale.
	exp := 4*(weight-n+1) + p.zeros
	c, drop := p.coef, -(exp + scale)
	if drop > 0 {
		c = c.ScaleDownTrunc(drop)
	} else {
		var over bool
		if c, over = c.ScaleUp(-drop); over {
			return Numeric{}, ErrNumericOverflow()
		}
	}
	if p.neg {
		c = c.Neg()
	}
	return finite(c, scale)
}

// checkUTF8 is PostgreSQL's check of text from clients.
func checkUTF8(s string) error {
	if utf8.ValidString(s) {
		for i := 0; i < len(s); i++ {
			if s[i] == 0 {
				return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00")
			}
		}
		return nil
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s",
				hexBytes(s[i:min(len(s), i+sequenceLength(s[i]))]))
		}
		i += n
	}
	return nil
}

// sequenceLength returns the bytes that a UTF-8 sequence promises by its first.
func sequenceLength(c byte) int {
	switch {
	case c&0xe0 == 0xc0:
		return 2
	case c&0xf0 == 0xe0:
		return 3
	case c&0xf8 == 0xf0:
		return 4
	}
	return 1
}

func hexBytes(s string) string {
	const digits = "0123456789abcdef"
	var b []byte
	for i := 0; i < len(s); i++ {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, '0', 'x', digits[s[i]>>4], digits[s[i]&15])
	}
	return string(b)
}
