package physical

import "github.com/flintsql/flint/sql/logical"

// empty reports that an operator gives no row from partition p of the stage's
// inputs, or, if p is negative, from any (Spark's propagation of empty relations). An
// aggregate without groups counts as empty with its input: the stage keeps one task, whose
// row says the same as the many.
func (r *replanner) empty(n Node, p int) bool {
	switch n := n.(type) {
	case *ExchangeSource:
		z := r.sizes[n.Edge]
		switch {
		case z == nil:
			return false
		case p < 0 || r.p.Edges[n.Edge].Partitioning.Kind != Hash:
			return z.total == 0
		}
		return z.part[p] == 0
	case *HashAggregate:
		return n.Sets == nil && r.empty(n.Input, p)
	case *Filter, *Project, *Sort, *TopN, *Limit, *Window, *TableFunc, *Fetch, *Union:
		for _, c := range n.Children() {
			if !r.empty(c, p) {
				return false
			}
		}
		return true
	case *HashJoin:
		return r.emptyJoin(n.Kind, n.L, n.R, p)
	case *NestedLoopJoin:
		return r.emptyJoin(n.Kind, n.L, n.R, p)
	}
	return false
}

// emptyJoin: which sides a join's rows come from, and which they must match.
func (r *replanner) emptyJoin(k JoinKind, left, right Node, p int) bool {
	switch k {
	case logical.Inner, logical.Semi, logical.RightSemi:
		return r.empty(left, p) || r.empty(right, p)
	case logical.Left, logical.Anti, logical.Mark, logical.Single:
		return r.empty(left, p)
	case logical.Right, logical.RightAnti:
		return r.empty(right, p)
	case logical.Full:
		return r.empty(left, p) && r.empty(right, p)
	}
	return false
}
