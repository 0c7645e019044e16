package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// aggregate takes lazy columns that the groups determine through a grouping: one locator of
// a group stands for all of them, since any row of the group has the same values.
func (l *lateSearch) aggregate(x *logical.Aggregate, lazy expr.ColumnSet) (logical.Node, error) {
	anyRow := l.env.funcs.Aggregate("any_value", types.Of(types.Int8))
	if x.Sets != nil || len(x.Groups) == 0 || anyRow == nil {
		return x, nil
	}
	deferred := l.determined(x, lazy)
	below, rest := expr.ColumnSet{}, *x
	rest.Aggs = nil
	for _, a := range x.Aggs {
		if c, ok := anyColumn(a); ok && deferred[c].ID == a.Col.ID {
			below.Add(c)
		} else {
			rest.Aggs = append(rest.Aggs, a)
		}
	}
	before := len(l.fetches)
	in, err := l.node(x.Input, minus(below, rest.Exprs()...))
	if err != nil || len(l.fetches) == before {
		return x, err
	}
	has := logical.Columns(in)
	y := *x
	y.Input, y.Aggs = in, nil
	for _, a := range x.Aggs {
		if c, ok := anyColumn(a); !ok || has.Has(c) {
			y.Aggs = append(y.Aggs, a)
		}
	}
	for _, f := range l.fetches[before:] {
		for i, c := range f.Cols {
			f.Cols[i] = deferred[c.ID]
		}
		row := l.env.ids.NewColumn("row", types.Of(types.Int8), true)
		y.Aggs = append(y.Aggs, logical.AggCall{Col: row, Func: anyRow, Args: []expr.Expr{f.Locator}})
		f.Locator = row.Ref()
	}
	return &y, nil
}

// determined maps the columns that calls of any_value pass on, and of which all rows of a group have the same value,
// to these calls' lazy results. A column that is passed on twice isn't among them.
func (l *lateSearch) determined(x *logical.Aggregate, lazy expr.ColumnSet) map[expr.ColumnID]logical.Column {
	d := dependencies{}
	d.gather(x.Input, l.model)
	groups := passedColumns(x.Groups)
	out := map[expr.ColumnID]logical.Column{}
	for _, a := range x.Aggs {
		c, ok := anyColumn(a)
		if !ok || !lazy.Has(a.Col.ID) || !d.determine(groups, c) {
			continue
		}
		if _, twice := out[c]; !twice {
			out[c] = a.Col
		}
	}
	return out
}

// anyColumn returns the column of which a call takes any value.
func anyColumn(a logical.AggCall) (expr.ColumnID, bool) {
	if a.Func.Name != "any_value" || len(a.Args) != 1 || a.Filter != nil || a.Distinct || len(a.OrderBy) > 0 {
		return 0, false
	}
	c, ok := a.Args[0].(*expr.Column)
	if !ok {
		return 0, false
	}
	return c.ID, true
}
