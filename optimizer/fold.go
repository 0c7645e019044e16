package optimizer

import (
	"github.com/flintsql/flint/exec/eval"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
)

// fold evaluates constant subexpressions. What would fail stays as it is, to
// fail only if a row reaches it. Nothing is folded without a context.
func fold(e expr.Expr, c *function.Context) expr.Expr {
	if c == nil {
		return e
	}
	return eval.Fold(e, c)
}
