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

// rowItems gives the fields of ROW(…) or (a, b).
func rowItems(n ast.ExprNode) ([]ast.ExprNode, bool) {
	n = core.Unparen(n)
	if r, ok := n.(*ast.RowExpr); ok {
		return r.Values, true
	}
	return core.IsCall(n, core.Row)
}

// rowComparison binds an operator between two rows, or a row and a query; ok
// is false if the left side is no row.
func (b *binder) rowComparison(op string, l, r ast.ExprNode, at ast.Node, k *block) (expr.Expr, bool, error) {
	ls, ok := rowItems(l)
	if !ok {
		return nil, false, nil
	}
	le, err := b.exprs(ls, k)
	if err != nil {
		return nil, false, err
	}
	var re []expr.Expr
	if rs, isRow := rowItems(r); isRow {
		if re, err = b.exprs(rs, k); err != nil {
			return nil, false, err
		}
	} else if re, err = b.rowSubquery(r, k); err != nil {
		return nil, false, err
	}
	if len(le) != len(re) {
		if re == nil {
			return nil, false, b.unsupported(at, "a row value")
		}
		return nil, false, b.errorAt(at, sqlerr.Syntax, "unequal number of entries in row expressions")
	}
	e, err := b.compareRows(op, le, re, at)
	return e, true, err
}

// rowSubquery gives the columns of a query that returns one row.
func (b *binder) rowSubquery(n ast.ExprNode, k *block) ([]expr.Expr, error) {
	s, ok := core.Unparen(n).(*ast.SubqueryExpr)
	if !ok {
		return nil, nil
	}
	plan, err := b.subplan(s, k)
	if err != nil {
		return nil, err
	}
	k.attach(logical.Apply{Kind: logical.Single, R: plan})
	var out []expr.Expr
	for _, c := range plan.Schema() {
		out = append(out, c.Ref())
	}
	return out, nil
}

// compareRows compares field by field: = is AND, <> is OR, the others are
// lexicographic.
func (b *binder) compareRows(op string, l, r []expr.Expr, at ast.Node) (expr.Expr, error) {
	if len(l) == 1 {
		return b.operator(op, []expr.Expr{l[0], r[0]}, at)
	}
	switch op {
	case "=", "<>":
		logic := &expr.Logic{Op: expr.And}
		if op == "<>" {
			logic.Op = expr.Or
		}
		for i := range l {
			e, err := b.operator(op, []expr.Expr{l[i], r[i]}, at)
			if err != nil {
				return nil, err
			}
			logic.Args = append(logic.Args, e)
		}
		return logic, nil
	case "<", "<=", ">", ">=":
		return b.lexicographic(op, l, r, at)
	}
	return nil, b.errorAt(at, sqlerr.FeatureNotSupported, "could not determine interpretation of row comparison operator %s", op).
		WithHint("Row comparison operators must be associated with btree operator families.")
}

// lexicographic is a1 < b1 OR a1 = b1 AND (a2 < b2 OR …).
func (b *binder) lexicographic(op string, l, r []expr.Expr, at ast.Node) (expr.Expr, error) {
	if len(l) == 1 {
		return b.operator(op, []expr.Expr{l[0], r[0]}, at)
	}
	first, err := b.operator(op[:1], []expr.Expr{l[0], r[0]}, at)
	if err != nil {
		return nil, err
	}
	same, err := b.operator("=", []expr.Expr{l[0], r[0]}, at)
	if err != nil {
		return nil, err
	}
	rest, err := b.lexicographic(op, l[1:], r[1:], at)
	if err != nil {
		return nil, err
	}
	both := &expr.Logic{Op: expr.And, Args: []expr.Expr{same, rest}}
	return &expr.Logic{Op: expr.Or, Args: []expr.Expr{first, both}}, nil
}

// in binds x [NOT] IN (list or query).
func (b *binder) in(x *ast.PatternInExpr, at ast.Node, k *block) (expr.Expr, error) {
	if x.Sel != nil {
		return b.inSubquery(x, at, k)
	}
	if len(x.List) == 1 {
		if _, ok := x.List[0].(*ast.SubqueryExpr); ok {
			return b.inSubquery(&ast.PatternInExpr{Expr: x.Expr, Sel: x.List[0], Not: x.Not}, at, k)
		}
	}
	if items, ok := rowItems(x.Expr); ok {
		return b.inRows(x, items, at, k)
	}
	arg, err := b.expr(x.Expr, k)
	if err != nil {
		return nil, err
	}
	list, err := b.exprs(x.List, k)
	if err != nil {
		return nil, err
	}
	if len(list) > 1 || !realAgainst(arg.Type(), list[0].Type()) { // a list of one is =, which compares these as double precision
		if e, ok, err := b.inList(arg, list, x, at); ok || err != nil {
			return e, err
		}
	}
	return b.inChain(arg, list, x, at)
}

// realAgainst reports a real and another type of number.
func realAgainst(a, b types.Type) bool {
	exact := func(t types.Type) bool { return t.IsInteger() || t.Kind == types.Numeric }
	return a.Kind == types.Float4 && exact(b) || b.Kind == types.Float4 && exact(a)
}

// inList binds IN over one common type; ok is false if the operands have none.
func (b *binder) inList(arg expr.Expr, list []expr.Expr, x *ast.PatternInExpr, at ast.Node) (expr.Expr, bool, error) {
	t := arg.Type()
	fits := make([]expr.Expr, len(list))
	all := true
	for i, e := range list { // constants take the argument's type where they can
		if l, ok := e.(*expr.Literal); ok && t.Kind != types.Unknown {
			if v, ok := b.constantAs(l, t); ok {
				fits[i] = &expr.Literal{Value: v}
				continue
			}
		}
		if e.Type() == t && t.Kind != types.Unknown {
			fits[i] = e
			continue
		}
		all = false
		break
	}
	if !all {
		es := append([]expr.Expr{arg}, list...)
		ct, ok := commonType(plainTypes(es))
		if !ok {
			return nil, false, nil
		}
		if ct.Kind == types.Unknown {
			ct = types.Of(types.Text)
		}
		for i, e := range es {
			var n ast.Node = x.Expr
			if i > 0 {
				n = x.List[i-1]
			}
			var err error
			if es[i], err = b.coerce(e, ct, n); err != nil {
				return nil, false, err
			}
		}
		arg, fits = es[0], es[1:]
	}
	if _, err := b.operator("=", []expr.Expr{arg, fits[0]}, at); err != nil {
		return nil, false, err
	}
	if len(fits) == 1 {
		e, err := b.operator("=", []expr.Expr{arg, fits[0]}, at)
		if err == nil && x.Not {
			e, err = b.operator("<>", []expr.Expr{arg, fits[0]}, at)
		}
		return e, true, err
	}
	return &expr.In{Arg: arg, List: fits, Negated: x.Not}, true, nil
}

// constantAs reads a constant as a value of a type, where no other value would
// come out: not where the type cuts or pads it.
func (b *binder) constantAs(l *expr.Literal, t types.Type) (value.Value, bool) {
	v := l.Value
	switch {
	case v.Type == t:
		return v, true
	case v.Null && v.Type.Kind == types.Unknown:
		return value.NullOf(t), true
	case v.Type.Kind == types.Unknown && (t.Kind == types.Text || t.Kind == types.Varchar):
		v.Type = t
		return v, true
	case v.Type.Kind == types.Unknown || v.Null:
		return v, false
	}
	return convert(v, t)
}

// inChain is IN as a chain of comparisons, for operands without a common type.
func (b *binder) inChain(arg expr.Expr, list []expr.Expr, x *ast.PatternInExpr, at ast.Node) (expr.Expr, error) {
	var terms []expr.Expr
	for _, e := range list {
		eq, err := b.operator("=", []expr.Expr{arg, e}, at)
		if err != nil {
			return nil, err
		}
		terms = append(terms, eq)
	}
	return orOf(terms, x.Not), nil
}

func orOf(terms []expr.Expr, negated bool) expr.Expr {
	e := terms[0]
	if len(terms) > 1 {
		e = &expr.Logic{Op: expr.Or, Args: terms}
	}
	if negated {
		return not(e)
	}
	return e
}

// inRows binds (a, b) IN ((1, 2), …).
func (b *binder) inRows(x *ast.PatternInExpr, items []ast.ExprNode, at ast.Node, k *block) (expr.Expr, error) {
	left, err := b.exprs(items, k)
	if err != nil {
		return nil, err
	}
	var terms []expr.Expr
	for _, n := range x.List {
		row, ok := rowItems(n)
		if !ok || len(row) != len(left) {
			return nil, b.errorAt(at, sqlerr.Syntax, "unequal number of entries in row expressions")
		}
		right, err := b.exprs(row, k)
		if err != nil {
			return nil, err
		}
		eq, err := b.compareRows("=", left, right, at)
		if err != nil {
			return nil, err
		}
		terms = append(terms, eq)
	}
	return orOf(terms, x.Not), nil
}
