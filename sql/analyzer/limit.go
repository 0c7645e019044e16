package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// limit puts LIMIT and OFFSET on a plan.
func (b *binder) limit(plan logical.Node, c *core.LimitClause, keys []logical.SortKey, k *block) (logical.Node, error) {
	if c == nil {
		return plan, nil
	}
	n := &logical.Limit{Input: plan, Count: -1}
	var err error
	if n.Count, n.CountExpr, err = b.bound(c.Count, -1, "LIMIT", k); err != nil {
		return nil, err
	}
	if n.Offset, n.OffsetExpr, err = b.bound(c.Offset, 0, "OFFSET", k); err != nil {
		return nil, err
	}
	if c.WithTies {
		if len(keys) == 0 {
			return nil, b.errorAt(c.Count, sqlerr.Syntax, "WITH TIES cannot be specified without ORDER BY clause")
		}
		n.WithTies, n.Keys = true, keys
	}
	if n.Count < 0 && n.CountExpr == nil && n.Offset == 0 && n.OffsetExpr == nil {
		return plan, nil
	}
	return n, nil
}

// bound gives a row count, or the expression that will say it; none where it
// is absent or NULL.
func (b *binder) bound(n ast.ExprNode, none int64, what string, k *block) (int64, expr.Expr, error) {
	if n == nil {
		return none, nil, nil
	}
	saved, subqueries := k.clause, len(k.where)
	k.clause = inLimit
	defer func() { k.clause = saved }()
	e, err := b.expr(n, k)
	if err != nil {
		return 0, nil, err
	}
	if len(k.where) > subqueries {
		return 0, nil, b.unsupported(n, "a subquery in "+what)
	}
	if len(expr.Columns(e)) > 0 {
		return 0, nil, b.errorAt(n, sqlerr.InvalidColumnReference, "argument of %s must not contain variables", what)
	}
	int8 := types.Of(types.Int8)
	e, err = b.coerceAssign(e, int8, n, "argument of "+what+" must be type bigint, not type "+e.Type().String())
	if err != nil {
		return 0, nil, err
	}
	l, ok := e.(*expr.Literal)
	if !ok {
		return none, e, nil
	}
	v, err := boundValue(l, none, what)
	return v, nil, err
}

// boundValue checks a constant bound.
func boundValue(l *expr.Literal, none int64, what string) (int64, error) {
	switch {
	case l.Value.Null:
		return none, nil
	case l.Value.I < 0 && what == "LIMIT":
		return 0, sqlerr.New(sqlerr.InvalidLimit, "LIMIT must not be negative")
	case l.Value.I < 0:
		return 0, sqlerr.New(sqlerr.InvalidOffset, "OFFSET must not be negative")
	}
	return l.Value.I, nil
}
