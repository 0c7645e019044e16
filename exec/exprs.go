package exec

import (
	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/eval"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// program computes an operator's expressions; conjuncts filters rows.
type (
	program   = eval.Program
	conjuncts = eval.Filter
)

func compile(env *Env, es []expr.Expr, in []types.Type) (*program, error) {
	return eval.Compile(es, in, env.Context)
}

func compileFilter(env *Env, es []expr.Expr, in []types.Type) (*conjuncts, error) {
	return eval.CompileFilter(es, in, env.Context)
}

// compilePredicate returns the predicate of a scan's filters, nil if it has none.
func compilePredicate(env *Env, n *physical.Scan) (catalog.Stepwise, error) {
	if len(n.Filters) == 0 {
		return nil, nil
	}
	return eval.CompilePredicate(n.Filters, scanTypes(n), env.Context)
}

// scanTypes are the types of a scan's Columns: of those it emits from Out, of
// the others, which only filters read, from there.
func scanTypes(n *physical.Scan) []types.Type {
	ts := make([]types.Type, len(n.Columns))
	for i, f := range n.Out {
		if n.Emit != nil {
			ts[n.Emit[i]] = f.Type
		} else {
			ts[i] = f.Type
		}
	}
	for _, e := range n.Filters {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Input); ok {
				ts[c.Index] = c.Typ
			}
			return true
		})
	}
	return ts
}
