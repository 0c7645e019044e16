package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// singleToLeft drops the check for a second row where there cannot be one.
//
//	SELECT (SELECT max(b) FROM s) FROM t → SELECT m FROM t, (SELECT max(b) m FROM s) s
//
// A join with exactly one row and no condition is a cross join.
type singleToLeft struct{}

func (singleToLeft) Name() string { return "single_to_left" }
func (singleToLeft) Order() Order { return BottomUp }

func (singleToLeft) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	j, ok := n.(*logical.Join)
	if !ok || j.Kind != logical.Single && j.Kind != logical.Left {
		return n, false, nil
	}
	y := *j
	switch {
	case len(j.On) == 0 && oneRow(j.R):
		y.Kind = logical.Inner
	case j.Kind == logical.Single && (atMostOne(j.R) || uniqueBy(j.R, boundColumns(j), m)):
		y.Kind = logical.Left
	default:
		return n, false, nil
	}
	return &y, true, nil
}

// boundColumns returns the columns of a join's right side that the condition
// ties to one value per left row.
func boundColumns(j *logical.Join) expr.ColumnSet {
	l, r := logical.Columns(j.L), logical.Columns(j.R)
	out := expr.ColumnSet{}
	for _, p := range j.On {
		if _, b, ok := cost.Equality(p, l.Has, r.Has); ok {
			if c, ok := b.(*expr.Column); ok {
				out.Add(c.ID)
			}
		}
	}
	return out
}

// uniqueBy reports whether no two rows of n agree in all of cols.
func uniqueBy(n logical.Node, cols expr.ColumnSet, m *cost.Model) bool {
	switch x := n.(type) {
	case *logical.Filter:
		if w, ok := x.Input.(*logical.Window); ok && firstOnly(w, x.Preds) && columnsWithin(w.PartitionBy, cols) {
			return true
		}
		return uniqueBy(x.Input, union(cols, constants(x.Preds)), m)
	case *logical.Sort, *logical.Limit, *logical.TopN, *logical.Window:
		return uniqueBy(x.Children()[0], cols, m)
	case *logical.Project:
		in := expr.ColumnSet{}
		for _, it := range x.Items {
			if c, ok := it.Expr.(*expr.Column); ok && cols.Has(it.Col.ID) {
				in.Add(c.ID)
			}
		}
		return uniqueBy(x.Input, in, m)
	case *logical.Aggregate:
		if x.Sets != nil {
			return false
		}
		for _, g := range x.Groups {
			if !cols.Has(g.Col.ID) {
				return false
			}
		}
		return true
	case *logical.Scan:
		p, bound := m.Props(x), constants(x.Filters)
		for _, c := range x.Cols {
			key := p.Cols[c.ID].Unique
			if key && (bound.Has(c.ID) || cols.Has(c.ID) && !c.Field.Nullable) { // a key may be NULL in many rows
				return true
			}
		}
	case *logical.Reuse:
		in := expr.ColumnSet{}
		s := x.Input.Schema()
		for i, c := range x.Cols {
			if cols.Has(c.ID) {
				in.Add(s[i].ID)
			}
		}
		return uniqueBy(x.Input, in, m)
	case *logical.Join:
		return uniqueJoin(x, cols, m)
	}
	return atMostOne(n)
}

// uniqueJoin is uniqueBy for joins.
func uniqueJoin(x *logical.Join, cols expr.ColumnSet, m *cost.Model) bool {
	switch x.Kind {
	case logical.Semi, logical.Anti, logical.Mark, logical.Single:
		return uniqueBy(x.L, cols, m)
	case logical.Left, logical.Inner:
		// Each left row meets one right row at most.
		if uniqueBy(x.R, union(boundColumns(x), cols), m) && uniqueBy(x.L, cols, m) {
			return true
		}
		if x.Kind == logical.Inner {
			y := *x
			y.L, y.R = x.R, x.L
			return uniqueBy(x.L, union(boundColumns(&y), cols), m) && uniqueBy(x.R, cols, m)
		}
	}
	return atMostOne(x)
}

// firstOnly reports whether conjuncts keep only row 1 of each partition.
func firstOnly(w *logical.Window, preds []expr.Expr) bool {
	for _, p := range preds {
		c, ok := p.(*expr.Call)
		if !ok || len(c.Args) != 2 || c.Func.Name != "<=" && c.Func.Name != "=" {
			continue
		}
		col, ok1 := c.Args[0].(*expr.Column)
		l, ok2 := c.Args[1].(*expr.Literal)
		if !ok1 || !ok2 || l.Value.Null || l.Value.I != 1 || l.Value.Type.Kind != types.Int8 {
			continue
		}
		for _, call := range w.Calls {
			if call.Col.ID == col.ID && call.Func != nil && call.Func.Name == "row_number" {
				return true
			}
		}
	}
	return false
}

// columnsWithin reports whether all expressions are columns of a set.
func columnsWithin(es []expr.Expr, cols expr.ColumnSet) bool {
	for _, e := range es {
		if c, ok := e.(*expr.Column); !ok || !cols.Has(c.ID) {
			return false
		}
	}
	return true
}

// constants returns the columns that conjuncts bind to one value.
func constants(preds []expr.Expr) expr.ColumnSet {
	out := expr.ColumnSet{}
	for _, p := range preds {
		c, ok := p.(*expr.Call)
		if !ok || c.Func.Name != "=" || len(c.Args) != 2 {
			continue
		}
		if col, ok := c.Args[0].(*expr.Column); ok && len(expr.Columns(c.Args[1])) == 0 && !expr.Volatile(c.Args[1]) {
			out.Add(col.ID)
		}
	}
	return out
}
