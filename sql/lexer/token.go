// Package lexer splits client SQL into tokens by PostgreSQL's lexical rules
// (scan.l), with three additions: backquoted identifiers (Spark), and the 0x,
// 0o, 0b and 1_000 integers of PostgreSQL 16.
package lexer

import (
	"strings"
	"unicode/utf8"
)

// Kind is a token's class.
type Kind uint8

// The token classes.
const (
	EOF      Kind = iota
	Word          // unquoted identifier or keyword; Text is folded to lower case
	Name          // quoted identifier; Text is decoded
	String        // string constant of any spelling; Text is decoded
	National      // N'…', which Postgres reads as nchar '…'
	Bits          // B'…' or X'…'; Text is b or x and the digits
	Number        // unsigned numeric constant; Text has no underscores, and radix integers are decimal
	Param         // $n; Text is the digits
	Op            // operator, by the longest-match and the trailing-sign rule
	Punct         // ( ) [ ] , ; . : :: := => ..
)

// Token is one lexeme. Pos and End are byte offsets into the source. Match is
// the index of the bracket that closes this ( or [, -1 when there is none.
type Token struct {
	Kind     Kind
	Pos, End int
	Text     string
	Match    int
}

// Is tells whether the token is the punctuation or operator p.
func (t *Token) Is(p string) bool { return (t.Kind == Punct || t.Kind == Op) && t.Text == p }

// Word tells whether the token is the unquoted word w (lower case).
func (t *Token) Word(w string) bool { return t.Kind == Word && t.Text == w }

// Position turns a byte offset into a 1-based character position, the form in
// which Postgres reports error positions.
func Position(src string, offset int) int {
	if offset > len(src) {
		offset = len(src)
	}
	return utf8.RuneCountInString(src[:offset]) + 1
}

// Fold folds an unquoted identifier. Only ASCII letters change, as in Postgres
// with a multi-byte encoding.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					r += 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}
