package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// lift moves the topmost operator of R above the Apply where that is exact, or
// replaces the Apply for good; nil where it can do nothing.
func (u *unnester) lift(a *logical.Apply, outer expr.ColumnSet) (logical.Node, error) {
	switch a.Kind {
	case logical.Inner, logical.Left, logical.Single:
	default:
		if len(a.On) == 0 && oneRow(a.R) {
			return u.existsAlways(a), nil
		}
		return nil, nil
	}
	switch r := a.R.(type) {
	case *logical.Project:
		if a.Kind == logical.Inner || len(a.On) == 0 && oneRow(r.Input) {
			return u.liftProject(a, r)
		}
	case *logical.Filter:
		if a.Kind == logical.Inner && oneRow(r.Input) {
			x := *a
			x.R = r.Input
			return u.liftOver(&x, func(n logical.Node) logical.Node { return filter(n, r.Preds) })
		}
	case *logical.Aggregate:
		if len(r.Groups) == 0 && r.Sets == nil && (a.Kind == logical.Inner || len(a.On) == 0) {
			return u.liftScalar(a, r, outer)
		}
	case *logical.TableFunc:
		if v, ok := r.Input.(*logical.Values); ok && len(v.Cols) == 0 && len(v.Rows) == 1 {
			return liftFunction(a, r), nil
		}
	}
	return nil, nil
}

// oneRow reports whether n yields exactly one row for any input.
func oneRow(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Project:
		return oneRow(x.Input)
	case *logical.Sort:
		return oneRow(x.Input)
	case *logical.Window:
		return oneRow(x.Input)
	case *logical.Aggregate:
		return len(x.Groups) == 0 && x.Sets == nil
	case *logical.Values:
		return len(x.Rows) == 1
	case *logical.Reuse:
		return oneRow(x.Input)
	case *logical.Join:
		switch x.Kind {
		case logical.Inner:
			return len(x.On) == 0 && oneRow(x.L) && oneRow(x.R)
		case logical.Left:
			return oneRow(x.L) && atMostOne(x.R)
		case logical.Mark, logical.Single:
			return oneRow(x.L)
		}
	case *logical.Apply:
		return (x.Kind == logical.Mark || x.Kind == logical.Single) && oneRow(x.L)
	}
	return false
}

// atMostOne reports whether n yields at most one row for any input.
func atMostOne(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Filter:
		return atMostOne(x.Input)
	case *logical.Project:
		return atMostOne(x.Input)
	case *logical.Sort:
		return atMostOne(x.Input)
	case *logical.Limit:
		return x.Count >= 0 && x.Count <= 1 && !x.WithTies && x.CountExpr == nil || atMostOne(x.Input)
	case *logical.TopN:
		return x.Count <= 1 || atMostOne(x.Input)
	case *logical.Values:
		return len(x.Rows) <= 1
	case *logical.Join:
		switch x.Kind {
		case logical.Inner:
			return atMostOne(x.L) && atMostOne(x.R)
		case logical.Semi, logical.Anti:
			return atMostOne(x.L)
		}
	}
	return oneRow(n)
}

// existsAlways is EXISTS over a subquery that always has a row.
func (u *unnester) existsAlways(a *logical.Apply) logical.Node {
	switch a.Kind {
	case logical.Semi:
		return a.L
	case logical.Anti:
		return &logical.Values{Cols: a.Schema()}
	}
	items := append(passItems(a.L.Schema()), logical.Item{Col: a.MarkCol, Expr: &expr.Literal{Value: value.Bool(true)}})
	return &logical.Project{Input: a.L, Items: items}
}

func (u *unnester) liftProject(a *logical.Apply, r *logical.Project) (logical.Node, error) {
	m, ok := movable(r.Items, a.On)
	if !ok {
		return nil, nil
	}
	x := *a
	x.R, x.On = r.Input, substituteAll(a.On, m)
	if oneRow(r.Input) && len(x.On) == 0 {
		x.Kind = logical.Inner
	}
	n, err := u.apply(&x)
	if err != nil {
		return nil, err
	}
	items := append(passItems(a.L.Schema()), r.Items...)
	return &logical.Project{Input: n, Items: items}, nil
}

func (u *unnester) liftOver(a *logical.Apply, over func(logical.Node) logical.Node) (logical.Node, error) {
	n, err := u.apply(a)
	if err != nil {
		return nil, err
	}
	return over(n), nil
}

// liftScalar turns an aggregate without groups, whose correlation can be pulled
// out as equalities, into an outer join with a grouped one. What an empty group
// gives (count's 0) is put in place of the join's NULLs.
func (u *unnester) liftScalar(a *logical.Apply, r *logical.Aggregate, outer expr.ColumnSet) (logical.Node, error) {
	if !pullable(r.Exprs(), outer) {
		return nil, nil
	}
	in, preds, ok := u.pull(r.Input, outer)
	if !ok {
		return nil, nil
	}
	g := &logical.Aggregate{Input: in, Aggs: append([]logical.AggCall(nil), r.Aggs...)}
	keys, on, ok := u.groupKeys(preds, outer, nil)
	if !ok {
		return nil, nil
	}
	if len(keys) == 0 && anyFails(on) {
		return nil, nil // the aggregate has a row where the subquery's filter, which may fail, has none to look at
	}
	g.Groups = keys
	items := passItems(a.L.Schema())
	for i, c := range g.Aggs {
		if !countsRows(c) {
			c.Col.Field.Nullable = true
			items = append(items, logical.Item{Col: c.Col, Expr: c.Col.Ref()})
			continue
		}
		raw := u.ids.NewColumn(c.Col.Field.Name, c.Col.Field.Type, false)
		g.Aggs[i].Col = raw
		items = append(items, logical.Item{Col: c.Col, Expr: orZero(raw)})
	}
	n, err := u.node(g)
	if err != nil {
		return nil, err
	}
	j := &logical.Join{Kind: logical.Left, L: a.L, R: n, On: on}
	var out logical.Node = &logical.Project{Input: j, Items: items}
	if a.Kind == logical.Inner {
		out = filter(out, a.On)
	}
	return out, nil
}

// countsRows reports an aggregate whose result over no rows is 0 instead of NULL.
func countsRows(c logical.AggCall) bool {
	return c.Func.Name == "count" || c.Func.Name == "regr_count"
}

// orZero is coalesce(c, 0).
func orZero(c logical.Column) expr.Expr {
	zero := value.Value{Type: c.Field.Type}
	if c.Field.Type.Kind != types.Int8 {
		zero = value.Int8(0)
	}
	return &expr.Coalesce{Args: []expr.Expr{c.Ref(), &expr.Literal{Value: zero}}, Typ: c.Field.Type}
}

// liftFunction calls a table function directly for each row of L; nil where the
// join has a condition that only a join can apply.
func liftFunction(a *logical.Apply, r *logical.TableFunc) logical.Node {
	if a.Kind == logical.Single || a.Kind == logical.Left && len(a.On) > 0 {
		return nil
	}
	f := *r
	f.Input, f.Outer = a.L, r.Outer || a.Kind == logical.Left
	return filter(&f, a.On)
}
