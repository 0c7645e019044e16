package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// markToSemi turns a mark that only filters into a semi or anti join.
//
//	SELECT * FROM t WHERE a IN (SELECT b FROM s)      → t SEMI JOIN s ON a = b
//	SELECT * FROM t WHERE a NOT IN (SELECT b FROM s)  → t ANTI JOIN s ON a = b (null-aware unless nothing is NULL)
//
// The mark's column stays in the output, as the constant it is there.
type markToSemi struct{}

func (markToSemi) Name() string { return "mark_to_semi" }
func (markToSemi) Order() Order { return TopDown }

func (markToSemi) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	f, ok := n.(*logical.Filter)
	if !ok {
		return n, false, nil
	}
	out := markFilter(f)
	return out, out != n, nil
}

func markFilter(f *logical.Filter) logical.Node {
	var mark logical.Column
	var on []expr.Expr
	apply, isApply := f.Input.(*logical.Apply)
	join, isJoin := f.Input.(*logical.Join)
	switch {
	case isApply && apply.Kind == logical.Mark:
		mark, on = apply.MarkCol, apply.On
	case isJoin && join.Kind == logical.Mark:
		mark, on = join.MarkCol, join.On
	default:
		return f
	}
	for i, p := range f.Preds {
		kind, nullAware, ok := markUse(p, mark.ID)
		if !ok {
			continue
		}
		rest := concat(f.Preds[:i], f.Preds[i+1:])
		var in logical.Node
		if isJoin {
			nullAware = nullAware && !nullableOf(join.L, join.R).neverAll(on)
			in = &logical.Join{Kind: kind, L: join.L, R: join.R, On: on, NullAware: nullAware}
		} else {
			if nullAware && len(on) > 0 {
				continue // Apply has no null-aware form; the join will
			}
			in = &logical.Apply{Kind: kind, L: apply.L, R: apply.R, On: on}
		}
		items := passItems(in.Schema())
		items = append(items, logical.Item{Col: mark, Expr: boolean(kind == logical.Semi)})
		return filter(&logical.Project{Input: in, Items: items}, rest)
	}
	return f
}

// markUse tells which join a conjunct over a mark amounts to.
func markUse(p expr.Expr, mark expr.ColumnID) (kind logical.JoinKind, nullAware, ok bool) {
	is := func(e expr.Expr) bool {
		c, ok := e.(*expr.Column)
		return ok && c.ID == mark
	}
	switch x := p.(type) {
	case *expr.Column:
		return logical.Semi, false, is(x)
	case *expr.Not:
		return logical.Anti, true, is(x.Arg)
	case *expr.Test:
		switch x.Kind {
		case expr.IsTrue:
			return logical.Semi, false, is(x.Arg)
		case expr.IsFalse:
			return logical.Anti, true, is(x.Arg)
		case expr.IsNotTrue:
			return logical.Anti, false, is(x.Arg)
		}
	}
	return 0, false, false
}
