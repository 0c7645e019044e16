package lexer

import (
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/sql/sqlerr"
)

const (
	opChars   = "+-*/<>=~!@#%^&|?"
	signReach = "~!@#%^&|?" // an operator that holds one of these may end in + or -
)

type scanner struct {
	src  string
	i    int
	toks []Token
	open []int // indexes of brackets not closed yet
	run  run   // the operator characters read last
	err  *sqlerr.Error
}

// Scan splits src into tokens; the last one is EOF. It takes time linear in
// len(src). Its errors are *sqlerr.Error with a position.
func Scan(src string) ([]Token, error) {
	if err := checkUTF8(src); err != nil {
		return nil, err
	}
	s := &scanner{src: src, toks: make([]Token, 0, len(src)/4+2)}
	for s.i < len(src) && s.err == nil {
		s.next()
	}
	if s.err != nil {
		return nil, s.err
	}
	s.add(EOF, len(src), "")
	return s.toks, nil
}

func checkUTF8(src string) error {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRuneInString(src[i:])
		if r == utf8.RuneError && n == 1 || src[i] == 0 {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": 0x%02x`, src[i])
		}
		i += n
	}
	return nil
}

// failAt reports an error the way scan.l does: the message, then the text from
// the token's start to where the scanner stands.
func (s *scanner) failAt(start int, message string) {
	if s.err == nil {
		s.err = sqlerr.New(sqlerr.Syntax, "%s at or near \"%s\"", message, s.src[start:s.i]).At(Position(s.src, start))
	}
	s.i = len(s.src)
}

func (s *scanner) fail(code string, at int, format string, args ...any) {
	if s.err == nil {
		s.err = sqlerr.New(code, format, args...).At(Position(s.src, at))
	}
	s.i = len(s.src)
}

func (s *scanner) add(k Kind, pos int, text string) {
	s.toks = append(s.toks, Token{Kind: k, Pos: pos, End: s.i, Text: text, Match: -1})
}

func (s *scanner) peek(k int) byte {
	if s.i+k < len(s.src) {
		return s.src[s.i+k]
	}
	return 0
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.src[s.i:], prefix) }

// next reads one token, or skips one run of blanks or one comment.
func (s *scanner) next() {
	c := s.src[s.i]
	switch {
	case isSpace(c):
		s.i++
	case s.has("--"):
		s.lineComment()
	case s.has("/*"):
		s.blockComment()
	case c == '\'' || c == '"' || c == '`':
		s.quotedToken("", c)
	case isDigit(c) || c == '.' && isDigit(s.peek(1)):
		s.number()
	case isIdentStart(c):
		s.word(c)
	case c == '$':
		s.dollar()
	case strings.IndexByte("()[],;.:", c) >= 0:
		s.punct(c)
	case strings.IndexByte(opChars, c) >= 0:
		s.operator()
	default:
		start := s.i
		_, n := utf8.DecodeRuneInString(s.src[s.i:])
		s.i += n
		s.failAt(start, "syntax error")
	}
}

// word reads an identifier, or a string constant with a letter in front.
func (s *scanner) word(c byte) {
	q := s.peek(1)
	switch c | 0x20 {
	case 'e', 'n', 'b', 'x':
		if q == '\'' {
			s.i++
			s.quotedToken(string(c|0x20), q)
			return
		}
	case 'u':
		if q2 := s.peek(2); q == '&' && (q2 == '\'' || q2 == '"') {
			s.i += 2
			s.quotedToken("u", q2)
			return
		}
	}
	start := s.i
	for s.i++; s.i < len(s.src) && isIdentPart(s.src[s.i]); s.i++ {
	}
	s.add(Word, start, Fold(s.src[start:s.i]))
}

func (s *scanner) lineComment() {
	for s.i < len(s.src) && s.src[s.i] != '\n' && s.src[s.i] != '\r' {
		s.i++
	}
}

func (s *scanner) blockComment() {
	start, depth := s.i, 0
	for s.i < len(s.src) {
		switch {
		case s.has("/*"):
			depth, s.i = depth+1, s.i+2
		case s.has("*/"):
			depth, s.i = depth-1, s.i+2
			if depth == 0 {
				return
			}
		default:
			s.i++
		}
	}
	s.failAt(start, "unterminated /* comment")
}

func (s *scanner) punct(c byte) {
	start := s.i
	s.i++
	if two := s.src[start:min(start+2, len(s.src))]; two == "::" || two == ":=" || two == ".." {
		s.i++
	}
	k := len(s.toks)
	s.add(Punct, start, s.src[start:s.i])
	switch c {
	case '(', '[':
		s.open = append(s.open, k)
	case ')', ']':
		// Wrong nesting is the grammar's to report; here it only stays unmatched.
		if n := len(s.open) - 1; n >= 0 && (s.toks[s.open[n]].Text == "(") == (c == ')') {
			s.toks[s.open[n]].Match = k
			s.open = s.open[:n]
		}
	}
}

// run is a run of operator characters, measured once however many tokens it makes.
type run struct {
	end   int // offset past the run
	reach int // the last character of signReach in it, -1 for none
	solid int // the last character but + and -, -1 for none
}

func (s *scanner) operatorRun() run {
	r := run{reach: -1, solid: -1}
	i := s.i
	for ; i < len(s.src) && strings.IndexByte(opChars, s.src[i]) >= 0; i++ {
		if two := s.src[i:min(i+2, len(s.src))]; two == "--" || two == "/*" {
			break
		}
		if strings.IndexByte(signReach, s.src[i]) >= 0 {
			r.reach = i
		}
		if s.src[i] != '+' && s.src[i] != '-' {
			r.solid = i
		}
	}
	r.end = i
	return r
}

func (s *scanner) operator() {
	start := s.i
	if start >= s.run.end {
		s.run = s.operatorRun()
	}
	s.i = s.run.end
	if s.run.reach < start { // it may not end in + or -
		s.i = max(s.run.solid, start) + 1
	}
	op := s.src[start:s.i]
	switch op {
	case "=>":
		s.add(Punct, start, op)
	case "!=":
		s.add(Op, start, "<>")
	default:
		s.add(Op, start, op)
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isIdentStart(c byte) bool {
	return c == '_' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z'
}
func isIdentPart(c byte) bool { return isIdentStart(c) || isDigit(c) || c == '$' }
