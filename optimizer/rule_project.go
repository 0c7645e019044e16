package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// mergeProjects computes two projections in one.
//
//	SELECT x + 1 FROM (SELECT a * 2 x FROM t) s → SELECT a * 2 + 1 FROM t
//
// An expression that is not a column or constant is not computed twice.
type mergeProjects struct{}

func (mergeProjects) Name() string { return "merge_projects" }
func (mergeProjects) Order() Order { return BottomUp }

func (mergeProjects) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Project)
	if !ok {
		return n, false, nil
	}
	in, ok := x.Input.(*logical.Project)
	if !ok {
		if allPass(x.Items) && withSchema(x.Input, x.Schema()) == x.Input {
			return x.Input, true, nil
		}
		return n, false, nil
	}
	m := itemMap(in.Items)
	uses := map[expr.ColumnID]int{}
	for _, it := range x.Items {
		expr.Walk(it.Expr, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Column); ok {
				uses[c.ID]++
			}
			return true
		})
	}
	for id, e := range m {
		switch e.(type) {
		case *expr.Column, *expr.Literal:
			continue
		}
		if uses[id] > 1 || uses[id] == 1 && expr.Volatile(e) || canFail(e) && !alwaysUsed(x.Items, id) {
			return n, false, nil
		}
	}
	items := make([]logical.Item, len(x.Items))
	for i, it := range x.Items {
		items[i] = logical.Item{Col: it.Col, Expr: substitute(it.Expr, m)}
	}
	return &logical.Project{Input: in.Input, Items: items}, true, nil
}

// alwaysUsed reports whether items evaluate a column for every row: not only in
// a branch that may not be reached, and not nowhere.
func alwaysUsed(items []logical.Item, id expr.ColumnID) bool {
	used := false
	for _, it := range items {
		expr.Walk(it.Expr, func(e expr.Expr) bool {
			switch x := e.(type) {
			case *expr.Case, *expr.Coalesce, *expr.Logic:
				return false
			case *expr.Column:
				used = used || x.ID == id
			}
			return !used
		})
	}
	return used
}
