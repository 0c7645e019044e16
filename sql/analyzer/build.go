package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// build stacks a SELECT's plan: FROM, WHERE, aggregation, HAVING, subqueries,
// windows, set-returning functions, then the tail.
func (b *binder) build(sel *selection, limit *core.LimitClause) (logical.Node, error) {
	k := sel.k
	plan := b.filterWhere(k.src.plan, sel)
	plan = stack(plan, k.pre)
	if k.isGrouped {
		var err error
		if plan, err = b.aggregation(plan, sel); err != nil {
			return nil, err
		}
	}
	if sel.havingPred != nil {
		plan = filter(stack(plan, k.having), sel.havingPred)
	}
	early, late := splitApplies(k)
	plan = stack(plan, early)
	for _, w := range k.windows {
		plan = &logical.Window{Input: plan, PartitionBy: w.partition, OrderBy: w.order, Calls: w.calls}
	}
	plan = stack(plan, late)
	plan, err := b.stackFunctions(plan, k.functions)
	if err != nil {
		return nil, err
	}
	return b.finishSelect(plan, sel, limit)
}

// filterWhere puts conjuncts without subqueries below the subqueries.
func (b *binder) filterWhere(plan logical.Node, sel *selection) logical.Node {
	if sel.wherePred == nil {
		return plan
	}
	preds := expr.Conjuncts(sel.wherePred)
	if len(sel.k.where) == 0 {
		return filter(plan, preds...)
	}
	base := logical.Columns(stack(plan, sel.k.where))
	own := logical.Columns(plan)
	var simple, rest []expr.Expr
	for _, p := range preds {
		depends := false
		for id := range expr.Columns(p) {
			depends = depends || base.Has(id) && !own.Has(id)
		}
		if depends || len(rest) > 0 && expr.Fallible(p) {
			rest = append(rest, p)
		} else {
			simple = append(simple, p)
		}
	}
	return filter(stack(filter(plan, simple...), sel.k.where), rest...)
}

// splitApplies tells the subqueries of the select list and ORDER BY that need
// window results from those that don't.
func splitApplies(k *block) (early, late []apply) {
	after := expr.ColumnSet{}
	for _, w := range k.windows {
		for _, c := range w.calls {
			after.Add(c.Col.ID)
		}
	}
	for _, a := range k.post {
		n := a.node
		if expr.Columns(n.On...).Intersects(after) || refersTo(n.R, after) {
			late = append(late, a)
			if n.Kind == logical.Mark {
				after.Add(n.MarkCol.ID)
			}
			for _, c := range n.R.Schema() {
				after.Add(c.ID)
			}
			continue
		}
		early = append(early, a)
	}
	return early, late
}

// finishSelect projects, removes duplicates, sorts and limits.
func (b *binder) finishSelect(plan logical.Node, sel *selection, limit *core.LimitClause) (logical.Node, error) {
	cols := b.project(&plan, sel)
	visible := cols[:len(sel.fields)]
	if sel.distinct {
		plan = distinct(plan)
	}
	keys := make([]logical.SortKey, len(sel.order))
	for i, o := range sel.order {
		keys[i] = sortKey(o.key, cols[o.item].Ref())
	}
	if sel.distinctOn != nil {
		var err error
		if plan, err = b.distinctOn(plan, sel, cols, keys); err != nil {
			return nil, err
		}
	}
	if len(keys) > 0 {
		plan = &logical.Sort{Input: plan, Keys: keys}
	}
	plan, err := b.limit(plan, limit, keys, sel.k)
	if err != nil {
		return nil, err
	}
	if len(plan.Schema()) != len(visible) {
		plan = &logical.Project{Input: plan, Items: passThrough(visible)}
	}
	return plan, nil
}

// project computes the select list. A column keeps its ID the first time it is selected.
func (b *binder) project(plan *logical.Node, sel *selection) []logical.Column {
	nullable := map[expr.ColumnID]bool{}
	for _, c := range (*plan).Schema() {
		nullable[c.ID] = c.Field.Nullable
	}
	used := map[expr.ColumnID]bool{}
	items := make([]logical.Item, len(sel.items))
	cols := make([]logical.Column, len(sel.items))
	for i, e := range sel.items {
		name := ""
		if i < len(sel.fields) {
			name = sel.fields[i].name
		} else {
			name = e.String()
		}
		col := logical.Column{Field: types.Field{Name: name, Type: e.Type(), Nullable: true}}
		c, isColumn := e.(*expr.Column)
		switch {
		case isColumn && !used[c.ID]:
			used[c.ID] = true
			col.ID = c.ID
			col.Field.Nullable = nullable[c.ID]
			if _, here := nullable[c.ID]; !here { // an outer query's column is not ours to pass on
				col.ID, col.Field.Nullable = b.ids.Next(), true
			}
		default:
			col.ID = b.ids.Next()
			if isColumn {
				b.origins[col.ID] = b.origins[c.ID]
			}
			if l, ok := e.(*expr.Literal); ok {
				col.Field.Nullable = l.Value.Null
			}
		}
		if b.declaredType(e) {
			b.exact.Add(col.ID)
		}
		items[i], cols[i] = logical.Item{Col: col, Expr: e}, col
	}
	*plan = &logical.Project{Input: *plan, Items: items}
	return cols
}

// declaredType reports an expression whose type modifier a client should see.
func (b *binder) declaredType(e expr.Expr) bool {
	switch x := e.(type) {
	case *expr.Column:
		return b.exact.Has(x.ID)
	case *expr.Cast:
		return x.Explicit
	case *expr.Coalesce:
		return b.allDeclared(x.Args, x.Typ)
	case *expr.Case:
		if isNullIf(x) {
			return b.declaredType(x.Else)
		}
		results := []expr.Expr{x.Else}
		for _, w := range x.Whens {
			results = append(results, w.Result)
		}
		return b.allDeclared(results, x.Typ)
	case *expr.Call:
		return (x.Func.Name == "greatest" || x.Func.Name == "least") && b.allDeclared(x.Args, x.Typ)
	}
	return false
}

func (b *binder) allDeclared(es []expr.Expr, t types.Type) bool {
	for _, e := range es {
		if e.Type() != t || !b.declaredType(e) {
			return false
		}
	}
	return true
}

// isNullIf recognizes what nullIf makes.
func isNullIf(x *expr.Case) bool {
	if len(x.Whens) != 1 {
		return false
	}
	l, ok := x.Whens[0].Result.(*expr.Literal)
	c, isCall := x.Whens[0].Cond.(*expr.Call)
	return ok && isCall && l.Value.Null && c.Func.Name == "=" && expr.Equal(c.Args[0], x.Else)
}

// distinctOn keeps the first row, in the sort's order, of each group of keys.
func (b *binder) distinctOn(plan logical.Node, sel *selection, cols []logical.Column, keys []logical.SortKey) (logical.Node, error) {
	f, err := b.windowFunc("row_number", nil, nil)
	if err != nil {
		return nil, err
	}
	w := &logical.Window{Input: plan, OrderBy: keys}
	for _, i := range sel.distinctOn {
		w.PartitionBy = append(w.PartitionBy, cols[i].Ref())
	}
	n := b.ids.NewColumn("row_number", f.typ, false)
	w.Calls = []logical.WindowCall{{Col: n, Func: f.window, Frame: defaultFrame()}}
	first, err := b.operator("=", []expr.Expr{n.Ref(), &expr.Literal{Value: value.Int8(1)}}, nil)
	if err != nil {
		return nil, err
	}
	return &logical.Filter{Input: w, Preds: []expr.Expr{first}}, nil
}

// tail sorts and limits a plan that is complete otherwise: a set operation or VALUES.
func (b *binder) tail(sel *selection, plan logical.Node, order *ast.OrderByClause) (logical.Node, error) {
	keys, limit := core.SplitLimit(order)
	if len(keys) == 0 && limit == nil {
		return plan, nil
	}
	cols := plan.Schema()
	sel.setOp = true
	sel.k.src = &source{plan: plan}
	for _, c := range cols {
		sel.fields = append(sel.fields, field{name: c.Field.Name, group: -1})
		sel.items = append(sel.items, c.Ref())
	}
	if err := b.orderBy(keys, sel); err != nil {
		return nil, err
	}
	sorts := make([]logical.SortKey, len(sel.order))
	for i, o := range sel.order {
		sorts[i] = sortKey(o.key, cols[o.item].Ref())
	}
	if len(sorts) > 0 {
		plan = &logical.Sort{Input: plan, Keys: sorts}
	}
	return b.limit(plan, limit, sorts, sel.k)
}
