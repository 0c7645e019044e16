package lexer

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
)

// number reads a numeric constant, and refuses letters that follow at once.
func (s *scanner) number() {
	start := s.i
	text := ""
	if radix := s.radix(); radix > 0 {
		text = s.radixInteger(start, radix)
	} else {
		s.digits()
		if s.peek(0) == '.' && s.peek(1) != '.' {
			s.i++
			s.digits()
		}
		s.exponent()
		text = strings.ReplaceAll(s.src[start:s.i], "_", "")
	}
	if s.err == nil && s.i < len(s.src) && isIdentStart(s.src[s.i]) {
		_, n := utf8.DecodeRuneInString(s.src[s.i:])
		s.i += n
		s.failAt(start, "trailing junk after numeric literal")
		return
	}
	s.add(Number, start, text)
}

// digits reads digits with single underscores between them.
func (s *scanner) digits() {
	for s.i < len(s.src) && (isDigit(s.src[s.i]) || s.src[s.i] == '_' && isDigit(s.peek(1)) && s.i > 0 && isDigit(s.src[s.i-1])) {
		s.i++
	}
}

func (s *scanner) exponent() {
	if s.peek(0)|0x20 != 'e' {
		return
	}
	k := 1
	if c := s.peek(1); c == '+' || c == '-' {
		k = 2
	}
	if isDigit(s.peek(k)) {
		s.i += k
		s.digits()
	}
}

// radix tells the base of 0x1F, 0o17, 0b11; 0 for anything else.
func (s *scanner) radix() int {
	if s.peek(0) != '0' {
		return 0
	}
	base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s.peek(1)|0x20]
	if base > 0 && digitValue(s.peek(2)) < base {
		return base
	}
	return 0
}

func (s *scanner) radixInteger(start, base int) string {
	s.i += 2
	from := s.i
	for s.i < len(s.src) && (digitValue(s.src[s.i]) < base || s.src[s.i] == '_' && digitValue(s.peek(1)) < base) {
		s.i++
	}
	v, ok := new(big.Int).SetString(strings.ReplaceAll(s.src[from:s.i], "_", ""), base)
	if !ok || v.BitLen() > 4096 {
		s.fail(sqlerr.NumericOutOfRange, start, "value out of range: \"%s\"", s.src[start:s.i])
		return "0"
	}
	return v.String()
}

// digitValue is the value of a hexadecimal digit, 99 for any other byte.
func digitValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}
