package lower

import (
	"strconv"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
)

// selectCore reads SELECT up to WINDOW.
func (r *reader) selectCore() *selectQuery {
	t := r.next()
	q := &selectQuery{}
	parts := []*node{leaf(t.Pos, "SELECT ")}
	var fields []*node
	if d := r.tok(); r.accept("distinct") {
		if r.accept("on") {
			r.want("(")
			fields = append(fields, call(d.Pos, core.DistinctOn, r.exprs()...))
			r.want(")")
		} else {
			parts = append(parts, leaf(d.Pos, "DISTINCT "))
		}
	} else {
		r.accept("all")
	}
	if r.emptyList() {
		fields = append(fields, call(r.tok().Pos, core.Omitted))
	} else {
		for first := true; ; first = false {
			f := r.field()
			fields = append(fields, f)
			if first {
				q.label = f.label
			}
			if !r.eat(",") {
				break
			}
		}
	}
	parts = append(parts, commas(fields))
	if t := r.tok(); t.Word("into") {
		r.unsupported(t, "SELECT INTO")
	}
	parts = append(parts, r.clauses()...)
	q.body = cat(parts...)
	return q
}

// clauses reads FROM, WHERE, GROUP BY, HAVING and WINDOW.
func (r *reader) clauses() []*node {
	var parts []*node
	t := r.tok()
	hasFrom := r.accept("from")
	if hasFrom {
		parts = append(parts, leaf(t.Pos, " FROM "), r.from())
	}
	if t := r.tok(); r.accept("where") {
		parts = append(parts, leaf(t.Pos, " WHERE "), r.expr())
	}
	if t := r.tok(); r.accept("group", "by") {
		parts = append(parts, leaf(t.Pos, " GROUP BY "), r.groupBy())
	}
	if t := r.tok(); r.accept("having") {
		parts = append(parts, leaf(t.Pos, " HAVING "), r.expr())
	}
	if t := r.tok(); r.accept("window") {
		if !hasFrom {
			// TiDB's WINDOW wants a FROM: one row without columns means the same.
			r.anonymous++
			one := cat(glue(" FROM (SELECT "), omitted(), glue(") AS "), ident(-1, core.Anonymous(strconv.Itoa(r.anonymous))))
			parts = append([]*node{one}, parts...)
		}
		parts = append(parts, leaf(t.Pos, " WINDOW "))
		for {
			n := r.name()
			r.wantWords("as")
			parts = append(parts, ident(n.Pos, n.Text), glue(" AS "), r.windowSpec())
			if !r.eat(",") {
				break
			}
			parts = append(parts, glue(", "))
		}
	}
	if t := r.tok(); t.Word("qualify") {
		r.unsupported(t, "QUALIFY")
	}
	return parts
}

// emptyList tells whether the select list is empty, as in SELECT FROM t.
func (r *reader) emptyList() bool {
	t := r.tok()
	if t.Kind != lexer.Word {
		return t.Kind == lexer.EOF || t.Is(")") || t.Is(";")
	}
	switch t.Text {
	case "from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit", "offset", "fetch", "for", "into":
		return true
	}
	return false
}

// field reads an item of the select list, and writes the name that the column
// gets: the client's, or the one that Postgres derives.
func (r *reader) field() *node {
	t := r.tok()
	if t.Is("*") {
		r.next()
		if r.words("except") && r.at(1).Is("(") && !r.startsQueryAt(2) {
			r.unsupported(r.tok(), "* EXCEPT")
		}
		return leaf(t.Pos, "*")
	}
	if n := r.tableStar(); n != nil {
		return n
	}
	x := r.expr()
	label := x.label
	if x.strength == 0 {
		label = "?column?"
	}
	pos := -1
	if r.accept("as") {
		n := r.labelName()
		label, pos = n.Text, n.Pos
	} else if n := r.tok(); isBareLabel(n) && r.err == nil {
		r.next()
		label, pos = r.identifier(n), n.Pos
	}
	if label == "" {
		return x
	}
	return cat(x, glue(" AS "), ident(pos, label)).named(label, 2)
}

// tableStar reads t.*, s.t.* and the like; nil for anything else.
func (r *reader) tableStar() *node {
	if !isColID(r.tok()) {
		return nil
	}
	k := 1
	for r.at(k).Is(".") && (r.at(k+1).Kind == lexer.Word || r.at(k+1).Kind == lexer.Name) {
		k += 2
	}
	if !r.at(k).Is(".") || !r.at(k+1).Is("*") {
		return nil
	}
	parts := []*lexer.Token{r.name()}
	for r.eat(".") && !r.tok().Is("*") {
		parts = append(parts, r.labelName())
	}
	r.next()
	return cat(append(qualified(parts, 2), glue(".*"))...)
}

// groupBy reads the items of GROUP BY, Spark's spellings included.
func (r *reader) groupBy() *node {
	if t := r.tok(); t.Word("all") && !r.startsExprAt(1) {
		r.next()
		return call(t.Pos, core.GroupAll)
	}
	var items []*node
	if t := r.tok(); r.accept("distinct") {
		items = append(items, call(t.Pos, core.GroupDistinct))
	} else {
		r.accept("all")
	}
	items = append(items, r.groupItems()...)
	if t := r.tok(); r.accept("with", "rollup") {
		return call(t.Pos, core.Rollup, items...)
	}
	if t := r.tok(); r.accept("with", "cube") {
		return call(t.Pos, core.Cube, items...)
	}
	if r.words("grouping", "sets") { // Spark lists the columns first, then the sets
		return r.groupItem()
	}
	return commas(items)
}

// startsExprAt tells GROUP BY ALL a from Spark's GROUP BY ALL.
func (r *reader) startsExprAt(k int) bool {
	t := r.at(k)
	return startsOperand(t) || t.Kind == lexer.Op || t.Kind == lexer.Bits || t.Word("not") || t.Word("array") || t.Word("true") || t.Word("false") || t.Word("exists")
}

func (r *reader) groupItems() []*node {
	items := []*node{r.groupItem()}
	for r.eat(",") {
		items = append(items, r.groupItem())
	}
	return items
}

func (r *reader) groupItem() *node {
	defer r.leave()
	if !r.enter() {
		return leaf(-1, "")
	}
	t := r.tok()
	marker := ""
	switch {
	case r.words("grouping", "sets") && r.at(2).Is("("):
		marker = core.GroupingSets
		r.i += 3
	case t.Word("rollup") && r.at(1).Is("("):
		marker = core.Rollup
		r.i += 2
	case t.Word("cube") && r.at(1).Is("("):
		marker = core.Cube
		r.i += 2
	case t.Is("(") && r.at(1).Is(")"):
		r.i += 2
		return call(t.Pos, core.GroupList)
	default:
		x := r.expr()
		if x.kind == rowList {
			x.kids[0] = ident(t.Pos, core.GroupList)
		}
		return x
	}
	items := r.groupItems()
	r.want(")")
	return call(t.Pos, marker, items...)
}
