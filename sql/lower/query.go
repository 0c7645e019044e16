package lower

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/lexer"
	"github.com/flintsql/flint/sql/sqlerr"
)

// selectQuery is a query in parts, so that clauses around parentheses may join
// those within, as in (SELECT …) LIMIT 1.
type selectQuery struct {
	with          *node
	body          *node // a SELECT, VALUES, or a chain of set operations
	set           bool  // body is a chain of set operations
	order         []*node
	limit, offset *node
	limited       *lexer.Token // LIMIT or FETCH
	ties          *lexer.Token
	label         string // of the first field, "" if only the catalog knows it
}

// text writes the query. LIMIT rides as the last item of ORDER BY.
func (q *selectQuery) text() *node {
	var parts []*node
	if q.with != nil {
		parts = append(parts, q.with)
	}
	parts = append(parts, q.body)
	keys := q.order
	if q.limit != nil || q.offset != nil || q.limited != nil {
		args := []*node{omitted(), omitted(), own(-1, "")}
		if q.limit != nil {
			args[0] = q.limit
		}
		if q.offset != nil {
			args[1] = q.offset
		}
		if q.ties != nil {
			args[2] = own(q.ties.Pos, "ties")
		}
		keys = append(keys, call(-1, core.Limit, args...))
	}
	if len(keys) > 0 {
		parts = append(parts, glue(" ORDER BY "), commas(keys))
	}
	return cat(parts...)
}

// startsQuery tells whether the text from the cursor to the end of the
// parentheses around it is a query.
func (r *reader) startsQuery() bool { return r.startsQueryAt(0) }

func (r *reader) startsQueryAt(k int) bool {
	for i := r.i + k; i < len(r.toks) && i < r.i+k+maxNesting; i++ {
		t := &r.toks[i]
		if !t.Is("(") {
			return t.Word("select") || t.Word("with") || t.Word("table") || t.Word("values") && r.toks[i+1].Is("(")
		}
		if t.Match >= 0 && !continuesQuery(&r.toks[t.Match+1]) {
			return false
		}
	}
	return false
}

// continuesQuery tells whether the token may follow a parenthesised query
// inside of a query.
func continuesQuery(t *lexer.Token) bool {
	if t.Kind != lexer.Word {
		return t.Is(")") || t.Is(";") || t.Kind == lexer.EOF
	}
	switch t.Text {
	case "union", "intersect", "except", "minus", "order", "limit", "offset", "fetch", "for":
		return true
	}
	return false
}

// parenIsQuery tells whether the parenthesis at the cursor holds a query.
func (r *reader) parenIsQuery() bool { return r.startsQueryAt(1) }

// subquery reads a query and writes it in parentheses; the client's own are the caller's.
func (r *reader) subquery() *node {
	start := r.tok().Pos
	q := r.query()
	n := paren(start, q.text())
	n.kind = query
	return n.named(q.label, 2)
}

// parenQuery reads a query with its parentheses.
func (r *reader) parenQuery() *node {
	r.want("(")
	n := r.subquery()
	r.want(")")
	return n
}

// query reads WITH, set operations, ORDER BY, LIMIT and locking.
func (r *reader) query() *selectQuery {
	defer r.leave()
	if !r.enter() {
		return &selectQuery{body: leaf(-1, "")}
	}
	var with *node
	withAt := r.tok()
	if r.accept("with") {
		with = r.with(withAt)
	}
	q := r.setChain()
	if with != nil {
		if q.with != nil {
			r.fail(withAt, sqlerr.Syntax, "multiple WITH clauses not allowed")
		}
		q.with = with
	}
	if r.accept("order", "by") {
		first := r.tok()
		keys := r.sortKeys()
		if q.order != nil {
			r.fail(first, sqlerr.Syntax, "multiple ORDER BY clauses not allowed")
		}
		q.order = keys
	}
	for _, w := range []string{"sort", "distribute", "cluster"} {
		if r.words(w, "by") {
			r.unsupported(r.tok(), upper(w)+" BY")
		}
	}
	r.tail(q)
	if q.ties != nil && q.order == nil {
		r.stop(sqlerr.New(sqlerr.Syntax, "WITH TIES cannot be specified without ORDER BY clause"))
	}
	return q
}

func (r *reader) with(t *lexer.Token) *node {
	parts := []*node{leaf(t.Pos, "WITH ")}
	if r.accept("recursive") {
		parts = append(parts, glue("RECURSIVE "))
	}
	for {
		name := r.name()
		n := ident(name.Pos, name.Text)
		n.kind = table
		parts = append(parts, n)
		if r.tok().Is("(") {
			parts = append(parts, glue(" ("), commas(idents(r.nameList())), glue(")"))
		}
		r.wantWords("as")
		r.accept("not")
		r.accept("materialized") // a hint only
		r.want("(")
		if !r.startsQuery() && r.err == nil {
			if w := r.tok(); w.Word("insert") || w.Word("update") || w.Word("delete") || w.Word("merge") {
				r.unsupported(w, "a data-modifying statement in WITH")
			}
			r.syntax(r.tok())
		}
		parts = append(parts, glue(" AS "), r.level(r.subquery))
		r.want(")")
		if w := r.tok(); w.Word("search") || w.Word("cycle") {
			r.unsupported(w, upper(w.Text))
		}
		if !r.eat(",") {
			break
		}
		parts = append(parts, glue(", "))
	}
	return cat(append(parts, glue(" "))...)
}

func idents(ts []*lexer.Token) []*node {
	out := make([]*node, len(ts))
	for i, t := range ts {
		out[i] = ident(t.Pos, t.Text)
	}
	return out
}

// setChain reads UNION and EXCEPT, which are one flat list bound from the left.
func (r *reader) setChain() *selectQuery {
	return r.chainOf(func(t *lexer.Token) string {
		switch {
		case t.Word("union"):
			return " UNION "
		case t.Word("except"), t.Word("minus") && r.startsOperandQuery():
			return " EXCEPT "
		}
		return ""
	}, r.intersectChain)
}

// startsOperandQuery tells Spark's MINUS from an alias.
func (r *reader) startsOperandQuery() bool {
	n := r.at(1)
	if n.Word("all") || n.Word("distinct") {
		n = r.at(2)
	}
	return n.Is("(") || n.Word("select") || n.Word("values") || n.Word("table")
}

func (r *reader) intersectChain() *selectQuery {
	return r.chainOf(func(t *lexer.Token) string {
		if t.Word("intersect") {
			return " INTERSECT "
		}
		return ""
	}, r.setOperand)
}

// chainOf reads a chain of set operations of one power. Every operand leaves in
// parentheses, since TiDB knows no precedence among them.
func (r *reader) chainOf(operator func(*lexer.Token) string, operand func() *selectQuery) *selectQuery {
	first := operand()
	t := r.tok()
	op := operator(t)
	if op == "" {
		return first
	}
	parts := []*node{paren(-1, first.text())}
	for ; op != ""; op = operator(t) {
		r.next()
		if r.accept("all") {
			op += "ALL "
		} else {
			r.accept("distinct")
		}
		parts = append(parts, leaf(t.Pos, op), paren(-1, operand().text()))
		t = r.tok()
	}
	return &selectQuery{body: cat(parts...), set: true, label: first.label}
}

// setOperand reads one operand: a parenthesised query, SELECT, VALUES or TABLE.
func (r *reader) setOperand() *selectQuery {
	t := r.tok()
	switch {
	case t.Is("("):
		r.next()
		q := r.query()
		r.want(")")
		return q
	case t.Word("values"):
		return r.values()
	case t.Word("table"):
		r.next()
		r.accept("only")
		n := r.tableName(r.dotted())
		r.eat("*")
		return &selectQuery{body: cat(leaf(t.Pos, "SELECT * FROM "), n)}
	case t.Word("select"):
		return r.selectCore()
	case t.Word("from"):
		r.unsupported(t, "FROM before SELECT")
	}
	r.syntax(t)
	return &selectQuery{body: leaf(-1, "")}
}

func (r *reader) values() *selectQuery {
	t := r.next()
	var rows []*node
	for {
		row := r.tok()
		r.want("(")
		rows = append(rows, cat(leaf(row.Pos, "ROW("), commas(r.level1(r.exprs)), glue(")")))
		r.want(")")
		if !r.eat(",") {
			break
		}
	}
	return &selectQuery{body: cat(leaf(t.Pos, "VALUES "), commas(rows)), label: "column1"}
}

// tail reads LIMIT, OFFSET, FETCH and locking clauses in any order.
func (r *reader) tail(q *selectQuery) {
	inner := *q // what the parentheses hold already
	for r.err == nil {
		t := r.tok()
		switch {
		case r.accept("limit"):
			if q.limited != inner.limited {
				r.syntax(t)
			}
			value := r.tok()
			q.limited, q.limit = t, r.limitCount()
			r.once(value, inner.limited != nil, "LIMIT")
			if r.tok().Is(",") {
				r.stop(sqlerr.New(sqlerr.Syntax, "LIMIT #,# syntax is not supported").
					WithHint("Use separate LIMIT and OFFSET clauses.").At(lexer.Position(r.src, t.Pos)))
			}
		case r.accept("offset"):
			if q.offset != inner.offset {
				r.syntax(t)
			}
			value := r.tok()
			q.offset = r.expr()
			r.once(value, inner.offset != nil, "OFFSET")
			if !r.accept("rows") {
				r.accept("row")
			}
		case t.Word("fetch") && (r.at(1).Word("first") || r.at(1).Word("next")):
			if q.limited != inner.limited {
				r.syntax(t)
			}
			value := r.at(2)
			q.limited = t
			r.fetch(q)
			r.once(value, inner.limited != nil, "LIMIT")
		case t.Word("for") && (r.at(1).Word("update") || r.at(1).Word("share") || r.at(1).Word("no") || r.at(1).Word("key")):
			r.unsupported(t, lockName(r.at(1).Text))
		case r.accept("for"):
			r.syntax(r.tok())
		default:
			return
		}
	}
}

func lockName(word string) string {
	switch word {
	case "no":
		return "FOR NO KEY UPDATE"
	case "key":
		return "FOR KEY SHARE"
	}
	return "FOR " + upper(word)
}

func (r *reader) once(t *lexer.Token, seen bool, clause string) {
	if seen {
		r.fail(t, sqlerr.Syntax, "multiple %s clauses not allowed", clause)
	}
}

// limitCount reads the count of LIMIT; nil for ALL.
func (r *reader) limitCount() *node {
	if r.accept("all") {
		return nil
	}
	return r.expr()
}

// fetch reads FETCH FIRST n ROWS ONLY or WITH TIES.
func (r *reader) fetch(q *selectQuery) {
	r.i += 2
	q.limit = leaf(-1, "1")
	if t := r.tok(); !t.Word("row") && !t.Word("rows") {
		switch {
		case t.Is("-"):
			r.next()
			q.limit = minus(t.Pos, r.primary().node)
		default:
			r.eat("+")
			q.limit = r.operandTail(r.primary())
		}
	}
	if !r.accept("rows") {
		r.wantWords("row")
	}
	t := r.tok()
	if r.accept("with", "ties") {
		q.ties = t
		return
	}
	r.wantWords("only")
}
