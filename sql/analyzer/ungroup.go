package analyzer

import (
	"fmt"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// aggregation puts the Aggregate on a plan and rewrites all that stands above it.
func (b *binder) aggregation(plan logical.Node, sel *selection) (logical.Node, error) {
	k := sel.k
	for i := range k.groups {
		if _, ok := k.groups[i].Expr.(*expr.Column); ok && k.sets != nil {
			old := k.groups[i].Col.ID
			k.groups[i].Col.ID = b.ids.Next() // NULL in some sets: another value than the input's
			if b.exact.Has(old) {
				b.exact.Add(k.groups[i].Col.ID)
			}
		}
	}
	agg := &logical.Aggregate{Input: plan, Groups: k.groups, Aggs: k.aggs, Sets: k.sets, GroupingID: k.groupingID}
	u := newUngrouper(b, k, logical.Columns(plan))
	for i := range sel.items {
		sel.items[i] = u.expr(sel.items[i])
	}
	if sel.havingPred != nil {
		sel.havingPred = u.expr(sel.havingPred)
	}
	for _, w := range k.windows {
		u.list(w.partition)
		for i := range w.order {
			w.order[i].Expr = u.expr(w.order[i].Expr)
		}
		for i := range w.calls {
			u.list(w.calls[i].Args)
			if w.calls[i].Filter != nil {
				w.calls[i].Filter = u.expr(w.calls[i].Filter)
			}
		}
	}
	for _, f := range k.functions {
		u.list(f.Args)
	}
	for _, list := range [][]apply{k.having, k.post} {
		for i := range list {
			u.list(list[i].node.On)
			list[i].node.R = u.plan(list[i].node.R)
		}
	}
	return agg, u.err
}

// ungrouper replaces group expressions by the groups' columns, and finds
// columns that are neither grouped nor aggregated.
type ungrouper struct {
	b        *binder
	inner    expr.ColumnSet // columns beneath the aggregation
	byColumn map[expr.ColumnID]logical.Column
	byKey    map[string]logical.Column
	shapes   map[string]bool // of byKey's expressions, to compute few keys
	subquery bool
	err      error
}

func newUngrouper(b *binder, k *block, inner expr.ColumnSet) *ungrouper {
	u := &ungrouper{b: b, inner: inner, byColumn: map[expr.ColumnID]logical.Column{}, byKey: map[string]logical.Column{}, shapes: map[string]bool{}}
	for _, g := range k.groups {
		if c, ok := g.Expr.(*expr.Column); ok {
			u.byColumn[c.ID] = g.Col
			continue
		}
		u.byKey[expr.Key(g.Expr)] = g.Col
		u.shapes[shape(g.Expr)] = true
	}
	return u
}

// shape is a cheap necessary condition for equal expressions.
func shape(e expr.Expr) string {
	switch x := e.(type) {
	case *expr.Call:
		return x.Func.Name
	case *expr.Literal, *expr.Column, *expr.Param:
		return fmt.Sprintf("%T", e)
	}
	return fmt.Sprintf("%T %d", e, len(e.Children()))
}

func (u *ungrouper) list(es []expr.Expr) {
	for i := range es {
		es[i] = u.expr(es[i])
	}
}

func (u *ungrouper) expr(e expr.Expr) expr.Expr {
	if len(u.shapes) > 0 && u.shapes[shape(e)] {
		if c, ok := u.byKey[expr.Key(e)]; ok {
			return &expr.Column{ID: c.ID, Name: c.Field.Name, Typ: c.Field.Type}
		}
	}
	if c, ok := e.(*expr.Column); ok {
		return u.column(c)
	}
	kids := e.Children()
	var fresh []expr.Expr
	for i, x := range kids {
		n := u.expr(x)
		if n != x && fresh == nil {
			fresh = append([]expr.Expr(nil), kids...)
		}
		if fresh != nil {
			fresh[i] = n
		}
	}
	if fresh != nil {
		return e.WithChildren(fresh)
	}
	return e
}

func (u *ungrouper) column(c *expr.Column) expr.Expr {
	if g, ok := u.byColumn[c.ID]; ok {
		if g.ID == c.ID {
			return c
		}
		return &expr.Column{ID: g.ID, Name: c.Name, Typ: c.Typ}
	}
	if u.inner.Has(c.ID) && u.err == nil {
		u.err = u.ungrouped(c)
	}
	return c
}

func (u *ungrouper) ungrouped(c *expr.Column) error {
	ref, ok := u.b.refs[c]
	name := c.Name
	if ok && ref.rel != "" {
		name = ref.rel + "." + ref.name
	}
	pos := u.b.pos(ref.node)
	if u.subquery {
		return sqlerr.New(sqlerr.Grouping, "subquery uses ungrouped column \"%s\" from outer query", name).At(pos)
	}
	return sqlerr.New(sqlerr.Grouping, "column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", name).At(pos)
}

// plan rewrites a subquery's references to the grouped query.
func (u *ungrouper) plan(n logical.Node) logical.Node {
	u.subquery = true
	defer func() { u.subquery = false }()
	r := rewriter{expr: u.expr, done: map[int]logical.Node{}}
	return r.plan(n)
}
