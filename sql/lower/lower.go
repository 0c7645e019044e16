// Package lower turns client SQL (PostgreSQL's, and Spark's where it does not
// collide) into core SQL, the dialect that package core documents.
package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// Text is one statement of a simple-query string.
type Text struct {
	SQL        string
	Offset     int // in bytes, of SQL in the whole string
	Characters int // before SQL in the whole string; add it to an error's Position
}

// Split splits a simple-query string at its semicolons. Statements of blanks
// and comments only are left out. Its errors are *sqlerr.Error.
func Split(text string) ([]Text, error) {
	toks, err := lexer.Scan(text)
	if err != nil {
		return nil, err
	}
	var out []Text
	start, full := 0, false
	chars, counted := 0, 0
	for i := range toks {
		t := &toks[i]
		last := t.Kind == lexer.EOF
		if !last && !t.Is(";") {
			full = true
			continue
		}
		if full {
			chars += lexer.Position(text[counted:], start-counted) - 1
			counted = start
			out = append(out, Text{SQL: text[start:t.Pos], Offset: start, Characters: chars})
		}
		start, full = t.End, false
	}
	return out, nil
}

// Lower reads one statement; a semicolon may end it. Its errors are
// *sqlerr.Error with the position in text that Postgres would report.
func Lower(text string) (*core.Statement, error) {
	toks, err := lexer.Scan(text)
	if err != nil {
		return nil, err
	}
	r := &reader{src: text, toks: toks}
	s := &core.Statement{Text: text}
	if !r.end() && !r.tok().Is(";") {
		s, err = r.statement()
		if err != nil {
			return nil, err
		}
	}
	for r.eat(";") {
	}
	if !r.end() {
		r.syntax(r.tok())
		return nil, r.err
	}
	s.Params = r.params
	return s, nil
}

// statement reads a query or a command, up to a semicolon or the end.
func (r *reader) statement() (*core.Statement, error) {
	s := &core.Statement{Text: r.src}
	var err error
	if t := r.tok(); t.Is("(") || t.Word("select") || t.Word("with") || t.Word("values") || t.Word("table") || t.Word("from") {
		s.Query, err = r.wholeQuery()
	} else {
		s.Command, err = r.command()
	}
	if r.err != nil {
		return nil, r.err
	}
	if err != nil {
		return nil, err
	}
	if t := r.tok(); !r.end() && !t.Is(";") && !t.Is(")") {
		r.syntax(t)
		return nil, r.err
	}
	s.Params = r.params
	return s, nil
}

// wholeQuery reads a query and parses its core text.
func (r *reader) wholeQuery() (*core.Query, error) {
	q := r.query()
	if t := r.tok(); r.err == nil && !r.end() && !t.Is(";") && !t.Is(")") {
		r.syntax(t)
	}
	return r.parse(q.text())
}

func (r *reader) parse(n *node) (*core.Query, error) {
	if r.err != nil {
		return nil, r.err
	}
	if n.height > maxHeight {
		return nil, tooComplex()
	}
	return core.Parse(flatten(n, r.src))
}
