package lower

import (
	"strconv"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// from reads the list of FROM.
func (r *reader) from() *node {
	var items []*node
	for {
		items = append(items, r.lateralViews(r.joined()))
		if !r.eat(",") {
			break
		}
	}
	n := commas(items)
	if len(items) > maxNesting {
		r.stop(tooComplex())
	}
	return n
}

// joined reads a table reference and the joins that follow.
func (r *reader) joined() *node {
	n := r.tableRef()
	for r.startsJoin() {
		n = r.join(n)
	}
	return n
}

func (r *reader) startsJoin() bool {
	t := r.tok()
	switch {
	case t.Word("semi"), t.Word("anti"):
		return r.at(1).Word("join")
	case t.Kind != lexer.Word || r.err != nil:
		return false
	}
	switch t.Text {
	case "join", "cross", "natural", "inner", "left", "right", "full":
		return true
	}
	return false
}

// joinKinds gives a join's own text in core text.
var joinKinds = map[string]string{
	"inner": " JOIN ", "left": " LEFT JOIN ", "right": " RIGHT JOIN ",
	"full": " LEFT JOIN ", "semi": " LEFT JOIN ", "anti": " LEFT JOIN ",
}

// join reads one join with l on its left.
func (r *reader) join(l *node) *node {
	defer r.leave()
	if !r.enter() {
		return l
	}
	t := r.tok()
	if r.accept("cross") {
		r.wantWords("join")
		return joinOf(paren(t.Pos, l, leaf(t.Pos, " CROSS JOIN "), r.tableRef()))
	}
	natural := r.accept("natural")
	kind := r.joinKind()
	r.wantWords("join")
	right := r.tableRef()
	if natural {
		on := call(t.Pos, core.JoinNatural, own(-1, kind))
		return joinOf(paren(t.Pos, l, leaf(t.Pos, joinKinds[kind]), right, glue(" ON "), on))
	}
	for r.startsJoin() {
		right = r.join(right)
	}
	return joinOf(paren(t.Pos, l, leaf(t.Pos, joinKinds[kind]), right, glue(" ON "), r.joinCondition(kind)))
}

// joinOf marks a node as a join, the one thing that may stand in parentheses.
func joinOf(n *node) *node {
	n.kind = joinTree
	return n
}

func (r *reader) joinKind() string {
	switch {
	case r.accept("left", "semi"), r.accept("semi"):
		return "semi"
	case r.accept("left", "anti"), r.accept("anti"):
		return "anti"
	case r.accept("left"), r.accept("right"), r.accept("full"):
		kind := r.at(-1).Text
		r.accept("outer")
		return kind
	}
	r.accept("inner")
	return "inner"
}

func (r *reader) joinCondition(kind string) *node {
	t := r.tok()
	switch {
	case r.accept("on"):
		x := r.expr()
		if kind == "full" || kind == "semi" || kind == "anti" {
			return call(t.Pos, core.Prefix+kind, x)
		}
		return x
	case r.accept("using"):
		args := []*node{own(-1, kind), leaf(-1, "NULL")}
		for _, c := range r.nameList() {
			args = append(args, own(c.Pos, c.Text))
		}
		if r.accept("as") {
			a := r.name()
			args[1] = own(a.Pos, a.Text)
		}
		return call(t.Pos, core.JoinUsing, args...)
	}
	r.syntax(t)
	return leaf(-1, "")
}

// derived is the one encoding of an item of FROM that the core has no syntax
// for: LATERAL takes a column list, and its first name says what the item is.
func derived(what string, q, alias *node, columns []*node) *node {
	list := append([]*node{ident(-1, what)}, columns...)
	return cat(glue("LATERAL "), q, glue(" AS "), alias, glue(" ("), commas(list), glue(")"))
}

// tableRef reads an item of FROM without the joins that follow it.
func (r *reader) tableRef() *node {
	t := r.tok()
	lateral := r.accept("lateral")
	switch {
	case r.tok().Is("(") && r.parenIsQuery():
		return r.refusedTail(r.derivedQuery(t, lateral))
	case r.tok().Is("(") && !lateral:
		return r.parenJoin(t)
	case r.words("rows", "from"):
		return r.refusedTail(r.rowsFrom(t))
	}
	if !lateral && r.accept("only") {
		if r.eat("(") {
			n := r.tableRef()
			r.want(")")
			return n
		}
		return r.refusedTail(r.table())
	}
	if r.startsFunction() {
		return r.refusedTail(r.functionRef())
	}
	if lateral {
		r.dotted()
		r.syntax(r.tok())
	}
	return r.refusedTail(r.table())
}

// refusedTail refuses what Postgres and Spark allow behind an item of FROM, and
// Flint does not.
func (r *reader) refusedTail(n *node) *node {
	switch t := r.tok(); {
	case t.Word("tablesample"):
		r.unsupported(t, "TABLESAMPLE")
	case (t.Word("pivot") || t.Word("unpivot")) && r.at(1).Is("("):
		r.unsupported(t, upper(t.Text))
	}
	return n
}

func (r *reader) derivedQuery(t *lexer.Token, lateral bool) *node {
	q := r.level(r.parenQuery)
	alias, columns := r.alias()
	if alias == nil {
		r.anonymous++
		alias = ident(t.Pos, core.Anonymous(strconv.Itoa(r.anonymous)))
	}
	switch {
	case lateral:
		return derived(core.FromLateral, q, alias, columns)
	case columns != nil:
		return derived(core.FromSubquery, q, alias, columns)
	}
	return cat(q, glue(" AS "), alias)
}

// parenJoin reads (a JOIN b …). With an alias it is a query of its own, which
// hides the names within as Postgres does.
func (r *reader) parenJoin(t *lexer.Token) *node {
	defer r.leave()
	if !r.enter() {
		return leaf(-1, "")
	}
	r.want("(")
	n := r.joined()
	if n.kind != joinTree {
		r.syntax(r.tok())
	}
	r.want(")")
	alias, columns := r.alias()
	if alias == nil {
		return n
	}
	q := paren(t.Pos, leaf(t.Pos, "SELECT * FROM "), n)
	return derived(core.FromLateral, q, alias, columns)
}

// table reads a table's name and alias.
func (r *reader) table() *node {
	n := r.tableName(r.dotted())
	r.eat("*")
	alias, columns := r.alias()
	switch {
	case alias == nil:
		return n
	case columns != nil:
		return derived(core.FromSubquery, paren(-1, glue("SELECT * FROM "), n), alias, columns)
	}
	return cat(n, glue(" AS "), alias)
}

func (r *reader) tableName(parts []*lexer.Token) *node {
	n := cat(qualified(parts, 2)...)
	n.kind = table
	return n
}

// alias reads [AS] name [(columns)]; nil without one.
func (r *reader) alias() (alias *node, columns []*node) {
	if !r.accept("as") && !r.startsAlias() {
		return nil, nil
	}
	n := r.name()
	alias = ident(n.Pos, n.Text)
	if r.tok().Is("(") {
		columns = idents(r.nameList())
	}
	return alias, columns
}

// startsAlias tells an alias without AS from the words that Spark puts there.
func (r *reader) startsAlias() bool {
	t := r.tok()
	if !isColID(t) || t.Kind == lexer.Name {
		return isColID(t)
	}
	n := r.at(1)
	switch t.Text {
	case "semi", "anti":
		return !n.Word("join")
	case "distribute", "sort", "cluster":
		return !n.Word("by")
	case "pivot", "unpivot":
		return !n.Is("(")
	case "minus":
		return !r.startsOperandQuery()
	case "qualify":
		return n.Kind != lexer.Word || wordIs(n, reserved)
	}
	return true
}

// startsFunction tells a function from a table.
func (r *reader) startsFunction() bool {
	t := r.tok()
	if t.Kind != lexer.Name && t.Kind != lexer.Word {
		return false
	}
	if wordIs(t, valueWord) {
		return true
	}
	if wordIs(t, reserved) {
		return false
	}
	k := 1
	for r.at(k).Is(".") {
		k += 2
	}
	return r.at(k).Is("(")
}

// functionCall reads a call in FROM, and returns the name that the item gets.
func (r *reader) functionCall() (*node, *lexer.Token) {
	t := r.tok()
	if wordIs(t, valueWord) {
		return r.valueFunction(t), t
	}
	if r.at(1).Is("(") {
		if n := r.form(t); n != nil {
			return n, t
		}
	}
	if !isColID(t) && !wordIs(t, typeOrFunc) {
		r.syntax(t)
	}
	parts := []*lexer.Token{r.next()}
	r.identifier(t)
	for r.eat(".") {
		parts = append(parts, r.labelName())
	}
	r.want("(")
	return r.call(parts), parts[len(parts)-1]
}

func (r *reader) functionRef() *node {
	start := r.tok()
	call, name := r.functionCall()
	what := core.FromFunction
	if r.accept("with", "ordinality") {
		what = core.FromFunctionOrd
	}
	fields := []*node{call}
	alias, columns := ident(name.Pos, name.Text), []*node(nil)
	if r.words("as") && r.at(1).Is("(") {
		r.next()
		fields, columns = r.columnDefinitions(fields)
	} else if a, named := r.functionAlias(&fields); a != nil {
		alias, columns = a, named
	}
	if len(fields) > 1 && what != core.FromFunction {
		r.fail(start, sqlerr.Syntax, "WITH ORDINALITY cannot be used with a column definition list")
	}
	q := paren(start.Pos, leaf(start.Pos, "SELECT "), commas(fields))
	return derived(what, q, alias, columns)
}

// functionAlias reads an alias whose list may define columns: x(a int, b text).
func (r *reader) functionAlias(fields *[]*node) (*node, []*node) {
	if !r.accept("as") && !r.startsAlias() {
		return nil, nil
	}
	n := r.name()
	alias := ident(n.Pos, n.Text)
	if !r.tok().Is("(") {
		return alias, nil
	}
	if next := r.at(2); next.Is(",") || next.Is(")") {
		return alias, idents(r.nameList())
	}
	var columns []*node
	*fields, columns = r.columnDefinitions(*fields)
	return alias, columns
}

// columnDefinitions reads (a int, b text). The types follow the call in the
// select list of the derived table.
func (r *reader) columnDefinitions(fields []*node) ([]*node, []*node) {
	r.want("(")
	var columns []*node
	for {
		n := r.name()
		columns = append(columns, ident(n.Pos, n.Text))
		typ, pos := r.typeName()
		fields = append(fields, own(pos, typ))
		if r.accept("collate") {
			r.dotted()
		}
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
	return fields, columns
}

func (r *reader) rowsFrom(t *lexer.Token) *node {
	r.i += 2
	r.want("(")
	var calls []*node
	var first *lexer.Token
	for {
		c, name := r.functionCall()
		if first == nil {
			first = name
		}
		if w := r.tok(); w.Word("as") {
			r.unsupported(w, "a column definition list in ROWS FROM")
		}
		calls = append(calls, c)
		if !r.eat(",") {
			break
		}
	}
	r.want(")")
	what := core.FromRowsFrom
	if r.accept("with", "ordinality") {
		what = core.FromRowsFromOrd
	}
	alias, columns := r.alias()
	if alias == nil {
		alias = ident(first.Pos, first.Text)
	}
	return derived(what, paren(t.Pos, leaf(t.Pos, "SELECT "), commas(calls)), alias, columns)
}

// lateralViews reads Spark's LATERAL VIEW [OUTER] f(…) t [AS a, b].
func (r *reader) lateralViews(l *node) *node {
	for {
		t := r.tok()
		if !r.accept("lateral", "view") {
			return l
		}
		outer := r.accept("outer")
		c, name := r.functionCall()
		alias := ident(name.Pos, name.Text)
		if n := r.tok(); isColID(n) {
			r.next()
			alias = ident(n.Pos, r.identifier(n))
		}
		var columns []*node
		if r.accept("as") {
			columns = append(columns, idents([]*lexer.Token{r.name()})...)
			for r.tok().Is(",") && isColID(r.at(1)) && !r.at(2).Is(".") {
				r.next()
				columns = append(columns, idents([]*lexer.Token{r.name()})...)
			}
		}
		d := derived(core.FromFunction, paren(t.Pos, leaf(t.Pos, "SELECT "), c), alias, columns)
		if outer {
			l = paren(t.Pos, l, leaf(t.Pos, " LEFT JOIN "), d, glue(" ON TRUE"))
		} else {
			l = paren(t.Pos, l, leaf(t.Pos, " CROSS JOIN "), d)
		}
	}
}
