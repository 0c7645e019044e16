package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/value"
)

// Fold replaces subtrees of immutable calls over literals by their value.
// Subtrees that raise an error stay, so that they raise it if they are reached.
func Fold(e expr.Expr, c *function.Context) expr.Expr {
	return expr.Transform(e, func(x expr.Expr) expr.Expr {
		if !foldable(x) {
			return x
		}
		v, err := Constant(x, c)
		if err != nil {
			return x
		}
		return &expr.Literal{Value: v}
	})
}

// foldable reports a node other than a literal whose operands are all literals.
func foldable(e expr.Expr) bool {
	kids := e.Children()
	switch x := e.(type) {
	case *expr.Call:
		if x.Func.Volatility != function.Immutable {
			return false
		}
	case *expr.AnyAll:
		if x.Op.Volatility != function.Immutable {
			return false
		}
	case *expr.Literal, *expr.Column, *expr.Input, *expr.Param:
		return false
	}
	for _, k := range kids {
		if _, ok := k.(*expr.Literal); !ok {
			return false
		}
	}
	return true
}

// Constant evaluates an expression without columns.
func Constant(e expr.Expr, c *function.Context) (value.Value, error) {
	p, err := compileAll([]expr.Expr{e}, nil, c)
	if err != nil {
		return value.Value{}, err
	}
	out, err := p.Eval(&vector.Batch{Rows: 1})
	if err != nil {
		return value.Value{}, err
	}
	v := out[0].Get(0)
	v.Type = e.Type()
	return v, nil
}
