package analyzer

import (
	"math"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// arrayForm binds ARRAY[…].
func (b *binder) arrayForm(args []ast.ExprNode, k *block, at ast.Node) (expr.Expr, error) {
	es, err := b.exprs(args, k)
	if err != nil {
		return nil, err
	}
	if len(es) == 0 {
		return nil, b.errorAt(at, sqlerr.IndeterminateDatatype, "cannot determine type of empty array").
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
	}
	t, err := b.unify(es, "ARRAY", args)
	if err != nil {
		return nil, err
	}
	if t.Kind == types.Array {
		return nil, b.unsupported(at, "an array of several dimensions")
	}
	return &expr.ArrayExpr{Elems: es, Typ: types.ArrayOf(t)}, nil
}

func (b *binder) elem(x ast.Node, args []ast.ExprNode, k *block) (expr.Expr, error) {
	a, err := b.expr(args[0], k)
	if err != nil {
		return nil, err
	}
	t := a.Type()
	if t.Kind != types.Array && t.Kind != types.Int2Vector && t.Kind != types.OIDVector {
		return nil, b.errorFrom(x, sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", t)
	}
	i, err := b.expr(args[1], k)
	if err != nil {
		return nil, err
	}
	if i, err = b.coerceAssign(i, types.Of(types.Int4), args[1], "array subscript must have type integer"); err != nil {
		return nil, err
	}
	return b.callFunc("array_subscript", []expr.Expr{a, i}, x)
}

// slice binds a[lo:hi]; arrays begin at 1.
func (b *binder) slice(x ast.Node, args []ast.ExprNode, k *block) (expr.Expr, error) {
	a, err := b.expr(args[0], k)
	if err != nil {
		return nil, err
	}
	bounds := []expr.Expr{&expr.Literal{Value: value.Int4(1)}, &expr.Literal{Value: value.Int4(math.MaxInt32)}}
	for i, n := range args[1:3] {
		if _, omitted := core.IsCall(n, core.Omitted); omitted {
			continue
		}
		if bounds[i], err = b.expr(n, k); err != nil {
			return nil, err
		}
		if bounds[i], err = b.coerceAssign(bounds[i], types.Of(types.Int4), n, "array slice subscript must have type integer"); err != nil {
			return nil, err
		}
	}
	return b.callFunc("array_slice", []expr.Expr{a, bounds[0], bounds[1]}, x)
}

// field binds (x).f; the only composite values are those of composite.go.
func (b *binder) field(x ast.Node, args []ast.ExprNode, k *block) (expr.Expr, error) {
	if _, ok := rowItems(args[0]); ok {
		return nil, b.unsupported(x, "a field of a row value")
	}
	e, err := b.compositeField(args[0], core.Text(args[1]), k)
	if e != nil || err != nil {
		return e, err
	}
	if e, err = b.expr(args[0], k); err != nil {
		return nil, err
	}
	return nil, b.errorFrom(args[0], sqlerr.WrongObjectType,
		"column notation .%s applied to type %s, which is not a composite type", core.Text(args[1]), e.Type())
}
