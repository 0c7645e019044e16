package optimizer

import (
	"context"
	"slices"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
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

// dependents returns those of cols that the rest of them determine in n: a table's
// key determines its columns, and a column those that n's joins make equal to it.
func dependents(n logical.Node, cols expr.ColumnSet, m *cost.Model) expr.ColumnSet {
	d := dependencies{}
	d.gather(n, m)
	typ := map[expr.ColumnID]types.Type{}
	for _, c := range n.Schema() {
		typ[c.ID] = c.Field.Type
	}
	ids := make([]expr.ColumnID, 0, len(cols))
	for id := range cols {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	// Keys go last, so that one of them is what stays, and rather a number than a text.
	slices.SortStableFunc(ids, func(a, b expr.ColumnID) int {
		if x, y := typ[a].IsInteger(), typ[b].IsInteger(); x != y {
			return map[bool]int{true: 1, false: -1}[x]
		}
		return len(d[a]) - len(d[b])
	})
	kept, out := expr.ColumnSet{}, expr.ColumnSet{}
	for _, id := range ids {
		kept.Add(id)
	}
	for _, id := range ids {
		delete(kept, id)
		if d.determine(kept, id) {
			out.Add(id)
		} else {
			kept.Add(id)
		}
	}
	return out
}

// dependencies lists for a column those that it determines.
type dependencies map[expr.ColumnID][]expr.ColumnID

// gather adds the keys of the tables whose rows n passes on or joins, as they are,
// and the equalities that hold for all of them.
func (d dependencies) gather(n logical.Node, m *cost.Model) {
	switch x := n.(type) {
	case *logical.Filter:
		d.equalities(x.Preds)
		d.gather(x.Input, m)
	case *logical.Sort, *logical.Limit, *logical.TopN:
		d.gather(n.Children()[0], m)
	case *logical.Project:
		if allPass(x.Items) {
			d.gather(x.Input, m)
		}
	case *logical.Join:
		switch x.Kind {
		case logical.Inner:
			d.equalities(x.On)
			d.gather(x.L, m)
			d.gather(x.R, m)
		case logical.Left, logical.Semi, logical.Anti, logical.Mark, logical.Single:
			d.gather(x.L, m)
		}
	case *logical.Scan:
		d.equalities(x.Filters)
		p := m.Props(x)
		for _, key := range x.Cols {
			if !p.Cols[key.ID].Unique || key.Field.Nullable {
				continue
			}
			for _, c := range x.Cols {
				if c.ID != key.ID {
					d[key.ID] = append(d[key.ID], c.ID)
				}
			}
		}
	}
}

// equalities adds the columns that hold equal values where all conjuncts are true.
func (d dependencies) equalities(preds []expr.Expr) {
	for _, f := range preds {
		c, ok := f.(*expr.Call)
		if !ok || c.Func.Name != "=" || len(c.Args) != 2 {
			continue
		}
		a, ok1 := c.Args[0].(*expr.Column)
		b, ok2 := c.Args[1].(*expr.Column)
		if ok1 && ok2 && a.Typ == b.Typ && a.Typ.IsInteger() && a.ID != b.ID {
			d[a.ID] = append(d[a.ID], b.ID)
			d[b.ID] = append(d[b.ID], a.ID)
		}
	}
}

// determine reports whether columns from determine to.
func (d dependencies) determine(from expr.ColumnSet, to expr.ColumnID) bool {
	seen := expr.ColumnSet{}
	var todo []expr.ColumnID
	for id := range from {
		seen.Add(id)
		todo = append(todo, id)
	}
	for len(todo) > 0 && !seen.Has(to) {
		id := todo[0]
		todo = todo[1:]
		for _, x := range d[id] {
			if !seen.Has(x) {
				seen.Add(x)
				todo = append(todo, x)
			}
		}
	}
	return seen.Has(to)
}
