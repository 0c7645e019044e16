package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// caseExpr binds CASE. The simple form compares its operand in each branch, so a
// volatile operand is refused.
func (b *binder) caseExpr(x *ast.CaseExpr, k *block) (expr.Expr, error) {
	var operand expr.Expr
	var err error
	if x.Value != nil {
		if operand, err = b.expr(x.Value, k); err != nil {
			return nil, err
		}
		if operand.Type().Kind == types.Unknown {
			if operand, err = b.coerce(operand, types.Of(types.Text), x.Value); err != nil {
				return nil, err
			}
		}
		if expr.Volatile(operand) {
			return nil, b.unsupported(x, "CASE over a volatile function")
		}
	}
	whens := make([]expr.When, len(x.WhenClauses))
	results := make([]expr.Expr, 0, len(x.WhenClauses)+1)
	nodes := make([]ast.ExprNode, 0, len(x.WhenClauses)+1)
	for i, w := range x.WhenClauses {
		if whens[i].Cond, err = b.whenCond(operand, w, k); err != nil {
			return nil, err
		}
		r, err := b.expr(w.Result, k)
		if err != nil {
			return nil, err
		}
		results, nodes = append(results, r), append(nodes, w.Result)
	}
	last := nullOf(types.Of(types.Unknown))
	if x.ElseClause != nil {
		if last, err = b.expr(x.ElseClause, k); err != nil {
			return nil, err
		}
		nodes = append(nodes, x.ElseClause)
	} else {
		nodes = append(nodes, x)
	}
	// Postgres looks at ELSE first, so that its type wins a tie and errors name it.
	es := append([]expr.Expr{last}, results...)
	ns := append([]ast.ExprNode{nodes[len(nodes)-1]}, nodes[:len(nodes)-1]...)
	t, err := b.unify(es, "CASE", ns)
	if err != nil {
		return nil, err
	}
	for i := range whens {
		whens[i].Result = es[i+1]
	}
	return &expr.Case{Whens: whens, Else: es[0], Typ: t}, nil
}

func (b *binder) whenCond(operand expr.Expr, w *ast.WhenClause, k *block) (expr.Expr, error) {
	if operand == nil {
		return b.boolean(w.Expr, k, "CASE/WHEN")
	}
	v, err := b.expr(w.Expr, k)
	if err != nil {
		return nil, err
	}
	return b.operator("=", []expr.Expr{operand, v}, w)
}
