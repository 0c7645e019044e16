package lexer

import (
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
)

// unicodeEscapes decodes the text of a U& token, after reading an UESCAPE clause.
func (s *scanner) unicodeEscapes(start int, text string) string {
	esc := s.uescape()
	if s.err != nil {
		return ""
	}
	var b strings.Builder
	high := 0 // pending first half of a surrogate pair
	for i := 0; i < len(text); {
		if text[i] != esc || i+1 < len(text) && text[i+1] == esc {
			if high != 0 {
				break
			}
			if text[i] == esc {
				i++
			}
			b.WriteByte(text[i])
			i++
			continue
		}
		v, n := hexRun(text[i+1:])
		if n == 0 {
			s.err = sqlerr.New(sqlerr.Syntax, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \XXXX or \+XXXXXX.`).At(Position(s.src, min(start+3+i, len(s.src))))
			return ""
		}
		i += n + 1
		switch {
		case high != 0 && v >= 0xDC00 && v < 0xE000:
			b.WriteRune(rune(0x10000 + (high-0xD800)<<10 + (v - 0xDC00)))
			high = 0
			continue
		case high == 0 && v >= 0xD800 && v < 0xDC00:
			high = v
			continue
		case high != 0 || v >= 0xDC00 && v < 0xE000:
			s.fail(sqlerr.Syntax, start, "invalid Unicode surrogate pair")
			return ""
		case v == 0 || v > utf8.MaxRune:
			s.fail(sqlerr.Syntax, start, "invalid Unicode escape value")
			return ""
		}
		b.WriteRune(rune(v))
	}
	if high != 0 {
		s.fail(sqlerr.Syntax, start, "invalid Unicode surrogate pair")
	}
	return b.String()
}

// hexRun reads XXXX or +XXXXXX; n is the number of bytes, 0 if malformed.
func hexRun(s string) (v, n int) {
	width, from := 4, 0
	if strings.HasPrefix(s, "+") {
		width, from = 6, 1
	}
	if len(s) < from+width {
		return 0, 0
	}
	for _, c := range []byte(s[from : from+width]) {
		d := digitValue(c)
		if d >= 16 {
			return 0, 0
		}
		v = v*16 + d
	}
	return v, from + width
}

// uescape reads UESCAPE 'c' if it follows, and returns the escape character.
func (s *scanner) uescape() byte {
	j := s.i
	for j < len(s.src) && isSpace(s.src[j]) {
		j++
	}
	if len(s.src)-j < 7 || !strings.EqualFold(s.src[j:j+7], "uescape") || j+7 < len(s.src) && isIdentPart(s.src[j+7]) {
		return '\\'
	}
	for j += 7; j < len(s.src) && isSpace(s.src[j]); j++ {
	}
	if len(s.src)-j < 3 || s.src[j] != '\'' || s.src[j+2] != '\'' {
		s.fail(sqlerr.Syntax, j, "UESCAPE must be followed by a simple string literal")
		return 0
	}
	c := s.src[j+1]
	if digitValue(c) < 16 || c == '+' || c == '"' || isSpace(c) || c == '\'' || c >= 0x80 {
		s.fail(sqlerr.Syntax, j, "invalid Unicode escape character")
		return 0
	}
	s.i = j + 3
	return c
}
