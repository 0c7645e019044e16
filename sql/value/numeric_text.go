package value

import (
	"math"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
)

// AppendNumeric appends a as PostgreSQL prints it.
func AppendNumeric(dst []byte, a Numeric) []byte {
	switch a.Kind {
	case NaN:
		return append(dst, "NaN"...)
	case PosInf:
		return append(dst, "Infinity"...)
	case NegInf:
		return append(dst, "-Infinity"...)
	}
	return AppendFixed128(dst, a.Coef, int(a.Scale))
}

// AppendNumeric64 appends coef × 10^-scale with exactly scale decimals.
func AppendNumeric64(dst []byte, coef int64, scale int) []byte {
	if scale <= 0 {
		return strconv.AppendInt(dst, coef, 10)
	}
	m := uint64(coef)
	if coef < 0 {
		dst = append(dst, '-')
		m = -m
	}
	if scale > 18 {
		return appendDigits(dst, strconv.AppendUint(make([]byte, 0, 20), m, 10), scale)
	}
	p := uint64(Pow10Int64[scale])
	dst = strconv.AppendUint(dst, m/p, 10)
	dst = append(dst, '.')
	return appendPadded(dst, m%p, scale)
}

// AppendFixed128 appends coef × 10^-scale with exactly scale decimals.
func AppendFixed128(dst []byte, coef Int128, scale int) []byte {
	if coef.IsInt64() {
		return AppendNumeric64(dst, int64(coef.Lo), scale)
	}
	if scale <= 0 {
		return AppendInt128(dst, coef)
	}
	var buf [48]byte
	digits := AppendInt128(buf[:0], coef)
	if coef.Hi < 0 {
		dst = append(dst, '-')
		digits = digits[1:]
	}
	return appendDigits(dst, digits, scale)
}

// appendDigits appends decimal digits with the point before the last scale.
func appendDigits(dst, digits []byte, scale int) []byte {
	whole := len(digits) - scale
	if whole > 0 {
		dst = append(dst, digits[:whole]...)
		dst = append(dst, '.')
		return append(dst, digits[whole:]...)
	}
	dst = append(dst, '0', '.')
	for ; whole < 0; whole++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// String returns a as PostgreSQL prints it.
func (a Numeric) String() string { return string(AppendNumeric(nil, a)) }

// ParseNumeric reads a numeric as PostgreSQL's numeric_in does: 22P02 for bad
// syntax, 22003 beyond 38 digits.
func ParseNumeric(s string) (Numeric, error) {
	t := trimSpace(s)
	if k, ok := parseSpecialNumeric(t); ok {
		return Numeric{Kind: k}, nil
	}
	p := decimalParser{s: t}
	if !p.parse() {
		return Numeric{}, errSyntax("numeric", s)
	}
	if p.overflow {
		return Numeric{}, ErrNumericOverflow()
	}
	return p.numeric()
}

func parseSpecialNumeric(t string) (NumericKind, bool) {
	if t == "" || t[0] >= '0' && t[0] <= '9' {
		return 0, false
	}
	switch strings.ToLower(t) {
	case "nan":
		return NaN, true
	case "infinity", "+infinity", "inf", "+inf":
		return PosInf, true
	case "-infinity", "-inf":
		return NegInf, true
	}
	return 0, false
}

// decimalParser reads [sign] digits [. digits] [e [sign] digits].
type decimalParser struct {
	s        string
	i        int
	neg      bool
	coef     Int128
	scale    int // decimals read, then less the exponent
	zeros    int // trailing zeros read but not yet in coef
	overflow bool
}

func (p *decimalParser) parse() bool {
	if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
		p.neg = p.s[p.i] == '-'
		p.i++
	}
	n := p.digits()
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		f := p.digits()
		p.scale += f
		n += f
	}
	if n == 0 {
		return false
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		p.i++
		if !p.exponent() {
			return false
		}
	}
	return p.i == len(p.s)
}

// digits reads a run of digits and returns its length.
func (p *decimalParser) digits() int {
	start := p.i
	for p.i < len(p.s) {
		d := p.s[p.i] - '0'
		if d > 9 {
			break
		}
		p.i++
		p.digit(d)
	}
	return p.i - start
}

func (p *decimalParser) digit(d byte) {
	switch {
	case d == 0:
		if !p.coef.IsZero() {
			p.zeros++
		}
		return
	case p.overflow:
		return
	}
	// Zeros wait until a digit follows them, so that 1e-40-like spellings with
	// many zeros still fit.
	c, over := p.coef.ScaleUp(p.zeros + 1)
	p.zeros = 0
	c = c.AddInt64(int64(d))
	p.coef, p.overflow = c, over
}

func (p *decimalParser) exponent() bool {
	neg := false
	if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
		neg = p.s[p.i] == '-'
		p.i++
	}
	start, e := p.i, 0
	for ; p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9'; p.i++ {
		if e < math.MaxInt32/20 {
			e = e*10 + int(p.s[p.i]-'0')
		}
	}
	if p.i == start {
		return false
	}
	if e >= math.MaxInt32/20 {
		p.overflow = true
	}
	if neg {
		e = -e
	}
	p.scale -= e
	return true
}

// numeric assembles the number: trailing zeros and a negative scale become
// part of the coefficient.
func (p *decimalParser) numeric() (Numeric, error) {
	up := p.zeros
	if p.scale < 0 {
		up -= p.scale
		p.scale = 0
	}
	c, over := p.coef.ScaleUp(up)
	if over {
		return Numeric{}, ErrNumericOverflow()
	}
	if p.neg {
		c = c.Neg()
	}
	return finite(c, p.scale)
}

// errSyntax is the error of an input function (22P02).
func errSyntax(typeName, s string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s: \"%s\"", typeName, s)
}

// trimSpace trims what C's isspace accepts.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\v\f\r") }
