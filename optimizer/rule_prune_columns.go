package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// pruneColumns drops columns that nothing above needs, down to the scans.
//
//	SELECT a FROM (SELECT a, b, sum(c) FROM t GROUP BY a, b) s
//	→ SELECT a FROM (SELECT a, b FROM t[a, b] GROUP BY a, b) s
type pruneColumns struct{}

func (pruneColumns) Name() string { return "prune_columns" }
func (pruneColumns) Order() Order { return WholeTree }

func (pruneColumns) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	all := logical.Columns(n)
	// Every reference to a shared subplan must be seen before it can be pruned.
	see := &pruner{needs: map[logical.Node]map[int]bool{}, collect: true}
	see.node(n, all)
	p := &pruner{needs: see.needs, done: map[logical.Node]logical.Node{}}
	out := p.node(n, all)
	out = withSchema(out, n.Schema())
	if !p.changed {
		return n, false, nil
	}
	return out, true, nil
}

// pruner prunes one plan. While collect is set it only gathers which columns of shared
// subplans are needed, by position.
type pruner struct {
	needs   map[logical.Node]map[int]bool
	done    map[logical.Node]logical.Node
	collect bool
	changed bool
}

// node returns n with at least the needed columns, in any order.
func (p *pruner) node(n logical.Node, need expr.ColumnSet) logical.Node {
	switch x := n.(type) {
	case *logical.Scan:
		return p.scan(x, need)
	case *logical.Values:
		return p.values(x, need)
	case *logical.Project:
		return p.project(x, need)
	case *logical.Aggregate:
		return p.aggregate(x, need)
	case *logical.Window:
		return p.window(x, need)
	case *logical.Join:
		return p.join(x, need)
	case *logical.Union:
		return p.union(x, need)
	case *logical.Reuse:
		return p.reuse(x, need)
	}
	kids := n.Children()
	fresh := make([]logical.Node, len(kids))
	same := true
	for i, k := range kids {
		inner := union(need, expr.Columns(n.Exprs()...))
		if a, ok := n.(*logical.Apply); ok {
			inner = union(inner, freeColumns(a.R))
		}
		fresh[i] = p.node(k, inner)
		same = same && fresh[i] == k
	}
	if same {
		return n
	}
	return n.WithChildren(fresh)
}

func (p *pruner) scan(x *logical.Scan, need expr.ColumnSet) logical.Node {
	need = union(need, expr.Columns(x.Filters...))
	y := *x
	y.Cols, y.Ordinals = nil, nil
	for i, c := range x.Cols {
		if need.Has(c.ID) {
			y.Cols = append(y.Cols, c)
			y.Ordinals = append(y.Ordinals, x.Ordinals[i])
		}
	}
	if len(y.Cols) == len(x.Cols) {
		return x
	}
	p.changed = true
	return &y
}

func (p *pruner) values(x *logical.Values, need expr.ColumnSet) logical.Node {
	y := &logical.Values{}
	var keep []int
	for i, c := range x.Cols {
		if need.Has(c.ID) {
			keep = append(keep, i)
			y.Cols = append(y.Cols, c)
		}
	}
	if len(keep) == len(x.Cols) {
		return x
	}
	p.changed = true
	for _, r := range x.Rows {
		row := make([]expr.Expr, len(keep))
		for j, i := range keep {
			row[j] = r[i]
		}
		y.Rows = append(y.Rows, row)
	}
	return y
}

func (p *pruner) project(x *logical.Project, need expr.ColumnSet) logical.Node {
	y := &logical.Project{}
	for _, it := range x.Items {
		if need.Has(it.Col.ID) {
			y.Items = append(y.Items, it)
		}
	}
	y.Input = p.node(x.Input, expr.Columns(y.Exprs()...))
	if len(y.Items) == len(x.Items) && y.Input == x.Input {
		return x
	}
	p.changed = p.changed || len(y.Items) != len(x.Items)
	if allPass(y.Items) && len(y.Items) == len(y.Input.Schema()) {
		return y.Input // whoever minds the order restores it
	}
	return y
}

func (p *pruner) aggregate(x *logical.Aggregate, need expr.ColumnSet) logical.Node {
	y := *x
	y.Aggs = nil
	for _, a := range x.Aggs {
		if need.Has(a.Col.ID) {
			y.Aggs = append(y.Aggs, a)
		}
	}
	if y.GroupingID.ID != 0 && !need.Has(y.GroupingID.ID) {
		y.GroupingID = logical.Column{}
		p.changed = true
	}
	if len(y.Aggs) == 0 && len(x.Aggs) > 0 && len(x.Groups) == 0 {
		y.Aggs = x.Aggs[:1] // the one row must stay, and no aggregates would mean DISTINCT
	}
	p.changed = p.changed || len(y.Aggs) != len(x.Aggs)
	y.Input = p.node(x.Input, expr.Columns(y.Exprs()...))
	if y.Input == x.Input && len(y.Aggs) == len(x.Aggs) && y.GroupingID.ID == x.GroupingID.ID {
		return x
	}
	return &y
}

func (p *pruner) window(x *logical.Window, need expr.ColumnSet) logical.Node {
	y := *x
	y.Calls = nil
	for _, c := range x.Calls {
		if need.Has(c.Col.ID) {
			y.Calls = append(y.Calls, c)
		}
	}
	if len(y.Calls) == 0 {
		p.changed = true
		return p.node(x.Input, need)
	}
	p.changed = p.changed || len(y.Calls) != len(x.Calls)
	y.Input = p.node(x.Input, union(need, expr.Columns(y.Exprs()...)))
	if y.Input == x.Input && len(y.Calls) == len(x.Calls) {
		return x
	}
	return &y
}

// join narrows its sides; a side that is a join itself gets a projection, so
// that columns only its condition needs do not travel on.
func (p *pruner) join(x *logical.Join, need expr.ColumnSet) logical.Node {
	if x.Kind == logical.Mark && !need.Has(x.MarkCol.ID) {
		p.changed = true
		return p.node(x.L, need)
	}
	inner := union(need, expr.Columns(x.On...))
	y := *x
	y.L, y.R = p.side(x.L, inner), p.side(x.R, inner)
	if y.L == x.L && y.R == x.R {
		return x
	}
	return &y
}

func (p *pruner) side(n logical.Node, need expr.ColumnSet) logical.Node {
	out := p.node(n, need)
	switch out.(type) {
	case *logical.Join, *logical.Filter, *logical.Window:
		var keep []logical.Column
		for _, c := range out.Schema() {
			if need.Has(c.ID) {
				keep = append(keep, c)
			}
		}
		if len(keep) < len(out.Schema()) {
			p.changed = true
			return withSchema(out, keep)
		}
	}
	return out
}

func (p *pruner) union(x *logical.Union, need expr.ColumnSet) logical.Node {
	var keep []int
	y := &logical.Union{}
	for i, c := range x.Cols {
		if need.Has(c.ID) {
			keep = append(keep, i)
			y.Cols = append(y.Cols, c)
		}
	}
	same := len(keep) == len(x.Cols)
	p.changed = p.changed || !same
	for _, in := range x.Inputs {
		var cols []logical.Column
		needed := expr.ColumnSet{}
		s := in.Schema()
		for _, i := range keep {
			cols = append(cols, s[i])
			needed.Add(s[i].ID)
		}
		out := withSchema(p.node(in, needed), cols)
		same = same && out == in
		y.Inputs = append(y.Inputs, out)
	}
	if same {
		return x
	}
	return y
}

func (p *pruner) reuse(x *logical.Reuse, need expr.ColumnSet) logical.Node {
	cols := x.Input.Schema()
	if p.collect {
		seen := p.needs[x.Input]
		if seen == nil {
			seen = map[int]bool{}
			p.needs[x.Input] = seen
		}
		inner := expr.ColumnSet{}
		for i, c := range x.Cols {
			if need.Has(c.ID) {
				seen[i] = true
				inner.Add(cols[i].ID)
			}
		}
		p.node(x.Input, inner)
		return x
	}
	var inCols, outCols []logical.Column
	inner := expr.ColumnSet{}
	for i, c := range x.Cols {
		if p.needs[x.Input][i] {
			inCols, outCols = append(inCols, cols[i]), append(outCols, c)
			inner.Add(cols[i].ID)
		}
	}
	in, ok := p.done[x.Input]
	if !ok {
		in = withSchema(p.node(x.Input, inner), inCols)
		p.done[x.Input] = in
	}
	if in == x.Input && len(outCols) == len(x.Cols) {
		return x
	}
	y := *x
	y.Input, y.Cols = in, outCols
	return &y
}
