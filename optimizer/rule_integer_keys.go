package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// integerKeys groups by bigints where a field of a date, a numeric, is grouped by; the
// numerics are made of the groups.
//
//	SELECT extract(year FROM d) y, count(*) FROM t GROUP BY 1
//	→ SELECT extracted(k) y, c FROM (SELECT extract(year FROM d) k, count(*) c FROM t GROUP BY 1) q
type integerKeys struct{ *env }

func (integerKeys) Name() string { return "integer_keys" }
func (integerKeys) Order() Order { return BottomUp }

func (r integerKeys) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Aggregate)
	if !ok {
		return n, false, nil
	}
	y := *x
	y.Groups = append([]logical.Item(nil), x.Groups...)
	items := passItems(x.Schema())
	in, _ := x.Input.(*logical.Project)
	var more []logical.Item // of the projection below
	changed := false
	for i, g := range x.Groups {
		e, below := g.Expr, false
		if c, ok := e.(*expr.Column); ok && in != nil {
			if e = itemMap(in.Items)[c.ID]; e == nil {
				continue
			}
			below = true
		}
		whole, numeric := wholeField(e)
		if whole == nil {
			continue
		}
		key := r.ids.NewColumn(g.Col.Field.Name, types.Of(types.Int8), g.Col.Field.Nullable)
		y.Groups[i] = logical.Item{Col: key, Expr: whole}
		if below {
			bottom := r.ids.NewColumn(g.Col.Field.Name, types.Of(types.Int8), g.Col.Field.Nullable)
			more = append(more, logical.Item{Col: bottom, Expr: whole})
			y.Groups[i].Expr = bottom.Ref()
		}
		items[i].Expr = &expr.Call{Func: numeric, Args: []expr.Expr{key.Ref()}, Typ: numeric.Result}
		changed = true
	}
	if !changed {
		return n, false, nil
	}
	if more != nil {
		y.Input = &logical.Project{Input: in.Input, Items: concat(in.Items, more)}
	}
	return &logical.Project{Input: &y, Items: items}, true, nil
}

// wholeField returns e, a field of a date or timestamp, as a bigint, and what makes e of that; nil
// for any other expression.
func wholeField(e expr.Expr) (whole expr.Expr, numeric *function.Func) {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "extract" || len(c.Args) != 2 || c.Typ.Kind != types.Numeric || expr.Volatile(c) {
		return nil, nil
	}
	field, ok := c.Args[0].(*expr.Literal)
	if !ok || field.Value.Null {
		return nil, nil
	}
	f, numeric := function.WholeExtract(field.Value.S, c.Args[1].Type())
	if f == nil {
		return nil, nil
	}
	return &expr.Call{Func: f, Args: c.Args, Typ: f.Result}, numeric
}
