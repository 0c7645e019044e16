package optimizer

import (
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// measured gives a set of relations, joined by all conditions among them, the rows
// that a query measured of it.
func (s *search) measured(p *cost.Props, set relSet) (*cost.Props, bool) {
	q, ok := s.learnt[set]
	if !ok {
		if q, ok = s.lookUp(p, set); !ok {
			q = nil
		}
		s.learnt[set] = q
	}
	if q == nil {
		return p, false
	}
	return q, true
}

func (s *search) lookUp(p *cost.Props, set relSet) (*cost.Props, bool) {
	var rels []logical.Node
	for i, r := range s.rels {
		if set.has(1 << i) {
			rels = append(rels, r)
		}
	}
	var on []expr.Expr
	for _, k := range s.classes {
		var first *expr.Column
		for _, col := range k.cols {
			switch {
			case !set.has(s.owner[col.ID]):
			case first == nil:
				first = col
			default:
				on = append(on, &expr.Call{Func: k.eq.Func, Args: []expr.Expr{first, col}, Typ: k.eq.Typ})
			}
		}
	}
	for _, x := range s.preds {
		if set.has(x.rels) {
			on = append(on, x.e)
		}
	}
	var ops []cost.Operator
	for i, o := range s.ops {
		if !s.late[i] && set.has(o.rels) {
			ops = append(ops, cost.Operator{Kind: o.kind, Right: o.right, On: o.on, NullAware: o.nullAware, Mark: o.mark})
		}
	}
	return s.model.CorrectJoined(p, rels, on, ops)
}

// estimateByEvidence estimates a set's rows from the two parts of it that were
// measured the most: a part that was measured wrong before is known better than parts that were not
// looked at, which would otherwise win for being underestimated still.
func (s *search) estimateByEvidence(set relSet) {
	var l, r *joined
	best := 0
	for x := (set - 1) & set; x > 0; x = (x - 1) & set {
		a, b := s.memo[x], s.memo[set&^x]
		if x < set&^x || a == nil || b == nil || a.known+b.known <= best || !s.connected(a.rels, b.rels) {
			continue
		}
		l, r, best = a, b, a.known+b.known
	}
	if l != nil {
		s.join(l, r)
	}
}
