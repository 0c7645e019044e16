package lower

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

func upper(s string) string { return strings.ToUpper(s) }

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// nameExpr reads what begins with a name: a typed constant, a call, a column or t.*.
func (r *reader) nameExpr() *primary {
	if n := r.typedConstant(); n != nil {
		return atom(n)
	}
	parts := []*lexer.Token{r.next()}
	r.identifier(parts[0])
	for r.tok().Is(".") && !r.at(1).Is("*") {
		r.next()
		parts = append(parts, r.labelName())
	}
	last := parts[len(parts)-1]
	if r.tok().Is("(") {
		r.next()
		return r.callTail(last, r.call(parts))
	}
	if t := parts[0]; len(parts) == 1 && !isColID(t) {
		r.syntax(r.tok())
	}
	if t := r.tok(); t.Is(".") { // t.* as a value
		r.i += 2
		return atom(call(t.Pos, core.Star, cat(qualified(parts, 3)...)))
	}
	return subject(cat(qualified(parts, 3)...).named(last.Text, 2))
}

// call reads a call's arguments, up to the closing parenthesis.
func (r *reader) call(parts []*lexer.Token) *node {
	last := parts[len(parts)-1]
	build := func(args []*node) *node {
		return cat(cat(qualified(parts, 2)...), glue("("), commas(args), glue(")"))
	}
	if t := parts[0]; len(parts) == 1 && wordIs(t, columnName) && !sparkFunction[t.Text] {
		r.i -= 2 // such words name no function
		r.syntax(r.at(1))
	}
	if r.tok().Is("*") && r.at(1).Is(")") {
		r.i += 2
		return call(last.Pos, core.CountStar, build(nil)).named(last.Text, 2)
	}
	distinct := r.accept("distinct")
	if !distinct {
		r.accept("all")
	}
	var args, keys []*node
	if !r.tok().Is(")") || r.at(-1).Word("distinct") || r.at(-1).Word("all") {
		args = r.level1(r.argList)
		if r.accept("order", "by") {
			keys = r.level1(r.sortKeys)
		}
	}
	r.want(")")
	n := build(args)
	if distinct {
		n = call(last.Pos, core.AggDistinct, n)
	}
	if keys != nil {
		n = call(last.Pos, core.AggOrderBy, append([]*node{n}, keys...)...)
	}
	return n.named(last.Text, 2)
}

// sparkFunction lists words that Postgres allows for columns only, and that
// Spark calls as functions.
var sparkFunction = words(`char float boolean int bigint smallint decimal timestamp values`)

// args reads arguments and the closing parenthesis.
func (r *reader) args() []*node {
	if r.eat(")") {
		return nil
	}
	list := r.argList()
	r.want(")")
	return list
}

func (r *reader) argList() []*node {
	list := []*node{r.arg()}
	for r.eat(",") {
		list = append(list, r.arg())
	}
	return list
}

// arg reads an argument: named, VARIADIC, x AS name (Spark's struct), or an expression.
func (r *reader) arg() *node {
	t := r.tok()
	if n := r.at(1); (n.Is("=>") || n.Is(":=")) && (isColID(t) || wordIs(t, typeOrFunc)) {
		r.i += 2
		r.identifier(t)
		return call(t.Pos, core.NamedArg, own(t.Pos, t.Text), r.expr())
	}
	if r.accept("variadic") {
		return call(t.Pos, core.Variadic, r.expr())
	}
	x := r.expr()
	if r.tok().Is(":") {
		r.unsupported(r.tok(), "a JSON constructor")
	}
	if r.accept("as") {
		n := r.labelName()
		return call(n.Pos, core.As, x, own(n.Pos, n.Text))
	}
	return x
}

// callTail reads what may follow a call: WITHIN GROUP, FILTER, IGNORE NULLS and
// OVER, each a wrapper around what stands before it.
func (r *reader) callTail(name *lexer.Token, n *node) *primary {
	label, strength := n.label, n.strength
	wrap := func(t *lexer.Token, marker string, more ...*node) {
		n = call(t.Pos, marker, append([]*node{n}, more...)...)
	}
	if t := r.tok(); r.accept("within") {
		r.wantWords("group")
		if _, twice := n.marker(core.AggOrderBy); twice {
			r.fail(t, sqlerr.Syntax, "cannot use multiple ORDER BY clauses with WITHIN GROUP")
		}
		if _, distinct := n.marker(core.AggDistinct); distinct {
			r.fail(t, sqlerr.Syntax, "cannot use DISTINCT with WITHIN GROUP")
		}
		r.want("(")
		r.wantWords("order", "by")
		wrap(t, core.WithinGroup, r.level1(r.sortKeys)...)
		r.want(")")
	}
	if t := r.tok(); r.accept("filter") {
		r.want("(")
		r.wantWords("where")
		wrap(t, core.Filter, r.expr())
		r.want(")")
	}
	if t := r.tok(); r.accept("ignore", "nulls") {
		wrap(t, core.IgnoreNulls)
	} else {
		r.accept("respect", "nulls")
	}
	over := false
	if t := r.tok(); r.accept("over") {
		over = true
		// The core allows OVER after its own window functions only: FIRST_VALUE carries.
		n = cat(leaf(name.Pos, "FIRST_VALUE("), n, leaf(t.Pos, ") OVER "), r.windowRef())
	}
	p := subject(n.named(label, strength))
	p.indirect = !over
	return p
}

// windowRef reads what stands after OVER.
func (r *reader) windowRef() *node {
	if !r.tok().Is("(") {
		n := r.name()
		return ident(n.Pos, n.Text)
	}
	return r.windowSpec()
}

// windowSpec reads ([name] [PARTITION BY …] [ORDER BY …] [frame]). The frame
// rides as the last item of PARTITION BY.
func (r *reader) windowSpec() *node {
	r.want("(")
	parts := []*node{glue("(")}
	if t := r.tok(); isColID(t) && !r.words("partition", "by") && !r.startsFrame() {
		r.next()
		parts = append(parts, ident(t.Pos, r.identifier(t)))
	}
	var partition, order []*node
	if r.accept("partition", "by") {
		partition = r.level1(r.exprs)
	}
	if r.accept("order", "by") {
		order = r.level1(r.sortKeys)
	}
	if r.startsFrame() {
		partition = append(partition, r.frame())
	}
	r.want(")")
	if partition != nil {
		parts = append(parts, glue(" PARTITION BY "), commas(partition))
	}
	if order != nil {
		parts = append(parts, glue(" ORDER BY "), commas(order))
	}
	return cat(append(parts, glue(")"))...)
}

// startsFrame tells whether ROWS, RANGE or GROUPS begins a frame here; the words
// may also name a window.
func (r *reader) startsFrame() bool {
	t := r.tok()
	return (t.Word("rows") || t.Word("range") || t.Word("groups")) && !r.at(1).Is(")") && !r.at(1).Word("order") && !r.at(1).Word("partition")
}

func (r *reader) frame() *node {
	t := r.next()
	var start, end string
	var lo, hi *node
	if r.accept("between") {
		start, lo = r.bound()
		r.wantWords("and")
		end, hi = r.bound()
	} else {
		start, lo = r.bound()
		end, hi = "current row", omitted()
	}
	exclude := ""
	if r.accept("exclude") {
		switch {
		case r.accept("current", "row"):
			exclude = "current row"
		case r.accept("no", "others"):
			exclude = "no others"
		case r.accept("group"), r.accept("ties"):
			exclude = r.at(-1).Text
		default:
			r.syntax(r.tok())
		}
	}
	return call(t.Pos, core.Frame, own(t.Pos, t.Text), own(-1, start), lo, own(-1, end), hi, own(-1, exclude))
}

func (r *reader) bound() (string, *node) {
	if r.accept("current", "row") {
		return "current row", omitted()
	}
	prefix, offset := "", omitted()
	if r.accept("unbounded") {
		prefix = "unbounded "
	} else {
		offset = r.expr()
	}
	if !r.accept("preceding") && !r.accept("following") {
		r.syntax(r.tok())
		return "", offset
	}
	return prefix + r.at(-1).Text, offset
}

// sortKeys reads the keys of an ORDER BY.
func (r *reader) sortKeys() []*node {
	keys := []*node{r.sortKey()}
	for r.eat(",") {
		keys = append(keys, r.sortKey())
	}
	return keys
}

func (r *reader) sortKey() *node {
	x := r.expr()
	pos, marker := -1, core.Asc
	t := r.tok()
	switch {
	case r.accept("desc"):
		pos, marker = t.Pos, core.Desc
	case r.accept("using"):
		switch op := r.next(); {
		case op.Is("<"):
		case op.Is(">"):
			pos, marker = op.Pos, core.Desc
		default:
			r.unsupported(op, "an ordering operator other than < and >")
		}
	default:
		r.accept("asc")
	}
	key := call(pos, marker, x)
	switch t := r.tok(); {
	case r.accept("nulls", "first"):
		key = call(t.Pos, core.NullsFirst, key)
	case r.accept("nulls", "last"):
		key = call(t.Pos, core.NullsLast, key)
	}
	return key
}
