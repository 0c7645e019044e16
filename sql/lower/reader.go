package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

const (
	maxNesting = 2000 // how deep the reader may recurse
	maxHeight  = 4000 // how high a tree of core text may grow, as 1 + 1 + … makes it
)

// reader lowers one statement. The first error sticks: it moves the cursor to
// the end, so that every loop ends, and what is read after it is dropped.
type reader struct {
	src       string
	toks      []lexer.Token
	i         int
	err       *sqlerr.Error
	nesting   int
	bExpr     bool // reading a b_expr: the operand before AND of BETWEEN, or of POSITION
	params    int  // the highest $n
	anonymous int  // subqueries without an alias so far
}

func (r *reader) tok() *lexer.Token { return &r.toks[r.i] }

// at is the token k places ahead.
func (r *reader) at(k int) *lexer.Token { return &r.toks[max(0, min(r.i+k, len(r.toks)-1))] }

func (r *reader) end() bool { return r.tok().Kind == lexer.EOF }

// next consumes a token.
func (r *reader) next() *lexer.Token {
	t := r.tok()
	if r.i < len(r.toks)-1 {
		r.i++
	}
	return t
}

// words tells whether the next tokens are these unquoted words.
func (r *reader) words(ws ...string) bool {
	for k, w := range ws {
		if !r.at(k).Word(w) {
			return false
		}
	}
	return true
}

// accept consumes these words if they are next.
func (r *reader) accept(ws ...string) bool {
	if !r.words(ws...) {
		return false
	}
	r.i += len(ws)
	return true
}

// eat consumes this punctuation or operator if it is next.
func (r *reader) eat(p string) bool {
	if !r.tok().Is(p) {
		return false
	}
	r.i++
	return true
}

func (r *reader) want(p string) {
	if !r.eat(p) {
		r.syntax(r.tok())
	}
}

func (r *reader) wantWords(ws ...string) {
	for _, w := range ws {
		if !r.accept(w) {
			r.syntax(r.tok())
		}
	}
}

func (r *reader) stop(err *sqlerr.Error) {
	if r.err == nil {
		r.err = err
	}
	r.i = len(r.toks) - 1
}

func (r *reader) fail(t *lexer.Token, code, format string, args ...any) {
	if r.err != nil {
		r.stop(nil)
		return
	}
	r.stop(sqlerr.New(code, format, args...).At(lexer.Position(r.src, t.Pos)))
}

// syntax reports a syntax error at a token.
func (r *reader) syntax(t *lexer.Token) {
	if t.Kind == lexer.EOF {
		r.fail(t, sqlerr.Syntax, "syntax error at end of input")
		return
	}
	r.fail(t, sqlerr.Syntax, "syntax error at or near \"%s\"", r.src[t.Pos:t.End])
}

func (r *reader) unsupported(t *lexer.Token, feature string) {
	r.fail(t, sqlerr.FeatureNotSupported, "%s is not supported", feature)
}

// enter counts a level of nesting, and is false past the limit.
func (r *reader) enter() bool {
	if r.nesting++; r.nesting <= maxNesting {
		return r.err == nil
	}
	r.stop(tooComplex())
	return false
}

func (r *reader) leave() { r.nesting-- }

func tooComplex() *sqlerr.Error {
	return sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").
		WithHint("The statement is nested too deeply; simplify it.")
}

// identifier gives a name of the client's, and refuses one that starts as a marker does.
func (r *reader) identifier(t *lexer.Token) string {
	if t.Kind == lexer.Name && len(t.Text) >= len(core.Prefix) && t.Text[:len(core.Prefix)] == core.Prefix {
		r.fail(t, sqlerr.ReservedName, "identifier \"%s\" must not start with \"%s\"", t.Text, core.Prefix)
	}
	return t.Text
}

// name reads a ColId: any name but a reserved word.
func (r *reader) name() *lexer.Token {
	t := r.tok()
	if !isColID(t) {
		r.syntax(t)
		return t
	}
	r.identifier(t)
	return r.next()
}

// labelName reads a ColLabel: any name or word (after AS or a dot).
func (r *reader) labelName() *lexer.Token {
	t := r.tok()
	if t.Kind != lexer.Word && t.Kind != lexer.Name {
		r.syntax(t)
		return t
	}
	r.identifier(t)
	return r.next()
}

// nameList reads (a, b, …).
func (r *reader) nameList() []*lexer.Token {
	r.want("(")
	var list []*lexer.Token
	for {
		list = append(list, r.name())
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
	return list
}

// dotted reads a.b.c, the parts after the first as labels.
func (r *reader) dotted() []*lexer.Token {
	parts := []*lexer.Token{r.name()}
	for r.eat(".") {
		parts = append(parts, r.labelName())
	}
	return parts
}

func texts(ts []*lexer.Token) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.Text
	}
	return out
}

// qualified writes a name of any number of parts; tail of them stay parts of
// their own in the core, those before are packed into one.
func qualified(parts []*lexer.Token, tail int) []*node {
	var out []*node
	if tail > 1 && len(parts) > tail {
		tail-- // the packed one takes a place
	}
	if head := len(parts) - tail; head > 0 {
		out = append(out, ident(parts[0].Pos, core.PackName(texts(parts[:head]))), glue("."))
		parts = parts[head:]
	}
	for i, p := range parts {
		if i > 0 {
			out = append(out, glue("."))
		}
		out = append(out, ident(p.Pos, p.Text))
	}
	return out
}
