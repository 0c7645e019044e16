package optimizer

import (
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// Watch has the orders of joins that the optimizer chooses shown to see.
func (o *Options) Watch(see func(*JoinOrder)) {
	o.orders = func(s *search, j *joined) {
		see(&JoinOrder{s: s, chosen: j, ids: o.IDs, counts: map[joinState]float64{}})
	}
}

// JoinOrder is an order that was chosen, to be weighed against all others by
// the rows that the joins of each truly yield.
type JoinOrder struct {
	s      *search
	chosen *joined
	ids    *logical.IDs
	// Count runs a plan of one number.
	Count  func(logical.Node) float64
	counts map[joinState]float64
	most   float64 // rows beyond which a set is of no cheaper order; 0 = not known yet
}

// joinState is what was joined, and which operators were applied to it: that decides its rows.
type joinState struct {
	rels relSet
	ops  uint64
}

// Weight is what an order costs.
type Weight struct {
	Out  float64 // C_out (Cluet and Moerkotte, ICDT 1995): the rows of all joins together
	Cost float64 // by the optimizer's own weights
	tree string  // the order of the least Out
}

func (w Weight) plus(x Weight) Weight { return Weight{w.Out + x.Out, w.Cost + x.Cost, w.tree} }

// least takes the least of two weights each for itself.
func (w Weight) least(x Weight) Weight {
	if x.Out < w.Out {
		w.Out, w.tree = x.Out, x.tree
	}
	w.Cost = min(w.Cost, x.Cost)
	return w
}

// String is the order that yields the fewest rows.
func (w Weight) String() string { return w.tree }

// Relations is how many relations are joined, and Operators how many semi, anti, mark and left joins go with them.
func (r *JoinOrder) Relations() int { return len(r.s.rels) }
func (r *JoinOrder) Operators() int { return len(r.s.ops) }

// Sets is how many sets of relations were counted.
func (r *JoinOrder) Sets() int { return len(r.counts) }

// Chosen weighs the chosen order; Best comes after it.
func (r *JoinOrder) Chosen() Weight {
	w := r.tree(r.chosen).plus(r.last(r.s.late))
	r.most = w.Cost
	return w
}

// Best returns the least weights that any order without needless cross products has, each
// for itself, over all bushy trees and all places of the operators.
func (r *JoinOrder) Best() Weight {
	best := Weight{math.Inf(1), math.Inf(1), ""}
	var free []int
	full := relSet(1)<<len(r.s.rels) - 1
	for i, op := range r.s.ops {
		if !op.needed && op.rels != full {
			free = append(free, i)
		}
	}
	saved := r.s.late
	for m := range 1 << len(free) {
		late := make([]bool, len(r.s.ops))
		for k, i := range free {
			late[i] = m>>k&1 == 1
		}
		r.s.late = late
		w := r.trees(full).plus(r.last(late))
		best = best.least(w)
	}
	r.s.late = saved
	return best
}

// trees is the least weight of all trees over all relations.
func (r *JoinOrder) trees(full relSet) Weight {
	memo := map[relSet]Weight{}
	for i := range r.s.rels {
		w := r.leaf(1 << i)
		w.tree = r.name(i)
		memo[1<<i] = w
	}
	for set := relSet(3); set <= full; set++ {
		low := set & -set
		for l := (set - 1) & set; l > 0; l = (l - 1) & set {
			a, okA := memo[l]
			b, okB := memo[set&^l]
			if !l.has(low) || !okA || !okB || !r.s.connected(l, set&^l) {
				continue
			}
			w := a.plus(b).plus(r.join(l, set&^l))
			w.tree = "(" + a.tree + " " + b.tree + ")"
			if old, ok := memo[set]; ok {
				w = old.least(w)
			}
			memo[set] = w
		}
	}
	return memo[full]
}

func (r *JoinOrder) tree(j *joined) Weight {
	if j.l == nil {
		return r.leaf(j.rels)
	}
	return r.tree(j.l).plus(r.tree(j.r)).plus(r.join(j.l.rels, j.r.rels))
}

// done are the operators that were applied when all of rels is joined.
func (r *JoinOrder) done(rels relSet) (ops uint64) {
	for i, op := range r.s.ops {
		if !r.s.late[i] && rels.has(op.rels) {
			ops |= 1 << i
		}
	}
	return ops
}

func (r *JoinOrder) leaf(rel relSet) Weight { return r.apply(joinState{rels: rel}, r.done(rel)) }

func (r *JoinOrder) join(a, b relSet) Weight {
	l, x := r.rows(joinState{a, r.done(a)}), r.rows(joinState{b, r.done(b)})
	in := joinState{a | b, r.done(a) | r.done(b)}
	n := r.rows(in)
	w := Weight{n, outWeight*n + buildWeight*min(l, x) + probeWeight*max(l, x), ""}
	return w.plus(r.apply(in, r.done(a|b)))
}

func (r *JoinOrder) last(late []bool) Weight {
	full := relSet(1)<<len(r.s.rels) - 1
	var ops uint64
	for i := range late {
		if late[i] {
			ops |= 1 << i
		}
	}
	return r.apply(joinState{full, r.done(full)}, r.done(full)|ops)
}

// apply weighs the operators of ops that were not applied yet, one after another.
func (r *JoinOrder) apply(at joinState, ops uint64) (w Weight) {
	for i, op := range r.s.ops {
		if ops>>i&1 == 0 || at.ops>>i&1 == 1 {
			continue
		}
		in := r.rows(at)
		at.ops |= 1 << i
		out := r.rows(at)
		w = w.plus(Weight{out, probeWeight*in + buildWeight*r.right(i, op) + outWeight*out, ""})
	}
	return w
}

func (r *JoinOrder) right(i int, op operator) float64 {
	at := joinState{ops: 1 << i} // no relations: the operator's own side
	if n, ok := r.counts[at]; ok {
		return n
	}
	r.counts[at] = r.Count(r.counted(op.right))
	return r.counts[at]
}

// rows counts the rows of a set of relations after some operators, up to what
// the chosen order costs as a whole.
func (r *JoinOrder) rows(at joinState) float64 {
	n, ok := r.counts[at]
	if !ok {
		plan := r.plan(at)
		if r.most > 0 {
			plan = &logical.Limit{Input: plan, Count: int64(r.most) + 1}
		}
		n = r.Count(r.counted(plan))
		r.counts[at] = n
	}
	return n
}

func (r *JoinOrder) counted(n logical.Node) logical.Node {
	f, _, err := function.ResolveAggregate("count", nil)
	if err != nil {
		panic(err)
	}
	col := r.ids.NewColumn("count", types.Of(types.Int8), false)
	return &logical.Aggregate{Input: n, Aggs: []logical.AggCall{{Col: col, Func: f}}}
}

// plan joins a set by cross products and one filter: how it is run is for the optimizer to find.
func (r *JoinOrder) plan(at joinState) logical.Node {
	var n logical.Node
	for i, x := range r.s.rels {
		switch {
		case !at.rels.has(1 << i):
		case n == nil:
			n = x
		default:
			n = &logical.Join{Kind: logical.Inner, L: n, R: x}
		}
	}
	var before, after []expr.Expr
	for _, k := range r.s.classes {
		var first *expr.Column
		for _, col := range k.cols {
			switch {
			case !at.rels.has(r.s.owner[col.ID]):
			case first == nil:
				first = col
			default:
				before = append(before, &expr.Call{Func: k.eq.Func, Args: []expr.Expr{first, col}, Typ: k.eq.Typ})
			}
		}
	}
	for _, p := range r.s.preds {
		ready := at.rels.has(p.rels)
		for _, i := range p.ops {
			ready = ready && at.ops>>i&1 == 1
		}
		switch {
		case ready && len(p.ops) > 0:
			after = append(after, p.e)
		case ready:
			before = append(before, p.e)
		}
	}
	n = filter(n, before)
	for i, op := range r.s.ops {
		if at.ops>>i&1 == 1 {
			n = op.over(n)
		}
	}
	return filter(n, after)
}

// String is the chosen tree, by the relations' tables.
func (r *JoinOrder) String() string {
	out := r.format(r.chosen)
	for i, op := range r.s.ops {
		when := "early"
		if r.s.late[i] {
			when = "late"
		}
		out += fmt.Sprintf(", %v %v", when, op.kind)
	}
	return out
}

func (r *JoinOrder) format(j *joined) string {
	if j.l != nil {
		return "(" + r.format(j.l) + " " + r.format(j.r) + ")"
	}
	return r.name(bits.TrailingZeros64(uint64(j.rels)))
}

// name is the tables of a relation.
func (r *JoinOrder) name(i int) string {
	var names []string
	logical.Walk(r.s.rels[i], func(n logical.Node) bool {
		if s, ok := n.(*logical.Scan); ok {
			names = append(names, s.Alias)
		}
		return true
	})
	return strings.Join(names, "+")
}
