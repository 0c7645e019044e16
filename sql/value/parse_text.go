package value

import (
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// ParseText reads a value as PostgreSQL's input function of the type does, with
// its modifiers (as in an assignment: text too long for varchar(n) is 22001).
func ParseText(t types.Type, s string, env Env) (Value, error) {
	v := Value{Type: t}
	var err error
	switch t.Kind {
	case types.Bool:
		var b bool
		b, err = ParseBool(s)
		v.I = int64(btoi(b))
	case types.Int2:
		v.I, err = parseInt(s, 16, t)
	case types.Int4:
		v.I, err = parseInt(s, 32, t)
	case types.Int8:
		v.I, err = parseInt(s, 64, t)
	case types.Float4:
		v.F, err = parseFloat(s, 32, t)
	case types.Float8:
		v.F, err = parseFloat(s, 64, t)
	case types.Numeric:
		return parseNumericValue(t, s)
	case types.Date:
		var d int32
		d, err = ParseDate(s, env)
		v.I = int64(d)
	case types.Time:
		v.I, err = ParseTime(s, env)
	case types.Timestamp:
		v.I, err = ParseTimestamp(s, env)
	case types.TimestampTZ:
		v.I, err = ParseTimestampTZ(s, env)
	case types.Interval:
		v.V, err = ParseInterval(s)
	case types.Array:
		return parseArray(t, s, env)
	case types.Int2Vector, types.OIDVector:
		return parseVector(t, s, env)
	default:
		if t.IsReg() {
			v.I, err = parseOID(s, t)
			return v, err
		}
		return parseBytes(t, s)
	}
	return v, err
}

func parseNumericValue(t types.Type, s string) (Value, error) {
	n, err := ParseNumeric(s)
	if err != nil {
		return Value{}, err
	}
	return NumericValue(t, n)
}

// NumericValue makes a value of a numeric type, rounding to its scale; 22003
// when it has too many digits.
func NumericValue(t types.Type, n Numeric) (Value, error) {
	v := Value{Type: t}
	if t.Precision == 0 {
		v.N = n
		return v, nil
	}
	c, err := n.Fixed(int(t.Precision), int(t.Scale))
	if t.Storage() == types.StoreInt64 {
		v.I = c.Int64()
	} else {
		v.D = c
	}
	return v, err
}

// ParseBool reads a boolean: any prefix of true, false, yes, no, on, off that is
// unique, 1 or 0.
func ParseBool(s string) (bool, error) {
	t := strings.ToLower(trimSpace(s))
	if t != "" {
		switch {
		case strings.HasPrefix("true", t), strings.HasPrefix("yes", t), t == "on", t == "1":
			return true, nil
		case strings.HasPrefix("false", t), strings.HasPrefix("no", t), t == "of", t == "off", t == "0":
			return false, nil
		}
	}
	return false, errSyntax("boolean", s)
}

func parseInt(s string, bits int, t types.Type) (int64, error) {
	n, err := strconv.ParseInt(trimSpace(s), 10, bits)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, errRange(s, t)
	}
	return 0, errSyntax(t.String(), s)
}

func errRange(s string, t types.Type) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type %s", s, t)
}

func parseFloat(s string, bits int, t types.Type) (float64, error) {
	trimmed := trimSpace(s)
	f, err := strconv.ParseFloat(trimmed, bits)
	if err != nil && isHexWithoutExponent(trimmed) {
		f, err = strconv.ParseFloat(trimmed+"p0", bits) // C's strtod does not ask for one
	}
	if strings.IndexByte(trimmed, '_') >= 0 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, errSyntax(t.String(), s)
	}
	if err != nil || f == 0 && hasNonzeroDigit(trimmed) {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type %s", trimmed, t)
	}
	return f, nil
}

func isHexWithoutExponent(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && !strings.ContainsAny(s, "pP")
}

// hasNonzeroDigit reports a mantissa that is not 0, so that a result of 0 is an
// underflow.
func hasNonzeroDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '1' && c <= '9':
			return true
		case (c == 'e' || c == 'E') && !strings.ContainsAny(s, "xX") || c == 'p' || c == 'P':
			return false
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			return true
		}
	}
	return false
}

// parseOID reads an unsigned OID; of the alias types only numbers and the dash,
// as names are the catalog's.
func parseOID(s string, t types.Type) (int64, error) {
	trimmed := trimSpace(s)
	if trimmed == "-" && t.Kind != types.OID {
		return 0, nil
	}
	n, err := strconv.ParseInt(trimmed, 10, 64)
	switch {
	case err == nil && n >= math.MinInt32 && n <= math.MaxUint32:
		return int64(uint32(n)), nil
	case err == nil || errors.Is(err, strconv.ErrRange):
		return 0, errRange(s, types.Of(types.OID))
	case t.Kind != types.OID:
		return 0, sqlerr.New(sqlerr.UndefinedObject, "%s \"%s\" does not exist", t, s)
	}
	return 0, errSyntax("oid", s)
}

func parseBytes(t types.Type, s string) (Value, error) {
	v := Value{Type: t, S: s}
	var err error
	switch t.Kind {
	case types.Bytea:
		v.S, err = ParseBytea(s)
		return v, err
	case types.UUID:
		v.S, err = ParseUUID(s)
		return v, err
	}
	if err = checkUTF8(s); err != nil {
		return v, err
	}
	switch t.Kind {
	case types.Varchar, types.Char:
		v.S, err = FitText(s, t, false)
	case types.Name:
		v.S = truncateBytes(s, 63)
	case types.QChar:
		v.S = truncateBytes(s, 1)
	case types.JSON:
		err = checkJSON(s)
	case types.JSONB:
		v.S, err = NormalizeJSONB(s)
	}
	return v, err
}

// ParseUUID reads 32 hexadecimal digits, hyphens allowed after every fourth,
// braces around; it returns the 16 bytes.
func ParseUUID(s string) (string, error) {
	t := s
	if strings.HasPrefix(t, "{") {
		if !strings.HasSuffix(t, "}") {
			return "", errSyntax("uuid", s)
		}
		t = t[1 : len(t)-1]
	}
	var raw [16]byte
	i := 0
	for n := 0; n < 16; n++ {
		if i+2 > len(t) {
			return "", errSyntax("uuid", s)
		}
		if _, err := hex.Decode(raw[n:n+1], []byte(t[i:i+2])); err != nil {
			return "", errSyntax("uuid", s)
		}
		i += 2
		if n%2 == 1 && n < 15 && i < len(t) && t[i] == '-' {
			i++
		}
	}
	if i != len(t) {
		return "", errSyntax("uuid", s)
	}
	return string(raw[:]), nil
}

// ParseBytea reads the hex or the escape format and returns the raw bytes.
func ParseBytea(s string) (string, error) {
	if strings.HasPrefix(s, "\\x") {
		return parseHex(s[2:])
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
		case i+3 < len(s) && s[i+1] >= '0' && s[i+1] <= '3' && isOctal(s[i+2]) && isOctal(s[i+3]):
			out = append(out, (s[i+1]-'0')<<6|(s[i+2]-'0')<<3|(s[i+3]-'0'))
			i += 3
		case i+1 < len(s) && s[i+1] == '\\':
			out = append(out, '\\')
			i++
		default:
			return "", sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type bytea")
		}
	}
	return string(out), nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

func parseHex(s string) (string, error) {
	out := make([]byte, 0, len(s)/2)
	half, high := false, byte(0)
	for _, c := range s {
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = byte(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = byte(c|0x20-'a') + 10
		case !half && c < 0x80 && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		default:
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal digit: \"%c\"", c)
		}
		if half {
			out = append(out, high<<4|d)
		}
		half, high = !half, d
	}
	if half {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid hexadecimal data: odd number of digits")
	}
	return string(out), nil
}

func parseArray(t types.Type, s string, env Env) (Value, error) {
	v := Value{Type: t}
	parts, err := splitArray(s)
	if err != nil {
		return v, err
	}
	return parseElems(v, parts, env)
}

func parseElems(v Value, parts []arrayElem, env Env) (Value, error) {
	elem := listElemType(v.Type)
	for _, p := range parts {
		e := NullOf(elem)
		if !p.null {
			var err error
			if e, err = ParseText(elem, p.text, env); err != nil {
				return v, err
			}
		}
		v.List = append(v.List, e)
	}
	return v, nil
}

func parseVector(t types.Type, s string, env Env) (Value, error) {
	var parts []arrayElem
	for _, f := range strings.Fields(s) {
		parts = append(parts, arrayElem{text: f})
	}
	return parseElems(Value{Type: t}, parts, env)
}
