package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// expr binds an expression over a block's columns. Untyped constants stay
// types.Unknown until something asks for a type.
func (b *binder) expr(n ast.ExprNode, k *block) (expr.Expr, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	at := n // native operators have the position of their parentheses
	for {
		p, ok := n.(*ast.ParenthesesExpr)
		if !ok {
			break
		}
		at, n = p, p.Expr
	}
	switch x := n.(type) {
	case *core.Value:
		return b.literal(x)
	case *ast.ColumnNameExpr:
		return b.column(x, k)
	case *ast.BinaryOperationExpr:
		return b.binary(x, at, k)
	case *ast.UnaryOperationExpr:
		return b.unary(x, at, k)
	case *ast.IsNullExpr:
		return b.isNull(x, k)
	case *ast.IsTruthExpr:
		return b.isTruth(x, k)
	case *ast.BetweenExpr:
		return b.between([3]ast.ExprNode{x.Expr, x.Left, x.Right}, false, at, k)
	case *ast.PatternInExpr:
		return b.in(x, at, k)
	case *ast.CaseExpr:
		return b.caseExpr(x, k)
	case *ast.SubqueryExpr:
		return b.scalarSubquery(x, k)
	case *ast.ExistsSubqueryExpr:
		return b.exists(x, k)
	case *ast.WindowFuncExpr:
		return b.over(x, k)
	case *ast.FuncCallExpr:
		if name, args, ok := core.Call(x); ok {
			return b.marker(x, name, args, k)
		}
		return b.call(x, callOptions{}, k)
	case *ast.RowExpr:
		return nil, b.unsupported(n, "a row value")
	}
	return nil, b.errorAt(n, sqlerr.Internal, "unknown expression node %T", n)
}

// exprs binds several expressions.
func (b *binder) exprs(ns []ast.ExprNode, k *block) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(ns))
	for i, n := range ns {
		e, err := b.expr(n, k)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// boolean binds a condition; what names it in the error: "WHERE", "AND" …
func (b *binder) boolean(n ast.ExprNode, k *block, what string) (expr.Expr, error) {
	e, err := b.expr(n, k)
	if err != nil {
		return nil, err
	}
	switch e.Type().Kind {
	case types.Bool:
		return e, nil
	case types.Unknown:
		return b.coerce(e, types.Of(types.Bool), n)
	}
	return nil, b.errorFrom(n, sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", what, e.Type())
}

// operatorName is the SQL operator of a native node; "" for AND, OR and what is none.
func operatorName(x *ast.BinaryOperationExpr) string {
	switch x.Op {
	case core.Add:
		return "+"
	case core.Sub:
		return "-"
	case core.Mul:
		return "*"
	case core.EQ:
		return "="
	case core.NE:
		return "<>"
	case core.LT:
		return "<"
	case core.LE:
		return "<="
	case core.GT:
		return ">"
	case core.GE:
		return ">="
	}
	return ""
}

func (b *binder) binary(x *ast.BinaryOperationExpr, at ast.ExprNode, k *block) (expr.Expr, error) {
	switch x.Op {
	case core.And:
		return b.logic(x, expr.And, "AND", k)
	case core.Or:
		return b.logic(x, expr.Or, "OR", k)
	case core.NullSafeEQ:
		return b.distinctFrom(x.L, x.R, true, at, k)
	}
	op := operatorName(x)
	if op == "" {
		return nil, b.errorAt(at, sqlerr.Internal, "unknown operator %v", x.Op)
	}
	return b.infix(op, x.L, x.R, at, k)
}

// infix binds a binary operator, over rows too.
func (b *binder) infix(op string, l, r ast.ExprNode, at ast.Node, k *block) (expr.Expr, error) {
	if e, ok, err := b.rowComparison(op, l, r, at, k); ok || err != nil {
		return e, err
	}
	le, err := b.expr(l, k)
	if err != nil {
		return nil, err
	}
	re, err := b.expr(r, k)
	if err != nil {
		return nil, err
	}
	return b.operator(op, []expr.Expr{le, re}, at)
}

// logic binds a chain of ANDs or ORs without recursing into its length.
func (b *binder) logic(x *ast.BinaryOperationExpr, op expr.LogicOp, name string, k *block) (expr.Expr, error) {
	terms := core.Operands(x, x.Op)
	args := make([]expr.Expr, 0, len(terms))
	for _, t := range terms {
		e, err := b.boolean(t, k, name)
		if err != nil {
			return nil, err
		}
		if l, ok := e.(*expr.Logic); ok && l.Op == op {
			args = append(args, l.Args...)
			continue
		}
		args = append(args, e)
	}
	return &expr.Logic{Op: op, Args: args}, nil
}

// unary binds NOT and the minus; the plus is a marker.
func (b *binder) unary(x *ast.UnaryOperationExpr, at ast.ExprNode, k *block) (expr.Expr, error) {
	if x.Op != core.Sub {
		e, err := b.boolean(x.V, k, "NOT")
		if err != nil {
			return nil, err
		}
		return not(e), nil
	}
	if v, ok := core.Unparen(x.V).(*core.Value); ok {
		if i, ok := v.V.(int64); ok { // the sign belongs to the constant
			return &expr.Literal{Value: intValue(-i)}, nil
		}
	}
	e, err := b.expr(x.V, k)
	if err != nil {
		return nil, err
	}
	return b.prefix("-", e, at)
}

// prefix binds a prefix operator; a minus before a number is part of the number.
func (b *binder) prefix(op string, e expr.Expr, at ast.Node) (expr.Expr, error) {
	if l, ok := e.(*expr.Literal); ok && op == "-" && e.Type().IsNumber() && !l.Value.Null {
		if v, ok := negate(l.Value); ok {
			return &expr.Literal{Value: v}, nil
		}
	}
	if op == "+" && (e.Type().IsNumber()) {
		return e, nil
	}
	return b.operator(op, []expr.Expr{e}, at)
}

// not negates; tests and IN have negated forms of their own.
func not(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.In:
		return &expr.In{Arg: x.Arg, List: x.List, Negated: !x.Negated}
	case *expr.Distinct:
		return &expr.Distinct{Negated: !x.Negated, L: x.L, R: x.R}
	case *expr.Test:
		return &expr.Test{Kind: x.Kind ^ 1, Arg: x.Arg}
	}
	return &expr.Not{Arg: e}
}

func (b *binder) isNull(x *ast.IsNullExpr, k *block) (expr.Expr, error) {
	kind := expr.IsNull
	if x.Not {
		kind = expr.IsNotNull
	}
	if items, ok := rowItems(x.Expr); ok { // every field is (not) null
		args := make([]expr.Expr, len(items))
		for i, it := range items {
			e, err := b.expr(it, k)
			if err != nil {
				return nil, err
			}
			args[i] = &expr.Test{Kind: kind, Arg: e}
		}
		return expr.AndOf(args), nil
	}
	e, err := b.expr(x.Expr, k)
	if err != nil {
		return nil, err
	}
	return &expr.Test{Kind: kind, Arg: e}, nil
}

func (b *binder) isTruth(x *ast.IsTruthExpr, k *block) (expr.Expr, error) {
	kind, name := expr.IsTrue, "TRUE"
	if x.True == 0 {
		kind, name = expr.IsFalse, "FALSE"
	}
	what := "IS " + name
	if x.Not {
		kind, what = kind^1, "IS NOT "+name
	}
	e, err := b.boolean(x.Expr, k, what)
	if err != nil {
		return nil, err
	}
	return &expr.Test{Kind: kind, Arg: e}, nil
}

// between writes x BETWEEN lo AND hi as two comparisons, as Postgres does.
// symmetric tries the bounds both ways.
func (b *binder) between(nodes [3]ast.ExprNode, symmetric bool, at ast.Node, k *block) (expr.Expr, error) {
	for _, n := range nodes {
		if _, ok := rowItems(n); ok {
			return nil, b.unsupported(at, "BETWEEN over rows")
		}
	}
	es, err := b.exprs(nodes[:], k)
	if err != nil {
		return nil, err
	}
	one, err := b.within(es[0], es[1], es[2], at)
	if err != nil || !symmetric {
		return one, err
	}
	other, err := b.within(es[0], es[2], es[1], at)
	if err != nil {
		return nil, err
	}
	return &expr.Logic{Op: expr.Or, Args: []expr.Expr{one, other}}, nil
}

// within is x >= lo AND x <= hi.
func (b *binder) within(x, lo, hi expr.Expr, at ast.Node) (expr.Expr, error) {
	low, err := b.operator(">=", []expr.Expr{x, lo}, at)
	if err != nil {
		return nil, err
	}
	high, err := b.operator("<=", []expr.Expr{x, hi}, at)
	if err != nil {
		return nil, err
	}
	return &expr.Logic{Op: expr.And, Args: []expr.Expr{low, high}}, nil
}

// distinctFrom binds IS [NOT] DISTINCT FROM.
func (b *binder) distinctFrom(l, r ast.ExprNode, negated bool, at ast.Node, k *block) (expr.Expr, error) {
	le, err := b.expr(l, k)
	if err != nil {
		return nil, err
	}
	re, err := b.expr(r, k)
	if err != nil {
		return nil, err
	}
	eq, err := b.operator("=", []expr.Expr{le, re}, at)
	if err != nil {
		return nil, err
	}
	if c, ok := eq.(*expr.Call); ok {
		es := []expr.Expr{c.Args[0], c.Args[1]}
		if _, err := b.unify(es, "IS DISTINCT FROM", nil); err == nil {
			return &expr.Distinct{Negated: negated, L: es[0], R: es[1]}, nil
		}
	}
	return nil, b.noOperator(at, "=", []types.Type{le.Type(), re.Type()})
}
