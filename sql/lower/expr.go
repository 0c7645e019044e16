package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// Binding powers in the order of Postgres' gram.y, loosest first.
const (
	pOr = iota + 1
	pAnd
	pNot
	pIs
	pCompare
	pLike // BETWEEN IN LIKE ILIKE SIMILAR
	pOperator
	pAdd
	pMul
	pPower
	pAt
	pCollate
	pSign
	pSubscript
	pCast
)

// infix is how an operator binds and how the core has it.
type infix struct {
	power    int
	nonAssoc bool
	native   bool // the core has it with the same meaning; else it is a marker call
}

// infixes holds the operators with a power of their own; any other one binds
// with pOperator, from left to right, and leaves as a marker.
var infixes = map[string]infix{
	"<":   {pCompare, true, true},
	">":   {pCompare, true, true},
	"=":   {pCompare, true, true},
	"<=":  {pCompare, true, true},
	">=":  {pCompare, true, true},
	"<>":  {pCompare, true, true},
	"<=>": {pCompare, true, true},
	"+":   {pAdd, false, true},
	"-":   {pAdd, false, true},
	"*":   {pMul, false, true},
	"/":   {pMul, false, false},
	"%":   {pMul, false, false},
	"^":   {pPower, false, false},
}

func infixOf(op string) infix {
	if f, ok := infixes[op]; ok {
		return f
	}
	return infix{power: pOperator}
}

// expr reads an a_expr.
func (r *reader) expr() *node { return r.level(func() *node { return r.binary(0) }) }

// level reads an expression that starts anew: no b_expr rule reaches into it.
func (r *reader) level(read func() *node) *node {
	saved := r.bExpr
	r.bExpr = false
	n := read()
	r.bExpr = saved
	return n
}

// restricted reads a b_expr, which knows no AND, OR, NOT, IN, LIKE, BETWEEN, IS
// NULL and AT TIME ZONE.
func (r *reader) restricted() *node {
	saved := r.bExpr
	r.bExpr = true
	n := r.binary(0)
	r.bExpr = saved
	return n
}

// binary reads operators that bind tighter than power, by precedence climbing.
func (r *reader) binary(power int) *node {
	defer r.leave()
	if !r.enter() {
		return leaf(-1, "")
	}
	l := r.unary()
	for {
		next := r.postfix(l, power)
		if next == nil || r.err != nil {
			return l
		}
		l = next
	}
}

// postfix extends l by one operator; nil if none follows that binds tighter than power.
func (r *reader) postfix(l *node, power int) *node {
	t := r.tok()
	switch {
	case t.Kind == lexer.Op:
		op := sameAs(t.Text)
		if f := infixOf(op); f.power > power {
			r.next()
			return r.operand(t, op, f, l)
		}
	case t.Kind == lexer.Punct && t.Text == "::" && pCast > power:
		r.next()
		return r.cast(t, core.Cast, l)
	case t.Kind == lexer.Word:
		return r.wordOperator(l, power)
	}
	return nil
}

// sameAs gives an operator's one name: Spark's == is =.
func sameAs(op string) string {
	if op == "==" {
		return "="
	}
	return op
}

// operand reads what stands right of an operator: ANY (…), ALL (…) or an expression.
func (r *reader) operand(t *lexer.Token, op string, f infix, l *node) *node {
	if n := r.quantified(t, op, l); n != nil {
		return n
	}
	n := apply(t, op, f, l, r.binary(f.power))
	r.refuseChain(f)
	return n
}

// refuseChain refuses a second non-associative operator of the same power.
func (r *reader) refuseChain(f infix) {
	if !f.nonAssoc {
		return
	}
	t := r.tok()
	if t.Kind == lexer.Op && infixOf(sameAs(t.Text)).power == f.power {
		r.syntax(t)
	}
}

func apply(t *lexer.Token, op string, f infix, l, r *node) *node {
	if op == "||" {
		return chain(concat, t.Pos, ", ", l, r)
	}
	if f.native {
		return paren(t.Pos, l, leaf(t.Pos, " "+op+" "), r)
	}
	return call(t.Pos, core.OperatorMarker(op), l, r)
}

// quantified reads ANY, SOME or ALL and its array or query; nil for anything else.
func (r *reader) quantified(t *lexer.Token, op string, l *node) *node {
	q := r.tok()
	if !(q.Word("any") || q.Word("some") || q.Word("all")) {
		return nil
	}
	quantifier := q.Text
	if quantifier == "some" {
		quantifier = "any"
	}
	r.next()
	r.want("(")
	x := r.queryOr(r.expr)
	r.want(")")
	return call(t.Pos, core.QuantifiedMarker(op, quantifier), l, x)
}

// queryOr reads what stands in parentheses: a query, or what alternative reads.
func (r *reader) queryOr(alternative func() *node) *node {
	if r.startsQuery() {
		return r.level(r.subquery)
	}
	return alternative()
}

// exprs reads a, b, c.
func (r *reader) exprs() []*node {
	list := []*node{r.expr()}
	for r.eat(",") {
		list = append(list, r.expr())
	}
	return list
}

// unary reads prefix operators.
func (r *reader) unary() *node {
	t := r.tok()
	switch {
	case t.Word("not") && !r.bExpr:
		r.next()
		return paren(t.Pos, leaf(t.Pos, "NOT "), r.binary(pNot))
	case t.Is("-"):
		r.next()
		return minus(t.Pos, r.binary(pSign))
	case t.Is("+"):
		r.next()
		if n := r.binary(pSign); n.kind == number || n.kind == negative {
			return n
		} else {
			return call(t.Pos, core.OperatorMarker("+"), n)
		}
	case t.Kind == lexer.Op && !isInfixOnly(t.Text):
		r.next()
		return call(t.Pos, core.OperatorMarker(t.Text), r.binary(pOperator))
	}
	if t.Word("operator") && r.at(1).Is("(") {
		at, op := r.namedOperator()
		return call(at.Pos, core.OperatorMarker(op), r.binary(pOperator))
	}
	return r.operandTail(r.primary())
}

// isInfixOnly tells the operators that are grammar symbols of their own, and
// so can't stand in front of an operand.
func isInfixOnly(op string) bool {
	_, ok := infixes[op]
	return ok || op == "=="
}

// minus negates. A constant takes the sign itself, as Postgres' doNegate does:
// -9223372036854775808 is a bigint.
func minus(pos int, n *node) *node {
	switch n.kind {
	case number:
		return numeric(pos, n.digits, true)
	case negative:
		return numeric(pos, n.digits, false)
	}
	return paren(pos, leaf(pos, "-"), n)
}

// operandTail reads subscripts and field selections.
func (r *reader) operandTail(p *primary) *node {
	n := p.node
	for r.err == nil {
		t := r.tok()
		switch {
		case p.indirect && t.Is("["):
			n = r.subscript(n)
		case p.indirect && t.Is("."):
			r.next()
			if r.eat("*") {
				n = call(t.Pos, core.Star, n)
				break
			}
			f := r.labelName()
			n = call(t.Pos, core.Field, n, own(f.Pos, f.Text)).named(f.Text, 2)
		default:
			return n
		}
	}
	return n
}

// subscript reads [i] or [lo:hi].
func (r *reader) subscript(array *node) *node {
	t := r.next()
	lo, hi, slice := omitted(), omitted(), false
	if !r.tok().Is(":") {
		lo = r.expr()
	}
	if r.eat(":") {
		slice = true
		if !r.tok().Is("]") {
			hi = r.expr()
		}
	}
	r.want("]")
	if slice {
		return call(t.Pos, core.Slice, array, lo, hi).named(array.label, array.strength)
	}
	return call(t.Pos, core.Elem, array, lo).named(array.label, array.strength)
}
