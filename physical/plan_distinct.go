package physical

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// aggregateDistinct plans DISTINCT calls that all have the same arguments in
// parallel; nil where there are others, or where too few rows are duplicates for it to pay.
//
//	count(DISTINCT x) GROUP BY k → count(x) GROUP BY k over SELECT DISTINCT k, x
//
// Duplicates go within each task, then across tasks. Many groups are partitioned by k alone, so that
// their counting needs no further exchange.
func (p *planner) aggregateDistinct(n *logical.Aggregate, f *fragment) *fragment {
	if !sameDistinct(n) {
		return nil
	}
	pairs, outer := p.distinctThenPlain(n)
	groups := make([]expr.ColumnID, len(n.Groups))
	for i := range groups {
		groups[i] = pairs.Groups[i].Col.ID
	}
	rows := p.est.Rows(n)
	many := len(groups) > 0 && rows >= float64(4*p.o.Slots)
	if many && p.est.Rows(pairs) > partialReduction*f.rows() {
		return nil
	}
	var by []expr.ColumnID
	if many {
		by = groups
	}
	in := p.twoPhase(pairs, f, by)
	if in.single() || len(groups) > 0 && in.partitionedBy(groups) {
		return p.complete(outer, in, outer.Schema(), rows)
	}
	return p.twoPhase(outer, in, nil)
}

// sameDistinct reports whether all calls are DISTINCT, plain, and over the same arguments.
func sameDistinct(n *logical.Aggregate) bool {
	if n.Sets != nil {
		return false
	}
	for _, a := range n.Aggs {
		if !a.Distinct || a.Filter != nil || len(a.OrderBy) > 0 || len(a.Args) != len(n.Aggs[0].Args) {
			return false
		}
		for i, e := range a.Args {
			if expr.Volatile(e) || expr.Key(e) != expr.Key(n.Aggs[0].Args[i]) {
				return false
			}
		}
	}
	return len(n.Aggs) > 0
}

// distinctThenPlain splits an aggregation into the distinct groups and arguments, and
// the same calls, plain, over those.
func (p *planner) distinctThenPlain(n *logical.Aggregate) (pairs, outer *logical.Aggregate) {
	pairs, outer = &logical.Aggregate{Input: n.Input}, &logical.Aggregate{}
	for _, g := range n.Groups {
		c := p.computed(g.Col.Field.Name, g.Col.Field.Type)
		c.Field.Nullable = g.Col.Field.Nullable
		pairs.Groups = append(pairs.Groups, logical.Item{Col: c, Expr: g.Expr})
		outer.Groups = append(outer.Groups, logical.Item{Col: g.Col, Expr: c.Ref()})
	}
	var args []expr.Expr
	for _, e := range n.Aggs[0].Args {
		c := p.computed(e.String(), e.Type())
		pairs.Groups = append(pairs.Groups, logical.Item{Col: c, Expr: e})
		args = append(args, c.Ref())
	}
	for _, a := range n.Aggs {
		a.Distinct, a.Args = false, args
		outer.Aggs = append(outer.Aggs, a)
	}
	outer.Input = pairs
	return pairs, outer
}
