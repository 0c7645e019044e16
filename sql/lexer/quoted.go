package lexer

import (
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
)

// quotedToken reads a quoted token whose opening quote is at s.i; prefix is the
// letter before it: e, n, b, x, u or nothing.
func (s *scanner) quotedToken(prefix string, quote byte) {
	start := s.i - len(prefix)
	if prefix == "u" {
		start-- // the &
	}
	var b strings.Builder
	s.quoted(start, prefix, quote, &b)
	for quote == '\'' && s.err == nil && s.continued() {
		s.quoted(start, prefix, quote, &b)
	}
	if s.err != nil {
		return
	}
	text := b.String()
	end := s.i
	if prefix == "u" {
		text = s.unicodeEscapes(start, text)
	}
	if s.err != nil {
		return
	}
	if prefix == "e" && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
		bad := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError || r == 0 })
		s.err = sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x%02x`, text[bad])
		return
	}
	switch {
	case quote != '\'':
		if text == "" {
			s.failAt(start, "zero-length delimited identifier")
			return
		}
		s.add(Name, start, text)
	case prefix == "b" || prefix == "x":
		s.add(Bits, start, prefix+text)
	case prefix == "n":
		s.add(National, start, text)
	default:
		s.add(String, start, text)
	}
	if len(s.toks) > 0 {
		s.toks[len(s.toks)-1].End = max(end, s.i)
	}
}

// quoted reads from the opening quote at s.i past the closing one, decoding
// doubled quotes and, in an E string, backslash escapes.
func (s *scanner) quoted(start int, prefix string, quote byte, b *strings.Builder) {
	for s.i++; s.i < len(s.src); s.i++ {
		c := s.src[s.i]
		switch {
		case c == quote && s.peek(1) == quote:
			s.i++
			b.WriteByte(c)
		case c == quote:
			s.i++
			return
		case c == '\\' && prefix == "e":
			s.escape(b)
			if s.err != nil {
				return
			}
		default:
			b.WriteByte(c)
		}
	}
	what := "quoted string"
	switch {
	case quote != '\'':
		what = "quoted identifier"
	case prefix == "b":
		what = "bit string literal"
	case prefix == "x":
		what = "hexadecimal string literal"
	}
	s.i = len(s.src) // a backslash at the end steps beyond it
	s.failAt(start, "unterminated "+what)
}

// continued tells whether the string goes on after a newline (SQL's implicit
// concatenation), and moves to the next opening quote if so.
func (s *scanner) continued() bool {
	newline := false
	for j := s.i; j < len(s.src); {
		switch c := s.src[j]; {
		case c == '\n' || c == '\r':
			newline = true
			j++
		case isSpace(c):
			j++
		case c == '-' && j+1 < len(s.src) && s.src[j+1] == '-':
			for j < len(s.src) && s.src[j] != '\n' && s.src[j] != '\r' {
				j++
			}
		case c == '\'' && newline:
			s.i = j
			return true
		default:
			return false
		}
	}
	return false
}

// escape decodes the backslash escape at s.i, and leaves s.i on its last byte.
func (s *scanner) escape(b *strings.Builder) {
	at := s.i
	s.i++
	c := s.peek(0)
	if s.i >= len(s.src) {
		return
	}
	switch c {
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'v':
		c = '\v'
	case 'x':
		if v, n := s.radixRun(1, 16, 2); n > 0 {
			b.WriteByte(byte(v))
			s.i += n
			return
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := s.radixRun(0, 8, 3)
		b.WriteByte(byte(v))
		s.i += n - 1
		return
	case 'u', 'U':
		s.escapedRune(at, b)
		return
	}
	b.WriteByte(c)
}

// escapedRune decodes \uXXXX and \UXXXXXXXX, surrogate pairs included.
func (s *scanner) escapedRune(at int, b *strings.Builder) {
	width := func() int {
		if s.peek(0) == 'u' {
			return 4
		}
		return 8
	}
	w := width()
	v, n := s.radixRun(1, 16, w)
	if n == w && v >= 0xD800 && v < 0xDC00 {
		s.i += n
		if s.peek(1) == '\\' && s.peek(2)|0x20 == 'u' {
			s.i += 2
			w = width()
			var low int
			if low, n = s.radixRun(1, 16, w); low >= 0xDC00 && low < 0xE000 {
				v = 0x10000 + (v-0xD800)<<10 + (low - 0xDC00)
			}
		}
		if v < 0x10000 {
			from := min(s.i+1, len(s.src))
			_, size := utf8.DecodeRuneInString(s.src[from:])
			s.fail(sqlerr.Syntax, from, "invalid Unicode surrogate pair at or near \"%s\"", s.src[from:from+size])
			return
		}
	}
	switch {
	case n != w:
		s.err = sqlerr.New(sqlerr.InvalidEscape, "invalid Unicode escape").
			WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`).At(Position(s.src, at))
		return
	case v == 0 || v > utf8.MaxRune || v >= 0xDC00 && v < 0xE000:
		s.fail(sqlerr.Syntax, at, "invalid Unicode escape value at or near \"%s\"", s.src[at:s.i+n+1])
		return
	}
	b.WriteRune(rune(v))
	s.i += n
}

// radixRun reads up to width digits of the base, starting skip bytes ahead.
func (s *scanner) radixRun(skip, base, width int) (v, n int) {
	for n < width && digitValue(s.peek(skip+n)) < base {
		v = v*base + digitValue(s.peek(skip+n))
		n++
	}
	return v, n
}

// dollar reads $n, or a dollar-quoted string.
func (s *scanner) dollar() {
	start := s.i
	if isDigit(s.peek(1)) {
		for s.i++; isDigit(s.peek(0)); s.i++ {
		}
		if isIdentStart(s.peek(0)) {
			s.i++
			s.failAt(start, "trailing junk after parameter")
			return
		}
		s.add(Param, start, s.src[start+1:s.i])
		return
	}
	j := s.i + 1
	for j < len(s.src) && (isIdentStart(s.src[j]) || isDigit(s.src[j]) && j > s.i+1) {
		j++
	}
	if j >= len(s.src) || s.src[j] != '$' {
		s.i++
		s.failAt(start, "syntax error")
		return
	}
	tag := s.src[start : j+1]
	n := strings.Index(s.src[j+1:], tag)
	if n < 0 {
		s.i = len(s.src)
		s.failAt(start, "unterminated dollar-quoted string")
		return
	}
	s.i = j + 1 + n + len(tag)
	s.add(String, start, s.src[j+1:j+1+n])
}
