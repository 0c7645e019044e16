package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

func nullOf(t types.Type) expr.Expr { return &expr.Literal{Value: value.NullOf(t)} }

// subplan binds a subquery of an expression; the block is its outer query.
func (b *binder) subplan(n ast.Node, k *block) (logical.Node, error) {
	q, ok := n.(ast.ResultSetNode)
	if e, isExpr := n.(ast.ExprNode); isExpr {
		q, ok = core.Unparen(e).(ast.ResultSetNode)
	}
	if !ok {
		return nil, b.errorAt(n, sqlerr.Internal, "not a subquery: %T", n)
	}
	return b.query(q, k, k.with, false)
}

// scalarSubquery is the value of a subquery's only column, NULL without a row.
func (b *binder) scalarSubquery(x *ast.SubqueryExpr, k *block) (expr.Expr, error) {
	plan, err := b.subplan(x, k)
	if err != nil {
		return nil, err
	}
	cols := plan.Schema()
	if len(cols) != 1 {
		return nil, b.errorAt(x, sqlerr.Syntax, "subquery must return only one column")
	}
	k.attach(logical.Apply{Kind: logical.Single, R: plan})
	return cols[0].Ref(), nil
}

// mark attaches a subquery as a boolean column: see logical.Mark.
func (b *binder) mark(plan logical.Node, on []expr.Expr, name string, nullable bool, k *block) expr.Expr {
	col := b.ids.NewColumn(name, types.Of(types.Bool), nullable)
	k.attach(logical.Apply{Kind: logical.Mark, R: plan, On: on, MarkCol: col})
	return col.Ref()
}

func (b *binder) exists(x *ast.ExistsSubqueryExpr, k *block) (expr.Expr, error) {
	plan, err := b.subplan(x.Sel, k)
	if err != nil {
		return nil, err
	}
	e := b.mark(plan, nil, "exists", false, k)
	if x.Not {
		return not(e), nil
	}
	return e, nil
}

// arrayOf is ARRAY(query): array_agg over it in its order, '{}' without rows.
func (b *binder) arrayOf(x ast.Node, n ast.ExprNode, k *block) (expr.Expr, error) {
	plan, err := b.subplan(n, k)
	if err != nil {
		return nil, err
	}
	cols := plan.Schema()
	if len(cols) != 1 {
		return nil, b.errorAt(x, sqlerr.Syntax, "subquery must return only one column")
	}
	f, err := b.aggregateFunc("array_agg", []expr.Expr{cols[0].Ref()}, x)
	if err != nil {
		return nil, err
	}
	input, keys := sortOf(plan, cols[0])
	c := b.ids.NewColumn("array", f.typ, true)
	agg := &logical.Aggregate{Input: input, Aggs: []logical.AggCall{{Col: c, Func: f.agg, Args: f.args, OrderBy: keys}}}
	k.attach(logical.Apply{Kind: logical.Single, R: agg})
	empty := &expr.Literal{Value: value.Value{Type: f.typ}}
	return &expr.Coalesce{Args: []expr.Expr{c.Ref(), empty}, Typ: f.typ}, nil
}

// sortOf gives the order that a plan's rows come in, and a plan that has both
// the column and the keys.
func sortOf(n logical.Node, col logical.Column) (logical.Node, []logical.SortKey) {
	for at := n; ; {
		switch x := at.(type) {
		case *logical.Sort:
			if at == n {
				return x.Input, x.Keys
			}
			return n, x.Keys
		case *logical.Limit:
			at = x.Input
			continue
		case *logical.Project: // drops hidden keys: take what is beneath if it still has the column
			if has(x.Input, col) {
				in, keys := sortOf(x.Input, col)
				if keys != nil {
					return in, keys
				}
			}
		}
		return n, nil
	}
}

func has(n logical.Node, col logical.Column) bool {
	_, ok := logical.Columns(n)[col.ID]
	return ok
}

// inSubquery binds x IN (query), over rows too.
func (b *binder) inSubquery(x *ast.PatternInExpr, at ast.Node, k *block) (expr.Expr, error) {
	e, err := b.compareAny(x.Expr, "=", x.Sel, false, at, k)
	if err != nil {
		return nil, err
	}
	if x.Not {
		return not(e), nil
	}
	return e, nil
}

// compareAny binds x op ANY (query) as a mark; negate asks for rows where the
// comparison is not true, which makes ALL its negation.
func (b *binder) compareAny(x ast.ExprNode, op string, sel ast.ExprNode, negate bool, at ast.Node, k *block) (expr.Expr, error) {
	left, isRow := rowItems(x)
	if !isRow {
		left = []ast.ExprNode{x}
	}
	es, err := b.exprs(left, k)
	if err != nil {
		return nil, err
	}
	plan, err := b.subplan(sel, k)
	if err != nil {
		return nil, err
	}
	cols := plan.Schema()
	if len(cols) > len(es) {
		return nil, b.errorAt(at, sqlerr.Syntax, "subquery has too many columns")
	}
	if len(cols) < len(es) {
		return nil, b.errorAt(at, sqlerr.Syntax, "subquery has too few columns")
	}
	right := make([]expr.Expr, len(cols))
	for i, c := range cols {
		right[i] = c.Ref()
	}
	cond, err := b.compareRows(op, es, right, at)
	if err != nil {
		return nil, err
	}
	if negate {
		cond = not(cond)
	}
	return b.mark(plan, expr.Conjuncts(cond), "in", true, k), nil
}

// quantified binds a op ANY/ALL (x): x is a query or an array.
func (b *binder) quantified(x ast.Node, op string, all bool, args []ast.ExprNode, k *block) (expr.Expr, error) {
	switch op {
	case "!=":
		op = "<>"
	case "like":
		op = "~~"
	case "ilike":
		op = "~~*"
	}
	if _, ok := core.Unparen(args[1]).(*ast.SubqueryExpr); ok {
		e, err := b.compareAny(args[0], op, args[1], all, x, k)
		if err != nil || !all {
			return e, err
		}
		return not(e), nil
	}
	l, err := b.expr(args[0], k)
	if err != nil {
		return nil, err
	}
	array, err := b.expr(args[1], k)
	if err != nil {
		return nil, err
	}
	return b.anyArray(x, op, all, l, array)
}

// anyArray binds a op ANY/ALL (array).
func (b *binder) anyArray(x ast.Node, op string, all bool, l, array expr.Expr) (expr.Expr, error) {
	t := array.Type()
	elem := types.Of(types.Unknown)
	switch t.Kind {
	case types.Array:
		elem = t.ElemType()
	case types.Int2Vector:
		elem = types.Of(types.Int2)
	case types.OIDVector:
		elem = types.Of(types.OID)
	case types.Unknown:
		elem = l.Type()
	default:
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "op ANY/ALL (array) requires array on right side")
	}
	if l.Type().Kind == types.Unknown && elem.Kind == types.Unknown {
		elem = types.Of(types.Text)
	}
	// Resolve the operator over a column of the element's type.
	probe := &expr.Column{Name: "element", Typ: elem}
	e, err := b.operator(op, []expr.Expr{l, probe}, x)
	if err != nil {
		return nil, err
	}
	c, ok := e.(*expr.Call)
	if !ok || c.Typ.Kind != types.Bool {
		return nil, b.errorAt(x, sqlerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
	}
	want := types.ArrayOf(c.Args[1].Type())
	if t.Kind == types.Int2Vector || t.Kind == types.OIDVector || want != t {
		if array, err = b.coerce(array, want, x); err != nil {
			return nil, err
		}
	}
	return &expr.AnyAll{Op: c.Func, All: all, Arg: c.Args[0], Array: array}, nil
}
