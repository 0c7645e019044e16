package value

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"

	"github.com/flintsql/flint/sql/types"
)

// AppendText appends v as PostgreSQL's output function prints it; NULL appends
// nothing. A uuid's and a bytea's S hold raw bytes; every other byte type's S is
// its text.
func AppendText(dst []byte, v Value, env Env) []byte {
	if v.Null {
		return dst
	}
	switch v.Type.Kind {
	case types.Bool:
		return AppendBool(dst, v.I != 0)
	case types.Float4:
		return AppendFloat4(dst, float32(v.F), env.ExtraFloatDigits)
	case types.Float8:
		return AppendFloat8(dst, v.F, env.ExtraFloatDigits)
	case types.Numeric:
		return appendNumericValue(dst, v)
	case types.Bytea:
		return AppendBytea(dst, v.S, env.ByteaEscape)
	case types.Date:
		return AppendDate(dst, int32(v.I))
	case types.Time:
		return AppendTime(dst, v.I)
	case types.Timestamp:
		return AppendTimestamp(dst, v.I)
	case types.TimestampTZ:
		return AppendTimestampTZ(dst, v.I, env.Location)
	case types.Interval:
		return AppendInterval(dst, v.V)
	case types.UUID:
		return AppendUUID(dst, v.S)
	case types.Int2Vector, types.OIDVector:
		return appendVector(dst, v.List)
	case types.Array:
		return appendArray(dst, v, env)
	case types.RegClass, types.RegType, types.RegProc, types.RegNamespace, types.RegRole:
		// The names live in the catalog, which resolves them before output; an
		// unknown object prints as its OID, and 0 as a dash.
		if v.I == 0 {
			return append(dst, '-')
		}
	}
	if v.Type.Storage() == types.StoreBytes {
		return append(dst, v.S...)
	}
	return strconv.AppendInt(dst, v.I, 10)
}

func appendNumericValue(dst []byte, v Value) []byte {
	switch v.Type.Storage() {
	case types.StoreInt64:
		return AppendNumeric64(dst, v.I, int(v.Type.Scale))
	case types.StoreInt128:
		return AppendFixed128(dst, v.D, int(v.Type.Scale))
	}
	return AppendNumeric(dst, v.N)
}

// AppendBool appends t or f.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 't')
	}
	return append(dst, 'f')
}

// AppendInt appends an integer in decimal.
func AppendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// AppendFloat8 appends f: the shortest text that reads back as f when
// extraDigits > 0, else %.*g of 15+extraDigits digits.
func AppendFloat8(dst []byte, f float64, extraDigits int) []byte {
	if extraDigits > 0 {
		return appendFloat(dst, f, -1, 15, 64)
	}
	return appendFloat(dst, f, max(15+extraDigits, 1), max(15+extraDigits, 1), 64)
}

// AppendFloat4 is AppendFloat8 for a real, of 6+extraDigits digits.
func AppendFloat4(dst []byte, f float32, extraDigits int) []byte {
	if extraDigits > 0 {
		return appendFloat(dst, float64(f), -1, 6, 32)
	}
	return appendFloat(dst, float64(f), max(6+extraDigits, 1), max(6+extraDigits, 1), 32)
}

// appendFloat prints digits significant digits (-1 = shortest). The exponent
// form begins at 10^limit, as in %.*g with that precision; of the shortest form,
// PostgreSQL's limit is 10^15 for doubles and 10^6 for reals.
func appendFloat(dst []byte, f float64, digits, limit, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0:
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, '0')
	}
	if f < 0 {
		dst = append(dst, '-')
		f = -f
	}
	var buf [40]byte
	precision := -1
	if digits > 0 {
		precision = digits - 1
	}
	mant, exp := floatDigits(buf[:0], f, precision, bits)
	for p := len(mant); digits < 0 && p < 17 && isMidpoint(mant, exp, f, bits); p++ {
		mant, exp = floatDigits(buf[:0], f, p, bits)
	}
	if exp < -4 || exp >= limit {
		return appendExponent(dst, mant, exp)
	}
	return appendPlain(dst, mant, exp)
}

// floatDigits returns the significant digits of f > 0 and the exponent of the
// first.
func floatDigits(buf []byte, f float64, precision, bits int) (mant []byte, exp int) {
	s := strconv.AppendFloat(buf, f, 'e', precision, bits) // d.ddde±xx
	e := len(s) - 1
	for s[e] != 'e' {
		e--
	}
	exp, _ = strconv.Atoi(string(s[e+1:]))
	mant = s[:1]
	if e > 2 {
		mant = append(mant, s[2:e]...) // closes the gap of the point in place
	}
	for len(mant) > 1 && mant[len(mant)-1] == '0' {
		mant = mant[:len(mant)-1]
	}
	return mant, exp
}

// isMidpoint reports digits that lie just between f and its neighbour. They
// would read back as f, as ties go to even, but PostgreSQL does not print them.
// Only large integers can have so short a midpoint.
func isMidpoint(mant []byte, exp int, f float64, bits int) bool {
	zeros := exp + 1 - len(mant)
	if zeros <= 0 || zeros > 23 || bits == 64 && f < 1<<53 || bits == 32 && f < 1<<24 {
		return false
	}
	down, up := math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1))
	if bits == 32 {
		down = float64(math.Nextafter32(float32(f), 0))
		up = float64(math.Nextafter32(float32(f), float32(math.Inf(1))))
	}
	printed, _ := new(big.Int).SetString(string(mant), 10)
	printed.Mul(printed, bigPow10(zeros)).Lsh(printed, 1)
	for _, neighbour := range []float64{down, up} {
		if math.IsInf(neighbour, 0) {
			continue
		}
		sum := new(big.Int).Add(bigFloor(f), bigFloor(neighbour))
		if sum.Cmp(printed) == 0 {
			return true
		}
	}
	return false
}

func bigFloor(f float64) *big.Int {
	n, _ := new(big.Float).SetFloat64(f).Int(nil)
	return n
}

func appendExponent(dst, mant []byte, exp int) []byte {
	dst = append(dst, mant[0])
	if len(mant) > 1 {
		dst = append(append(dst, '.'), mant[1:]...)
	}
	dst = append(dst, 'e')
	if exp < 0 {
		dst = append(dst, '-')
		exp = -exp
	} else {
		dst = append(dst, '+')
	}
	return appendPadded(dst, uint64(exp), 2)
}

func appendPlain(dst, mant []byte, exp int) []byte {
	if exp < 0 {
		return appendDigits(dst, mant, len(mant)-1-exp)
	}
	for len(mant) <= exp {
		mant = append(mant, '0')
	}
	return appendWhole(dst, mant, exp+1)
}

// appendWhole appends digits with the point after the first whole.
func appendWhole(dst, digits []byte, whole int) []byte {
	dst = append(dst, digits[:whole]...)
	if whole < len(digits) {
		dst = append(append(dst, '.'), digits[whole:]...)
	}
	return dst
}

// AppendBytea appends raw bytes in hex (\x…) or in the old escape format.
func AppendBytea(dst []byte, raw string, escape bool) []byte {
	if !escape {
		dst = append(dst, '\\', 'x')
		return hex.AppendEncode(dst, []byte(raw))
	}
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < 0x20 || c > 0x7e:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendUUID appends 16 raw bytes in the canonical 8-4-4-4-12 form.
func AppendUUID(dst []byte, raw string) []byte {
	const digits = "0123456789abcdef"
	for i := 0; i < len(raw); i++ {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[raw[i]>>4], digits[raw[i]&15])
	}
	return dst
}

// appendVector prints int2vector and oidvector: elements between blanks.
func appendVector(dst []byte, list []Value) []byte {
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendInt(dst, e.I, 10)
	}
	return dst
}
