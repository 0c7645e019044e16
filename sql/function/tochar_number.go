package function

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// numberFormat is a parsed format of to_char for numbers. The fields follow
// PostgreSQL's NUMDesc, whose rules are defined by its code.
type numberFormat struct {
	tokens                                     []string // a field, or "'" and a literal
	pre, post, multi                           int
	zeroStart, zeroEnd                         int // 1-based digit positions
	fill, zero, decimal, bracket, plus, minus  bool
	roman, exponent, isMulti, lsign, signAfter bool
	preSign                                    int
}

var numberFields = []string{"EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "TH", "SP", ",", ".", "0", "9", "B", "C", "D", "G", "L", "S", "V"}

func errNumberFormat(format string, args ...any) error {
	return sqlerr.New(sqlerr.Syntax, format, args...)
}

func parseNumberFormat(f string) (*numberFormat, error) {
	n := &numberFormat{}
	for f != "" {
		field := ""
		up := strings.ToUpper(f[:min(4, len(f))])
		for _, name := range numberFields {
			if strings.HasPrefix(up, name) {
				field = name
				break
			}
		}
		if field == "" {
			lit, w := literalAt(f)
			n.tokens = append(n.tokens, "'"+lit)
			f = f[w:]
			continue
		}
		if field == "TH" || field == "RN" {
			n.tokens = append(n.tokens, f[:2])
		} else {
			n.tokens = append(n.tokens, field)
		}
		if err := n.note(field); err != nil {
			return nil, err
		}
		f = f[len(field):]
	}
	return n, nil
}

// note records what a field means for the whole.
func (n *numberFormat) note(field string) error {
	switch field {
	case "9", "0":
		return n.noteDigit(field == "0")
	case ".", "D":
		if n.decimal {
			return errNumberFormat("multiple decimal points")
		}
		n.decimal = true
	case "FM":
		n.fill = true
	case "S":
		if n.lsign {
			return errNumberFormat("cannot use \"S\" twice")
		}
		if n.plus || n.minus || n.bracket {
			return errNumberFormat("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
		}
		n.lsign, n.signAfter, n.preSign = true, n.decimal, n.pre
	case "MI":
		n.minus = true
	case "PL":
		n.plus = true
	case "SG":
		n.minus, n.plus = true, true
	case "PR":
		n.bracket = true
	case "RN":
		n.roman = true
	case "V":
		if n.decimal {
			return errNumberFormat("cannot use \"V\" and decimal point together")
		}
		n.isMulti = true
	case "EEEE":
		n.exponent = true
	}
	if field != "S" && n.lsign && (n.plus || n.minus || n.bracket) {
		return errNumberFormat("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")
	}
	return nil
}

func (n *numberFormat) noteDigit(zero bool) error {
	if n.bracket {
		return errNumberFormat("\"%d\" must be ahead of \"PR\"", 9*(1-int(b2u(zero))))
	}
	if zero && !n.zero && !n.decimal {
		n.zero, n.zeroStart = true, n.pre+1
	}
	switch {
	case n.isMulti && !zero:
		n.multi++
	case n.decimal:
		n.post++
	default:
		n.pre++
	}
	if zero {
		n.zeroEnd = n.pre + n.post
	}
	return nil
}

// numberWriter is PostgreSQL's NUMProc: the state of writing one number.
type numberWriter struct {
	*numberFormat
	out       strings.Builder
	number    string // without sign, rounded to post decimals
	at        int    // next byte of number
	negative  bool
	signDone  bool
	inNumber  bool
	curr      int
	count     int
	preSpaces int
	last      int // position of the last relevant digit, -1 = all are
}

func (f *numberFormat) write(number string, negative bool) string {
	w := &numberWriter{numberFormat: f, number: number, negative: negative, last: -1}
	g := *f
	w.numberFormat = &g
	whole := strings.IndexByte(number, '.')
	if whole < 0 {
		whole = len(number)
	}
	pre := g.pre
	if g.isMulti {
		pre += g.multi
		g.pre = pre
	}
	switch {
	case whole < pre:
		w.preSpaces = pre - whole
	case whole > pre:
		w.number = strings.Repeat("#", pre) + "." + strings.Repeat("#", g.post)
	}
	if g.zeroStart > 0 {
		g.zeroStart--
	}
	w.prepare(&g)
	for _, t := range g.tokens {
		w.token(t)
	}
	return w.out.String()
}

func (w *numberWriter) prepare(g *numberFormat) {
	if g.plus || g.minus {
		w.signDone = !(g.plus && !g.minus)
	} else {
		if !w.negative && g.bracket && g.fill {
			g.bracket = false
		}
		w.signDone = !w.negative && g.fill && !g.lsign
		if g.lsign && !g.signAfter && g.pre == g.preSign {
			g.signAfter = true
		}
	}
	w.count = g.post + g.pre - 1
	if g.fill && g.decimal {
		if dot := strings.IndexByte(w.number, '.'); dot >= 0 {
			w.last = dot
			for i := dot + 1; i < len(w.number); i++ {
				if w.number[i] != '0' {
					w.last = i
				}
			}
			if g.zeroEnd > w.preSpaces {
				w.last = max(w.last, min(len(w.number)-1, g.zeroEnd-w.preSpaces))
			}
		}
	}
	if !w.signDone && w.preSpaces == 0 {
		w.count++
	}
}

func (w *numberWriter) byteAt(i int) byte {
	if i >= 0 && i < len(w.number) {
		return w.number[i]
	}
	return 0
}

func (w *numberWriter) token(t string) {
	blank := func(when bool, s string) {
		switch {
		case when:
			w.out.WriteString(s)
		case !w.fill:
			w.out.WriteByte(' ')
		}
	}
	switch t {
	case "9", "0", ".", "D":
		w.digit(t)
	case ",", "G":
		blank(w.inNumber, ",")
	case "L":
		w.out.WriteByte(' ')
	case "MI":
		blank(w.negative, "-")
	case "PL":
		blank(!w.negative, "+")
	case "SG":
		w.out.WriteString([]string{"+", "-"}[b2u(w.negative)])
	case "TH", "th":
		if w.byteAt(0) != '#' && !w.negative && !w.decimal {
			w.out.WriteString(ordinalSuffix(w.number, t))
		}
	default:
		if t[0] == '\'' {
			w.out.WriteString(t[1:])
		}
	}
}

// noWholePart is the zero before the point that 9.9 leaves blank.
func (w *numberWriter) noWholePart() bool {
	return !w.zero && w.at == 0 && w.byteAt(0) == '0' && w.post != 0
}

func (w *numberWriter) lastIsPoint() bool { return w.last >= 0 && w.byteAt(w.last) == '.' }

func (w *numberWriter) writeSign() {
	if w.signDone || !(w.curr >= w.preSpaces || w.zero && w.zeroStart == w.curr) || w.noWholePart() && !w.lastIsPoint() {
		return
	}
	switch {
	case w.lsign:
		if w.signAfter {
			return
		}
		w.out.WriteString([]string{"+", "-"}[b2u(w.negative)])
	case w.bracket:
		w.out.WriteString([]string{" ", "<"}[b2u(w.negative)])
	case w.negative:
		w.out.WriteByte('-')
	case !w.fill:
		w.out.WriteByte(' ')
	}
	w.signDone = true
}

func (w *numberWriter) digit(id string) {
	w.writeSign()
	switch {
	case w.curr < w.preSpaces && (!w.zero || w.zeroStart > w.curr):
		if !w.fill {
			w.out.WriteByte(' ')
		}
	case w.zero && w.curr < w.preSpaces:
		w.out.WriteByte('0')
		w.inNumber = true
	default:
		w.numberByte(id)
		if w.at < len(w.number) {
			w.at++
		}
	}
	end := w.count + int(b2u(w.preSpaces > 0)) + int(b2u(w.decimal))
	if w.last >= 0 && w.last == w.at {
		end = w.curr
	}
	if w.curr+1 == end {
		switch {
		case w.signDone && w.bracket:
			w.out.WriteString([]string{" ", ">"}[b2u(w.negative)])
		case w.lsign && w.signAfter:
			w.out.WriteString([]string{"+", "-"}[b2u(w.negative)])
		}
	}
	w.curr++
}

func (w *numberWriter) numberByte(id string) {
	c := w.byteAt(w.at)
	switch {
	case c == '.':
		if !w.lastIsPoint() || w.fill {
			w.out.WriteByte('.')
		}
	case w.last >= 0 && w.at > w.last && id != "0":
	case w.noWholePart():
		if !w.fill {
			w.out.WriteByte(' ')
		} else if w.lastIsPoint() {
			w.out.WriteByte('0')
		}
	case c != 0:
		w.out.WriteByte(c)
		w.inNumber = true
	}
}

// romanNumeral writes 1 … 3999; others have none.
func romanNumeral(n int64) string {
	if n < 1 || n > 3999 {
		return strings.Repeat("#", 15)
	}
	var b strings.Builder
	for i, v := range []int64{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1} {
		for ; n >= v; n -= v {
			b.WriteString([]string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}[i])
		}
	}
	return b.String()
}

func (f *numberFormat) writeRoman(n int64) string {
	var b strings.Builder
	for _, t := range f.tokens {
		switch {
		case t[0] == '\'':
			b.WriteString(t[1:])
		case strings.EqualFold(t, "RN"):
			s := romanNumeral(n)
			if t == "rn" {
				s = strings.ToLower(s)
			}
			if !f.fill {
				s = fmt.Sprintf("%15s", s)
			}
			b.WriteString(s)
		}
	}
	return b.String()
}

func toCharNumeric(a num, format string) (string, error) {
	f, err := parseNumberFormat(format)
	if err != nil {
		return "", err
	}
	switch {
	case f.roman:
		n, err := a.Int32()
		return f.writeRoman(int64(n)), err
	case f.exponent:
		e := a.Coef.Digits() - 1 - int(a.Scale)
		if r, err := a.Round(f.post - e); err == nil {
			a = r // halves away from zero, unlike floats
		}
		return scientific(a.Float64(), f.post), nil
	case !a.IsFinite():
		return f.write(strings.TrimPrefix(a.String(), "-"), a.Sign() < 0), nil
	}
	if f.isMulti {
		if a, err = a.Mul(value.NumericFromFixed(value.Pow10Int128[min(f.multi, 37)], 0)); err != nil {
			return "", err
		}
	}
	if a, err = a.Round(f.post); err != nil {
		return "", err
	}
	s := a.String()
	return f.write(strings.TrimPrefix(s, "-"), strings.HasPrefix(s, "-")), nil
}

func scientific(v float64, post int) string {
	s := strconv.FormatFloat(v, 'e', post, 64)
	if v >= 0 {
		return " " + s
	}
	return s
}

func toCharFloat(v float64, format string) (string, error) {
	f, err := parseNumberFormat(format)
	if err != nil {
		return "", err
	}
	switch {
	case f.roman:
		return f.writeRoman(int64(math.RoundToEven(v))), nil
	case f.exponent:
		return scientific(v, f.post), nil
	}
	if f.isMulti {
		v *= math.Pow10(f.multi)
	}
	whole := len(strconv.FormatFloat(math.Abs(v), 'f', 0, 64))
	f.post = max(min(f.post, 15-whole), 0)
	return f.write(strconv.FormatFloat(math.Abs(v), 'f', f.post, 64), v < 0), nil
}

// formatFuncs lists to_char, to_date, to_timestamp and to_number.
func formatFuncs() []*Func {
	var fs []*Func
	add := func(name string, a, r types.Type, vol Volatility, k Kernel) {
		fs = append(fs, &Func{Name: name, Args: sig(a, tText), Result: r, Volatility: vol, Fallible: true, Kernel: k})
	}
	add("to_char", tTimestamp, tText, Stable, fn2(toCharTime))
	add("to_char", tTimestampTZ, tText, Stable, fn2c(toCharTimeTZ))
	add("to_char", tInterval, tText, Stable, fn2(toCharInterval))
	add("to_char", tNumeric, tText, Stable, fn2(toCharNumeric))
	add("to_char", tFloat8, tText, Stable, fn2(toCharFloat))
	add("to_char", tFloat4, tText, Stable, fn2(func(v float32, f string) (string, error) { return toCharFloat(float64(v), f) }))
	add("to_char", tInt4, tText, Stable, fn2(toCharInt[int32]))
	add("to_char", tInt8, tText, Stable, fn2(toCharInt[int64]))
	add("to_date", tText, tDate, Immutable, fn2(toDate))
	add("to_timestamp", tText, tTimestampTZ, Stable, fn2c(toTimestamp))
	add("to_number", tText, tNumeric, Stable, fn2(toNumber))
	return fs
}

func toCharInt[T integer](v T, format string) (string, error) {
	f, err := parseNumberFormat(format)
	if err != nil {
		return "", err
	}
	if f.exponent {
		return scientific(float64(v), f.post), nil
	}
	return toCharNumeric(value.NumericFromInt64(int64(v)), format)
}

// toNumber reads the digits, sign and point that a format admits.
func toNumber(s, format string) (num, error) {
	f, err := parseNumberFormat(format)
	if err != nil {
		return num{}, err
	}
	var b strings.Builder
	sign := ""
	digits := f.pre + f.post
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' && digits > 0:
			b.WriteRune(r)
			digits--
		case r == '.' && f.decimal:
			b.WriteRune(r)
		case r == '-', r == '<':
			sign = "-"
		}
	}
	if b.Len() == 0 {
		return num{}, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type numeric: \"%s\"", " ")
	}
	return value.ParseNumeric(sign + b.String())
}
