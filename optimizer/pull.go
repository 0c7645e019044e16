package optimizer

import (
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// pull takes the correlated predicates out of n: for each outer row, n equals
// the rows of the result that satisfy the predicates. The result yields n's
// columns and whatever else the predicates need. It may still hold Applys that are not
// correlated to outer. ok is false where n is correlated by more than predicates
// that can be moved.
func (u *unnester) pull(n logical.Node, outer expr.ColumnSet) (out logical.Node, preds []expr.Expr, ok bool) {
	if !refersTo(n, outer) {
		return n, nil, true
	}
	switch x := n.(type) {
	case *logical.Filter:
		in, preds, ok := u.pull(x.Input, outer)
		if !ok {
			return nil, nil, false
		}
		cor, own := splitPreds(conjuncts(x.Preds), func(e expr.Expr) bool { return expr.Columns(e).Intersects(outer) })
		for _, c := range cor {
			if expr.Volatile(c) {
				return nil, nil, false
			}
		}
		if len(cor) < len(conjuncts(x.Preds)) && !pullable(own, outer) {
			return nil, nil, false
		}
		return filter(in, own), append(preds, cor...), true
	case *logical.Project:
		return u.pullProject(x, outer)
	case *logical.Join:
		return u.pullJoin(x, outer)
	case *logical.Apply:
		return u.pullApply(x, outer)
	case *logical.Aggregate:
		return u.pullAggregate(x, outer)
	case *logical.Window:
		return u.pullWindow(x, outer)
	case *logical.Sort:
		return u.pull(x.Input, outer)
	case *logical.Limit:
		if x.CountExpr != nil || x.OffsetExpr != nil {
			return nil, nil, false
		}
		if p, ok := belowProject(x); ok {
			return u.pull(p, outer)
		}
		in, s := specOf(x)
		return u.pullLimit(in, s, outer)
	case *logical.TopN:
		return u.pullLimit(x.Input, limitSpec{x.Keys, x.Count, x.Offset, false}, outer)
	}
	return nil, nil, false
}

// pullable reports whether expressions may be evaluated before the correlated
// predicates below them: not if they are correlated themselves, or can fail for a
// row that those predicates would have kept out.
func pullable(es []expr.Expr, outer expr.ColumnSet) bool {
	for _, e := range es {
		if expr.Columns(e).Intersects(outer) || canFail(e) {
			return false
		}
	}
	return true
}

func (u *unnester) pullProject(x *logical.Project, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	if !pullable(x.Exprs(), outer) {
		return nil, nil, false
	}
	in, preds, ok := u.pull(x.Input, outer)
	if !ok {
		return nil, nil, false
	}
	return &logical.Project{Input: in, Items: append(append([]logical.Item(nil), x.Items...), missing(x, in, preds)...)}, preds, true
}

// missing returns pass-through items for the columns of in that preds need and x does not yield.
func missing(x, in logical.Node, preds []expr.Expr) []logical.Item {
	need, have := expr.Columns(preds...), logical.Columns(x)
	var out []logical.Item
	for _, c := range in.Schema() {
		if need.Has(c.ID) && !have.Has(c.ID) {
			out = append(out, logical.Item{Col: c, Expr: c.Ref()})
		}
	}
	return out
}

func (u *unnester) pullJoin(x *logical.Join, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	y := *x
	var lp, rp []expr.Expr
	var ok bool
	if y.L, lp, ok = u.pull(x.L, outer); !ok {
		return nil, nil, false
	}
	if x.Kind == logical.Inner {
		if y.R, rp, ok = u.pull(x.R, outer); !ok {
			return nil, nil, false
		}
		cor, own := splitPreds(conjuncts(x.On), func(e expr.Expr) bool { return expr.Columns(e).Intersects(outer) })
		y.On = own
		return &y, concat(lp, rp, cor), pullable(own, outer)
	}
	switch x.Kind {
	case logical.Left, logical.Semi, logical.Anti, logical.Mark:
		if !refersTo(x.R, outer) && pullable(x.On, outer) {
			return &y, lp, true
		}
	}
	return nil, nil, false
}

// pullApply unnests a nested Apply first if its subquery does not look further out.
func (u *unnester) pullApply(x *logical.Apply, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	x = shrink(x)
	if refersTo(x.R, outer) || x.Kind == logical.Single || failsWithin(x.R) {
		return nil, nil, false // R must not see left rows that the predicates keep out
	}
	l, preds, ok := u.pull(x.L, outer)
	if !ok {
		return nil, nil, false
	}
	y := *x
	y.L = l
	if pullable(x.On, outer) {
		return &y, preds, true
	}
	if x.Kind != logical.Inner {
		return nil, nil, false
	}
	cor, own := splitPreds(conjuncts(x.On), func(e expr.Expr) bool { return expr.Columns(e).Intersects(outer) })
	y.On = own
	return &y, append(preds, cor...), pullable(own, outer)
}

// failsWithin reports whether some part of a subtree can fail: for a row that is
// kept out now, it must not be computed.
func failsWithin(n logical.Node) bool {
	fails := false
	logical.Walk(n, func(x logical.Node) bool {
		fails = fails || anyFails(x.Exprs()) || nodeFails(x)
		return !fails
	})
	return fails
}

// nodeFails reports whether an operator can fail by itself, whatever its expressions:
// a scalar subquery that meets a second row, a computed limit below zero, a series whose step is zero.
func nodeFails(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Join:
		return x.Kind == logical.Single && !atMostOne(x.R)
	case *logical.Apply:
		return x.Kind == logical.Single && !atMostOne(x.R)
	case *logical.Limit:
		return x.CountExpr != nil || x.OffsetExpr != nil
	case *logical.TableFunc:
		switch x.Func.Name {
		case "unnest", "generate_subscripts", "string_to_table":
			return false
		case "generate_series":
			return len(x.Args) > 2 || !x.Args[0].Type().IsInteger()
		}
		return true
	}
	return false
}

// groupKeys makes group keys of the inner sides of correlated equalities, and
// the equalities over the keys. have are existing groups; a predicate over them and
// outer columns alone needs no key. ok is false for any other predicate.
func (u *unnester) groupKeys(preds []expr.Expr, outer expr.ColumnSet, have []logical.Item) (keys []logical.Item, on []expr.Expr, ok bool) {
	byExpr := map[string]logical.Item{}
	direct := expr.ColumnSet{}
	for _, g := range have {
		byExpr[expr.Key(g.Expr)] = g
		if isPass(g) {
			direct.Add(g.Col.ID)
		}
	}
	inner := func(id expr.ColumnID) bool { return !outer.Has(id) }
	for _, p := range preds {
		if inGroups(p, outer, direct) {
			on = append(on, p)
			continue
		}
		_, in, ok := cost.Equality(p, outer.Has, inner)
		if !ok || !fixed(in) {
			return nil, nil, false
		}
		g, seen := byExpr[expr.Key(in)]
		if !seen {
			g = u.keyItem(in)
			byExpr[expr.Key(in)] = g
			keys = append(keys, g)
		}
		on = append(on, replaceSide(p, in, g.Col.Ref()))
	}
	return keys, on, true
}

func inGroups(p expr.Expr, outer, groups expr.ColumnSet) bool {
	for id := range expr.Columns(p) {
		if !outer.Has(id) && !groups.Has(id) {
			return false
		}
	}
	return true
}

// keyItem makes a group item; a column passes through under a new ID, since the
// old one may be used by other copies of the key.
func (u *unnester) keyItem(e expr.Expr) logical.Item {
	name := "key"
	if c, ok := e.(*expr.Column); ok {
		name = c.Name
	}
	return logical.Item{Col: u.ids.NewColumn(name, e.Type(), true), Expr: e}
}

// replaceSide puts to in place of the side of an equality that is the very node from.
func replaceSide(p, from, to expr.Expr) expr.Expr {
	kids := append([]expr.Expr(nil), p.Children()...)
	for i, k := range kids {
		if k == from {
			kids[i] = to
		}
	}
	return p.WithChildren(kids)
}

func (u *unnester) pullAggregate(x *logical.Aggregate, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	if len(x.Groups) == 0 || x.Sets != nil || !pullable(x.Exprs(), outer) {
		return nil, nil, false
	}
	in, preds, ok := u.pull(x.Input, outer)
	if !ok {
		return nil, nil, false
	}
	keys, on, ok := u.groupKeys(preds, outer, x.Groups)
	if !ok {
		return nil, nil, false
	}
	y := *x
	y.Input, y.Groups = in, concat(x.Groups, keys)
	return &y, on, true
}

func (u *unnester) pullWindow(x *logical.Window, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	if !pullable(x.Exprs(), outer) {
		return nil, nil, false
	}
	in, preds, ok := u.pull(x.Input, outer)
	if !ok {
		return nil, nil, false
	}
	part, ok := partitionKeys(preds, outer)
	if !ok {
		return nil, nil, false
	}
	y := *x
	y.Input, y.PartitionBy = in, concat(x.PartitionBy, part)
	return &y, preds, true
}

// partitionKeys returns the inner sides of correlated equalities.
func partitionKeys(preds []expr.Expr, outer expr.ColumnSet) ([]expr.Expr, bool) {
	var out []expr.Expr
	for _, p := range preds {
		_, in, ok := cost.Equality(p, outer.Has, func(id expr.ColumnID) bool { return !outer.Has(id) })
		if !ok || !fixed(in) {
			return nil, false
		}
		out = append(out, in)
	}
	return out, true
}

// belowProject moves a Limit below a Project, next to the Sort it belongs to.
func belowProject(x *logical.Limit) (logical.Node, bool) {
	p, ok := x.Input.(*logical.Project)
	if !ok {
		return nil, false
	}
	y := *x
	y.Input = p.Input
	y.Keys = append([]logical.SortKey(nil), x.Keys...)
	for i := range y.Keys {
		y.Keys[i].Expr = substitute(y.Keys[i].Expr, itemMap(p.Items))
	}
	return &logical.Project{Input: &y, Items: p.Items}, true
}

// specOf returns what a Limit limits, without the Sort between.
func specOf(x *logical.Limit) (logical.Node, limitSpec) {
	in, keys := x.Input, x.Keys
	if s, ok := in.(*logical.Sort); ok {
		in, keys = s.Input, s.Keys
	}
	return in, limitSpec{keys, x.Count, x.Offset, x.WithTies}
}

// limitSpec is what a Limit or TopN does.
type limitSpec struct {
	keys          []logical.SortKey
	count, offset int64
	ties          bool
}

func (u *unnester) pullLimit(input logical.Node, s limitSpec, outer expr.ColumnSet) (logical.Node, []expr.Expr, bool) {
	keys := make([]expr.Expr, len(s.keys))
	for i, k := range s.keys {
		keys[i] = k.Expr
	}
	if !pullable(keys, outer) {
		return nil, nil, false
	}
	in, preds, ok := u.pull(input, outer)
	if !ok {
		return nil, nil, false
	}
	part, ok := partitionKeys(preds, outer)
	if !ok {
		return nil, nil, false
	}
	out := u.limitWithin(in, s, part)
	return out, preds, out != nil
}

// limitWithin limits each partition by numbering its rows; nil where the
// functions for it are unknown. The result has a column more.
func (u *unnester) limitWithin(in logical.Node, s limitSpec, part []expr.Expr) logical.Node {
	int8 := types.Of(types.Int8)
	number, rank := u.funcs.Window("row_number"), u.funcs.Window("rank")
	le, gt := u.funcs.Operator("<=", int8, int8), u.funcs.Operator(">", int8, int8)
	if number == nil || rank == nil || le == nil || gt == nil {
		return nil
	}
	rn := u.ids.NewColumn("row_number", int8, false)
	w := &logical.Window{Input: in, PartitionBy: part, OrderBy: s.keys, Calls: []logical.WindowCall{
		{Col: rn, Func: number, Frame: defaultFrame()}}}
	last := rn
	if s.ties {
		last = u.ids.NewColumn("rank", int8, false)
		w.Calls = append(w.Calls, logical.WindowCall{Col: last, Func: rank, Frame: defaultFrame()})
	}
	compare := func(c logical.Column, n int64) []expr.Expr {
		return []expr.Expr{c.Ref(), &expr.Literal{Value: value.Int8(n)}}
	}
	var preds []expr.Expr
	if s.count >= 0 {
		preds = append(preds, &expr.Call{Func: le, Args: compare(last, s.offset+s.count), Typ: types.Of(types.Bool)})
	}
	if s.offset > 0 {
		preds = append(preds, &expr.Call{Func: gt, Args: compare(rn, s.offset), Typ: types.Of(types.Bool)})
	}
	return filter(w, preds)
}

func defaultFrame() logical.Frame {
	return logical.Frame{Mode: logical.Range, Start: logical.Bound{Kind: logical.UnboundedPreceding}, End: logical.Bound{Kind: logical.CurrentRow}}
}
