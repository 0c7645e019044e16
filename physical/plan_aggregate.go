package physical

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// partialReduction is the estimated groups per row above which a partial
// aggregation is not worth its work.
const partialReduction = 0.5

// aggregate plans grouping in one phase where the rows of a group already are
// in one task, else in two phases around an exchange.
func (p *planner) aggregate(n *logical.Aggregate, need expr.ColumnSet) (*fragment, error) {
	n = usedCalls(n, need)
	f, err := p.build(n.Input, expr.Columns(n.Exprs()...))
	if err != nil {
		return nil, err
	}
	rows := p.est.Rows(n)
	cols := n.Schema()
	groups, direct := groupColumns(n)
	switch {
	case f.single(), n.Sets == nil && direct && len(groups) > 0 && (f.partitionedBy(groups) || p.rangedBy(f, groups) || p.rangeBy(f, groups, rows)):
		return p.complete(n, f, cols, rows), nil
	case !decomposable(n):
		return p.aggregateWhole(n, f, cols, rows), nil
	case n.Sets == nil && direct && len(groups) > 0 && f.rows() > smallRows && rows > partialReduction*f.rows() && !severalTexts(n):
		return p.complete(n, p.partitionBy(f, groups), cols, rows), nil
	}
	return p.twoPhase(n, f, nil), nil
}

// severalTexts reports keys of two texts or more. How many groups these make together is hardly ever known, and their
// rows are dear to exchange: a partial aggregation finds out, and passes rows through where it reduces nothing.
func severalTexts(n *logical.Aggregate) bool {
	texts := 0
	for _, g := range n.Groups {
		if g.Expr.Type().Storage() == types.StoreBytes {
			texts++
		}
	}
	return texts > 1
}

// usedCalls drops aggregate calls that nobody needs.
func usedCalls(n *logical.Aggregate, need expr.ColumnSet) *logical.Aggregate {
	x := *n
	x.Aggs = nil
	for _, a := range n.Aggs {
		if need.Has(a.Col.ID) {
			x.Aggs = append(x.Aggs, a)
		}
	}
	return &x
}

// groupColumns returns the input columns grouped by, and whether all groups are
// plain columns.
func groupColumns(n *logical.Aggregate) ([]expr.ColumnID, bool) {
	var ids []expr.ColumnID
	for _, g := range n.Groups {
		c, ok := g.Expr.(*expr.Column)
		if !ok {
			return nil, false
		}
		ids = append(ids, c.ID)
	}
	return ids, true
}

// decomposable reports whether all calls can work in two phases.
func decomposable(n *logical.Aggregate) bool {
	for _, a := range n.Aggs {
		if a.Distinct && !a.Func.IgnoresDuplicates || len(a.OrderBy) > 0 {
			return false
		}
	}
	return true
}

func calls(n *logical.Aggregate, f *fragment) []AggCall {
	pos := f.positions()
	out := make([]AggCall, len(n.Aggs))
	for i, a := range n.Aggs {
		c := AggCall{Func: a.Func, Args: bindAll(a.Args, pos), Result: a.Col.Field.Type}
		c.Distinct = a.Distinct && !a.Func.IgnoresDuplicates
		for _, x := range a.Args {
			c.ArgTypes = append(c.ArgTypes, x.Type())
		}
		if a.Filter != nil {
			c.Filter = bind(a.Filter, pos)
		}
		for _, k := range a.OrderBy {
			c.OrderBy = append(c.OrderBy, OrderExpr{bind(k.Expr, pos), k.Desc, k.NullsFirst})
		}
		out[i] = c
	}
	return out
}

func groupExprs(n *logical.Aggregate) []expr.Expr {
	out := make([]expr.Expr, len(n.Groups))
	for i, g := range n.Groups {
		out[i] = g.Expr
	}
	return out
}

// complete aggregates in one phase in the fragment's stage.
func (p *planner) complete(n *logical.Aggregate, f *fragment, cols []logical.Column, rows float64) *fragment {
	want := cols
	if n.Sets != nil && n.GroupingID.ID == 0 {
		cols = append(cols[:len(cols):len(cols)], p.setNumber(n))
	}
	node := &HashAggregate{Base: p.base(cols, rows), Input: f.root, Phase: Complete,
		Groups: bindAll(groupExprs(n), f.positions()), Calls: calls(n, f), Sets: n.Sets}
	out := f.on(node, cols)
	out.bytes = p.est.Bytes(n)
	if n.Sets == nil {
		out.hash = renameHash(f.hash, groupRenames(n))
	}
	return p.arrange(out, want)
}

func groupRenames(n *logical.Aggregate) map[expr.ColumnID]expr.ColumnID {
	m := map[expr.ColumnID]expr.ColumnID{}
	for _, g := range n.Groups {
		if c, ok := g.Expr.(*expr.Column); ok {
			m[c.ID] = g.Col.ID
		}
	}
	return m
}

// aggregateWhole brings all rows of a group together before aggregating
// (DISTINCT, ordered aggregates).
func (p *planner) aggregateWhole(n *logical.Aggregate, f *fragment, cols []logical.Column, rows float64) *fragment {
	if out := p.aggregateDistinct(n, f); out != nil {
		return out
	}
	if n.Sets != nil || len(n.Groups) == 0 || anyVolatile(groupExprs(n)) {
		return p.complete(n, p.gatherUnordered(f), cols, rows)
	}
	x, keys := *n, groupExprs(n)
	f, groups := p.keyColumns(f, keys)
	x.Groups = slices.Clone(n.Groups)
	for i, k := range keys {
		x.Groups[i].Expr = k
	}
	return p.complete(&x, p.partitionBy(f, groups), cols, rows)
}

func (p *planner) gatherUnordered(f *fragment) *fragment {
	f.ordering = nil
	return p.gather(f)
}

// twoPhase aggregates within tasks, exchanges the states by group, and merges. The
// exchange is by those of the group columns that by lists, by all if it is nil.
func (p *planner) twoPhase(n *logical.Aggregate, f *fragment, by []expr.ColumnID) *fragment {
	rows, cols := p.est.Rows(n), n.Schema()
	cs := calls(n, f)
	part := p.partial(n, f, cs, min(f.rows(), rows*float64(f.st.tasks)))
	var keys []expr.ColumnID
	for _, g := range n.Groups {
		keys = append(keys, g.Col.ID)
	}
	if n.Sets != nil {
		part = p.setNumberAfterGroups(part, len(n.Groups))
		keys = append(keys, part.cols[len(n.Groups)].ID)
	}
	groups := len(keys)
	if by != nil {
		keys = by
	}
	in := p.partitionBy(part, keys)
	out := in.on(p.final(in, n, cs, groups, rows), finalColumns(n, in.cols[:groups]))
	out.hash, out.bytes = in.hash, p.est.Bytes(n)
	if n.Sets != nil {
		return p.arrange(out, cols)
	}
	return out
}

// final is the second phase over groups (and the set number) followed by states.
func (p *planner) final(in *fragment, n *logical.Aggregate, cs []AggCall, groups int, rows float64) *HashAggregate {
	cols := finalColumns(n, in.cols[:groups])
	node := &HashAggregate{Base: p.base(cols, rows), Input: in.root, Phase: Final}
	for i, c := range in.cols[:groups] {
		node.Groups = append(node.Groups, &expr.Input{Index: i, Name: c.Field.Name, Typ: c.Field.Type})
	}
	node.Calls = merged(cs)
	return node
}

func finalColumns(n *logical.Aggregate, groups []logical.Column) []logical.Column {
	cols := append([]logical.Column(nil), groups...)
	for _, a := range n.Aggs {
		cols = append(cols, a.Col)
	}
	return cols
}

// partialColumns are the columns of a partial aggregation: groups, states, and
// the set number of grouping sets.
func (p *planner) partialColumns(n *logical.Aggregate, cs []AggCall) []logical.Column {
	var cols []logical.Column
	for _, g := range n.Groups {
		c := g.Col
		c.Field.Nullable = c.Field.Nullable || n.Sets != nil
		cols = append(cols, c)
	}
	for i, c := range cs {
		for _, t := range c.Func.State(c.ArgTypes) {
			cols = append(cols, logical.Column{Field: types.Field{Name: n.Aggs[i].Col.Field.Name, Type: t, Nullable: true}})
		}
	}
	if n.Sets != nil {
		cols = append(cols, p.setNumber(n))
	}
	return cols
}

// setNumber is the last column of grouping sets: the number of a row's set.
func (p *planner) setNumber(n *logical.Aggregate) logical.Column {
	if n.GroupingID.ID != 0 {
		return n.GroupingID
	}
	c := p.computed("grouping set", types.Of(types.Int8))
	c.Field.Nullable = false
	return c
}

// setNumberAfterGroups moves the set number from the end to behind the groups.
func (p *planner) setNumberAfterGroups(f *fragment, groups int) *fragment {
	last := len(f.cols) - 1
	order := []int{}
	for i := range f.cols {
		if i == groups {
			order = append(order, last)
		}
		if i < last {
			order = append(order, i)
		}
	}
	if groups == last {
		return f
	}
	cols := make([]logical.Column, len(order))
	es := make([]expr.Expr, len(order))
	for i, o := range order {
		cols[i] = f.cols[o]
		es[i] = &expr.Input{Index: o, Name: cols[i].Field.Name, Typ: cols[i].Field.Type}
	}
	out := f.on(&Project{p.base(cols, f.rows()), f.root, es}, cols)
	return out
}
