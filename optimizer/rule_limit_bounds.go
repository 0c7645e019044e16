package optimizer

import (
	"context"

	"github.com/flintsql/flint/exec/eval"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// limitBounds computes the bounds of a limit that are expressions. A plan that
// runs has only numbers there, so this rule cannot be switched off.
//
//	SELECT a FROM t LIMIT 1 + 1 → SELECT a FROM t LIMIT 2
type limitBounds struct{ env *env }

func (limitBounds) Name() string { return "limit_bounds" }
func (limitBounds) Order() Order { return BottomUp }

func (r limitBounds) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Limit)
	if !ok || x.CountExpr == nil && x.OffsetExpr == nil {
		return n, false, nil
	}
	y := *x
	y.CountExpr, y.OffsetExpr = nil, nil
	var err error
	if x.CountExpr != nil {
		if y.Count, err = r.bound(x.CountExpr, -1, sqlerr.New(sqlerr.InvalidLimit, "LIMIT must not be negative")); err != nil {
			return nil, false, err
		}
	}
	if x.OffsetExpr != nil {
		if y.Offset, err = r.bound(x.OffsetExpr, 0, sqlerr.New(sqlerr.InvalidOffset, "OFFSET must not be negative")); err != nil {
			return nil, false, err
		}
	}
	return &y, true, nil
}

// bound evaluates a bound; NULL means none.
func (r limitBounds) bound(e expr.Expr, none int64, negative error) (int64, error) {
	v, err := eval.Constant(e, r.env.fctx)
	switch {
	case err != nil:
		return 0, err
	case v.Null:
		return none, nil
	case v.I < 0:
		return 0, negative
	}
	return v.I, nil
}
