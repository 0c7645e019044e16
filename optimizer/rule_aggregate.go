package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// reduceGroups simplifies grouping.
//
//	SELECT DISTINCT a FROM (SELECT a, sum(b) FROM t GROUP BY a) s → SELECT a FROM (…) s
//	SELECT k, name, sum(x) … GROUP BY k, name   (k a key of the table of name)
//	→ SELECT k, any_value(name), sum(x) … GROUP BY k
//	min(DISTINCT a) → min(a)
type reduceGroups struct{ *env }

func (reduceGroups) Name() string { return "reduce_groups" }
func (reduceGroups) Order() Order { return BottomUp }

func (r reduceGroups) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Aggregate)
	if !ok || x.Sets != nil {
		return n, false, nil
	}
	if len(x.Aggs) == 0 && len(x.Groups) > 0 && uniqueBy(x.Input, passedColumns(x.Groups), m) {
		return &logical.Project{Input: x.Input, Items: x.Groups}, true, nil
	}
	if y := plainDistinct(x); y != nil {
		return y, true, nil
	}
	if y := r.byKey(x, m); y != nil {
		return y, true, nil
	}
	return n, false, nil
}

// passedColumns returns the input columns that items pass on.
func passedColumns(items []logical.Item) expr.ColumnSet {
	out := expr.ColumnSet{}
	for _, it := range items {
		if c, ok := it.Expr.(*expr.Column); ok {
			out.Add(c.ID)
		}
	}
	return out
}

// plainDistinct drops DISTINCT from aggregates that ignore duplicates.
func plainDistinct(x *logical.Aggregate) logical.Node {
	y := *x
	y.Aggs = append([]logical.AggCall(nil), x.Aggs...)
	changed := false
	for i, a := range y.Aggs {
		if a.Distinct && a.Func.IgnoresDuplicates {
			y.Aggs[i].Distinct = false
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return &y
}

// byKey groups by columns that determine the other group columns, which any
// row of the group then gives.
func (r reduceGroups) byKey(x *logical.Aggregate, m *cost.Model) logical.Node {
	if len(x.Groups) < 2 {
		return nil
	}
	cols := passedColumns(x.Groups)
	determined := dependents(x.Input, cols, m)
	y := *x
	y.Groups, y.Aggs = nil, nil
	var extra []logical.AggCall
	for _, g := range x.Groups {
		c, ok := g.Expr.(*expr.Column)
		if !ok || !determined.Has(c.ID) {
			y.Groups = append(y.Groups, g)
			continue
		}
		f := r.funcs.Aggregate("any_value", c.Typ)
		if f == nil {
			y.Groups = append(y.Groups, g)
			continue
		}
		col := g.Col
		if col.ID == c.ID { // an aggregate makes a column of its own
			col.ID = r.ids.Next()
		}
		extra = append(extra, logical.AggCall{Col: col, Func: f, Args: []expr.Expr{c}})
	}
	if len(extra) == 0 || len(y.Groups) == 0 {
		return nil
	}
	y.Aggs = concat(x.Aggs, extra)
	items := passItems(x.Schema())
	k := 0
	for i, g := range x.Groups {
		if k < len(extra) && expr.Equal(extra[k].Args[0], g.Expr) {
			items[i].Expr = extra[k].Col.Ref()
			k++
		}
	}
	return &logical.Project{Input: &y, Items: items}
}

// dependents returns those of cols that others of cols determine in n: the
// columns of a table whose key is among them, and what equals them.
func dependents(n logical.Node, cols expr.ColumnSet, m *cost.Model) expr.ColumnSet {
	out := expr.ColumnSet{}
	var walk func(logical.Node)
	walk = func(n logical.Node) {
		switch x := n.(type) {
		case *logical.Filter, *logical.Sort, *logical.Limit, *logical.TopN:
			walk(n.Children()[0])
		case *logical.Project:
			if allPass(x.Items) {
				walk(x.Input)
			}
		case *logical.Join:
			switch x.Kind {
			case logical.Inner:
				walk(x.L)
				walk(x.R)
			case logical.Left, logical.Semi, logical.Anti, logical.Mark, logical.Single:
				walk(x.L)
			}
		case *logical.Scan:
			p := m.Props(x)
			var key *logical.Column
			for i, c := range x.Cols {
				if cols.Has(c.ID) && p.Cols[c.ID].Unique && !c.Field.Nullable {
					key = &x.Cols[i]
					break
				}
			}
			if key == nil {
				return
			}
			for _, c := range x.Cols {
				if cols.Has(c.ID) && c.ID != key.ID {
					out.Add(c.ID)
				}
			}
		}
	}
	walk(n)
	dropEqual(n, cols, out)
	return out
}

// dropEqual adds columns that a join makes equal to another key among cols: of
// such keys one is enough.
func dropEqual(n logical.Node, cols, out expr.ColumnSet) {
	for _, f := range facts(n) {
		c, ok := f.(*expr.Call)
		if !ok || c.Func.Name != "=" || len(c.Args) != 2 {
			continue
		}
		a, ok1 := c.Args[0].(*expr.Column)
		b, ok2 := c.Args[1].(*expr.Column)
		if ok1 && ok2 && a.Typ == b.Typ && a.Typ.IsInteger() && a.ID != b.ID &&
			cols.Has(a.ID) && cols.Has(b.ID) && !out.Has(a.ID) && !out.Has(b.ID) {
			out.Add(b.ID)
		}
	}
}
