package physical

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// rollupReduction is the estimated share of groups by all keys among the rows up
// to which grouping sets are computed from those groups.
const rollupReduction = 0.5

// partial plans the first phase of an aggregation within the tasks of f. Grouping
// sets count each row once per set, so where few groups by all keys come of many
// rows these groups are made first, and the sets from their states (Gray et al.,
// "Data Cube", ICDE 1996: distributive and algebraic functions roll up).
func (p *planner) partial(n *logical.Aggregate, f *fragment, cs []AggCall, rows float64) *fragment {
	cols := p.partialColumns(n, cs)
	node := &HashAggregate{Base: p.base(cols, rows), Input: f.root, Phase: Partial,
		Groups: bindAll(groupExprs(n), f.positions()), Calls: cs, Sets: n.Sets}
	if fine := p.finest(n, f); fine > 0 {
		whole := *n
		whole.Sets, whole.GroupingID = nil, logical.Column{}
		under := *node
		under.Base, under.Sets = p.base(p.partialColumns(&whole, cs), fine), nil
		node = &HashAggregate{Base: node.Base, Input: &under, Phase: Merge, Sets: n.Sets, Calls: merged(cs)}
		for i, g := range under.Groups {
			node.Groups = append(node.Groups, &expr.Input{Index: i, Name: under.Out[i].Name, Typ: g.Type()})
		}
	}
	out := f.on(node, cols)
	out.bytes = rows * float64(16*len(cols))
	return out
}

// finest returns the estimated groups of the tasks of f by all keys of n's grouping
// sets, 0 where the sets are better made of the rows.
func (p *planner) finest(n *logical.Aggregate, f *fragment) float64 {
	if len(n.Sets) < 2 || len(n.Groups) == 0 {
		return 0
	}
	whole := *n
	whole.Sets, whole.GroupingID = nil, logical.Column{}
	groups := p.est.Rows(&whole) * float64(f.st.tasks)
	if groups > rollupReduction*f.rows() {
		return 0
	}
	return max(groups, 1)
}

// merged are the calls of a phase that reads states.
func merged(cs []AggCall) []AggCall {
	out := make([]AggCall, len(cs))
	for i, c := range cs {
		out[i] = AggCall{Func: c.Func, ArgTypes: c.ArgTypes, Result: c.Result}
	}
	return out
}
