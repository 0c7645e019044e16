package lower

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// primary is a c_expr; indirect says that subscripts and fields may follow.
type primary struct {
	node     *node
	indirect bool
}

func atom(n *node) *primary    { return &primary{node: n} }
func subject(n *node) *primary { return &primary{node: n, indirect: true} }

// primary reads a c_expr: a constant, a name, a call, or something in parentheses.
func (r *reader) primary() *primary {
	t := r.tok()
	switch t.Kind {
	case lexer.Number:
		r.next()
		return atom(numeric(t.Pos, t.Text, false))
	case lexer.String:
		r.next()
		return atom(constant(t.Pos, t.Text))
	case lexer.National:
		r.next()
		return atom(castTo(t.Pos, constant(t.Pos, t.Text), own(-1, "bpchar")).named("bpchar", 1))
	case lexer.Bits:
		r.next()
		return atom(r.bits(t))
	case lexer.Param:
		r.next()
		return subject(r.param(t))
	case lexer.Punct:
		if t.Text == "(" {
			return r.parenthesised()
		}
	case lexer.Name:
		return r.nameExpr()
	case lexer.Word:
		return r.wordExpr(t)
	}
	r.syntax(t)
	return atom(leaf(-1, ""))
}

// numeric writes a constant. The core's own numbers are int64 and plain
// decimals; any other leaves as a cast of its text.
func numeric(pos int, digits string, minus bool) *node {
	sign, k := "", number
	if minus {
		sign, k = "-", negative
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if strings.ContainsAny(digits, "eE") {
		return castTo(pos, leaf(pos, quote("'", sign+digits)), own(-1, "numeric")).as(k, digits)
	}
	if point {
		if whole == "" {
			whole = "0"
		}
		if fraction == "" {
			return castTo(pos, leaf(pos, quote("'", sign+whole)), own(-1, "numeric")).as(k, digits)
		}
		return signed(pos, minus, whole+"."+fraction).as(k, digits)
	}
	v, err := strconv.ParseInt(sign+digits, 10, 64)
	switch {
	case err != nil:
		return castTo(pos, leaf(pos, quote("'", sign+digits)), own(-1, "numeric")).as(k, digits)
	case v == -1<<63:
		return castTo(pos, leaf(pos, quote("'", sign+digits)), own(-1, "int8")).as(k, digits)
	}
	return signed(pos, minus, digits).as(k, digits)
}

func signed(pos int, minus bool, digits string) *node {
	if minus {
		return paren(pos, leaf(pos, "-"), leaf(-1, digits))
	}
	return cat(leaf(pos, digits))
}

// as marks the node as a numeric constant of these digits.
func (n *node) as(k kind, digits string) *node {
	n.kind, n.digits = k, digits
	return n
}

func castTo(pos int, x, typ *node) *node { return call(pos, core.Cast, x, typ) }

// cast reads a type and casts x to it.
func (r *reader) cast(t *lexer.Token, marker string, x *node) *node {
	typ, pos := r.typeName()
	n := call(t.Pos, marker, x, own(pos, typ))
	if x.strength > 1 {
		return n.named(x.label, x.strength)
	}
	return n.named(typeLabel(typ), 1)
}

func (r *reader) bits(t *lexer.Token) *node {
	digits, kind := "01", "binary"
	if t.Text[0] == 'x' {
		digits, kind = "0123456789abcdefABCDEF", "hexadecimal"
	}
	for _, c := range t.Text[1:] {
		if !strings.ContainsRune(digits, c) {
			r.fail(t, sqlerr.InvalidText, "\"%c\" is not a valid %s digit", c, kind)
		}
	}
	return call(t.Pos, core.Bits, own(t.Pos, t.Text))
}

// maxParams is the protocol's limit: a count of parameters is an int16 there.
const maxParams = 65535

func (r *reader) param(t *lexer.Token) *node {
	n, err := strconv.Atoi(t.Text)
	if err != nil || n < 1 || n > maxParams {
		r.fail(t, sqlerr.UndefinedParameter, "there is no parameter $%s", t.Text)
	}
	r.params = max(r.params, n)
	return call(t.Pos, core.Param, leaf(t.Pos, strconv.Itoa(n)))
}

// parenthesised reads (query), (expr), and the row (a, b, …).
func (r *reader) parenthesised() *primary {
	if r.parenIsQuery() {
		return subject(r.level(r.parenQuery))
	}
	t := r.next()
	list := r.level(func() *node {
		args := r.exprs()
		if len(args) == 1 {
			return args[0]
		}
		n := call(t.Pos, core.Row, args...).named("row", 2)
		n.kind = rowList
		return n
	})
	r.want(")")
	return subject(list)
}

// constants are the words that the core has as they are.
var constants = map[string]string{"null": "NULL", "true": "TRUE", "false": "FALSE"}

// wordExpr reads an expression that begins with an unquoted word.
func (r *reader) wordExpr(t *lexer.Token) *primary {
	if c, ok := constants[t.Text]; ok {
		r.next()
		return atom(leaf(t.Pos, c))
	}
	bracket := r.at(1).Is("(")
	switch t.Text {
	case "case":
		return atom(r.caseExpr())
	case "default":
		r.fail(t, sqlerr.Syntax, "DEFAULT is not allowed in this context")
	case "exists":
		if bracket {
			r.i += 2
			if !r.startsQuery() {
				r.syntax(r.tok())
			}
			q := r.level(r.subquery)
			r.want(")")
			return atom(cat(leaf(t.Pos, "EXISTS "), q).named("exists", 2))
		}
	case "array":
		if bracket || r.at(1).Is("[") {
			return subject(r.array())
		}
	case "row":
		if bracket {
			r.i += 2
			return atom(call(t.Pos, core.Row, r.level1(r.args)...).named("row", 2))
		}
	case "interval":
		if n := r.interval(); n != nil {
			return atom(n)
		}
	}
	if bracket {
		if n := r.form(t); n != nil {
			return r.callTail(t, n)
		}
	}
	if wordIs(t, valueWord) {
		return atom(r.valueFunction(t))
	}
	if !wordIs(t, reserved) && (!wordIs(t, typeOrFunc) || r.nameIsCall()) {
		return r.nameExpr()
	}
	r.syntax(t)
	return atom(leaf(-1, ""))
}

// level1 is level for a list.
func (r *reader) level1(read func() []*node) []*node {
	saved := r.bExpr
	r.bExpr = false
	list := read()
	r.bExpr = saved
	return list
}

// nameIsCall tells whether the word at the cursor, which can't name a column,
// begins a call, a qualified name or a typed constant.
func (r *reader) nameIsCall() bool {
	n := r.at(1)
	return n.Is("(") || n.Is(".") || n.Kind == lexer.String
}

// valueFunction reads CURRENT_DATE and its kin; some take a precision.
func (r *reader) valueFunction(t *lexer.Token) *node {
	r.next()
	var args []*node
	if r.eat("(") {
		// Spark writes current_date() and current_user().
		if timed := strings.HasSuffix(t.Text, "time") || strings.HasSuffix(t.Text, "timestamp"); !timed && !r.tok().Is(")") {
			r.i--
			r.syntax(r.tok())
		} else if !r.eat(")") {
			p := r.next()
			if p.Kind != lexer.Number {
				r.syntax(p)
			}
			args = append(args, leaf(p.Pos, p.Text))
			r.want(")")
		}
	}
	return function(t.Pos, t.Text, args...)
}

func (r *reader) caseExpr() *node {
	defer func(saved bool) { r.bExpr = saved }(r.bExpr)
	r.bExpr = false
	t := r.next()
	parts := []*node{leaf(t.Pos, "CASE ")}
	label, strength := "case", 1
	if !r.tok().Word("when") {
		parts = append(parts, r.expr(), glue(" "))
	}
	for first := true; first || r.tok().Word("when"); first = false {
		r.wantWords("when")
		parts = append(parts, glue("WHEN "), r.expr(), glue(" THEN "))
		r.wantWords("then")
		parts = append(parts, r.expr(), glue(" "))
	}
	if r.accept("else") {
		e := r.expr()
		if e.strength > 1 {
			label, strength = e.label, e.strength
		}
		parts = append(parts, glue("ELSE "), e, glue(" "))
	}
	r.wantWords("end")
	return cat(append(parts, glue("END"))...).named(label, strength)
}

// array reads ARRAY[…], ARRAY(query), and Spark's array(a, b).
func (r *reader) array() *node {
	t := r.next()
	if r.tok().Is("[") {
		return r.arrayItems().named("array", 2)
	}
	r.next()
	if !r.startsQuery() {
		return call(t.Pos, core.Array, r.level1(r.args)...).named("array", 2)
	}
	q := r.level(r.subquery)
	r.want(")")
	return call(t.Pos, core.ArrayOf, q).named("array", 2)
}

func (r *reader) arrayItems() *node {
	defer r.leave()
	t := r.next()
	if !r.enter() || r.eat("]") {
		return call(t.Pos, core.Array)
	}
	var items []*node
	for {
		if r.tok().Is("[") {
			items = append(items, r.arrayItems())
		} else {
			items = append(items, r.expr())
		}
		if !r.eat(",") {
			break
		}
	}
	r.want("]")
	return call(t.Pos, core.Array, items...)
}
