package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// outerToInner drops an outer join's NULL-extended rows where a predicate above
// would, and turns right joins into left ones.
//
//	SELECT * FROM t LEFT JOIN s ON t.a = s.a WHERE s.b > 1
//	→ SELECT * FROM t JOIN s ON t.a = s.a WHERE s.b > 1
type outerToInner struct{}

func (outerToInner) Name() string { return "outer_to_inner" }
func (outerToInner) Order() Order { return TopDown }

func (outerToInner) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	switch x := n.(type) {
	case *logical.Filter:
		if in := strengthen(x.Input, x.Preds); in != x.Input {
			return &logical.Filter{Input: in, Preds: x.Preds}, true, nil
		}
	case *logical.Join:
		if x.Kind == logical.Right {
			y := *x
			y.Kind, y.L, y.R = logical.Left, x.R, x.L
			return withSchema(&y, x.Schema()), true, nil
		}
		y := *x
		if x.Kind == logical.Inner || x.Kind == logical.Semi {
			y.L = strengthen(x.L, x.On)
		}
		if x.Kind == logical.Inner || x.Kind == logical.Semi || x.Kind == logical.Left ||
			x.Kind == logical.Single || x.Kind == logical.Anti && !x.NullAware {
			y.R = strengthen(x.R, x.On)
		}
		if y.L != x.L || y.R != x.R {
			return &y, true, nil
		}
	}
	return n, false, nil
}

// strengthen returns n without rows for which some conjunct is surely not true
// because a side of an outer join at the top of n is NULL; n itself if there are none.
func strengthen(n logical.Node, preds []expr.Expr) logical.Node {
	switch x := n.(type) {
	case *logical.Filter:
		if in := strengthen(x.Input, preds); in != x.Input {
			return &logical.Filter{Input: in, Preds: x.Preds}
		}
	case *logical.Project:
		m := itemMap(x.Items)
		if in := strengthen(x.Input, substituteAll(preds, m)); in != x.Input {
			return &logical.Project{Input: in, Items: x.Items}
		}
	case *logical.Join:
		return strengthenJoin(x, preds)
	}
	return n
}

func strengthenJoin(x *logical.Join, preds []expr.Expr) logical.Node {
	rejects := func(side logical.Node) bool {
		cols := logical.Columns(side)
		for _, p := range preds {
			if rejectsNull(p, cols) {
				return true
			}
		}
		return false
	}
	kind := x.Kind
	switch kind {
	case logical.Left:
		if rejects(x.R) {
			kind = logical.Inner
		}
	case logical.Full:
		l, r := rejects(x.L), rejects(x.R)
		switch {
		case l && r:
			kind = logical.Inner
		case l:
			kind = logical.Left
		case r:
			kind = logical.Right
		}
	}
	y := *x
	y.Kind = kind
	switch kind {
	case logical.Inner:
		y.L, y.R = strengthen(x.L, preds), strengthen(x.R, preds)
	case logical.Left, logical.Semi, logical.Anti, logical.Mark, logical.Single:
		y.L = strengthen(x.L, preds)
	}
	if y.Kind == x.Kind && y.L == x.L && y.R == x.R {
		return x
	}
	return &y
}
