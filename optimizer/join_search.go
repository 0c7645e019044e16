package optimizer

import (
	"math"
	"math/bits"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Weights of a row in a hash join: entering the table, looking it up, coming out.
const (
	buildWeight = 2.0
	probeWeight = 1.0
	outWeight   = 1.0
	// exhaustive is the number of relations up to which every order is tried.
	exhaustive = 10
	// triedOps is the number of movable operators of which every placement is tried.
	triedOps = 3
)

func size(s relSet) int { return bits.OnesCount64(uint64(s)) }

// joined is a way to join a set of relations.
type joined struct {
	rels  relSet
	props *cost.Props
	cost  float64
	l, r  *joined // nil for one relation
	known int     // relations whose join was measured: how much of the estimate is evidence
}

// search looks for the cheapest order with a given placement of operators.
type search struct {
	*cluster
	late  []bool // operators applied last instead of as soon as possible
	memo  map[relSet]*joined
	props map[relSet]*cost.Props
	// learns says that some sets may have been measured.
	learns bool
	learnt map[relSet]*cost.Props
}

// best returns the cheapest plan of the cluster.
func (c *cluster) best() logical.Node {
	c.prepare()
	var free []int // operators whose place is a choice
	full := relSet(1)<<len(c.rels) - 1
	for i, op := range c.ops {
		if !op.needed && op.rels != full {
			free = append(free, i)
		}
	}
	var win *search
	var plan *joined
	total := math.Inf(1)
	learns := c.model.Covers(c.rels)
	try := func(late []bool) bool {
		s := &search{cluster: c, late: late, memo: map[relSet]*joined{}, props: map[relSet]*cost.Props{}, learns: learns, learnt: map[relSet]*cost.Props{}}
		j := s.order(full)
		if t := s.finish(j); plan == nil || t < total*0.999 {
			win, plan, total = s, j, t
			return true
		}
		return false
	}
	if len(free) <= triedOps && (len(free) < 2 || len(c.rels) <= 8) {
		for m := range 1 << len(free) {
			late := make([]bool, len(c.ops))
			for k, i := range free {
				late[i] = m>>k&1 == 1
			}
			try(late)
		}
	} else {
		late := make([]bool, len(c.ops))
		try(late)
		for _, i := range free {
			next := append([]bool(nil), late...)
			next[i] = true
			if try(next) {
				late = next
			}
		}
	}
	if c.o.chosen != nil {
		c.o.chosen(win, plan)
	}
	return win.build(plan, true)
}

// finish is the cost of the plan with the operators that come last.
func (s *search) finish(j *joined) float64 {
	p, total := j.props, j.cost
	for i, op := range s.ops {
		if s.late[i] {
			next := s.applyOp(p, op)
			total += s.opCost(p, next, op)
			p = next
		}
	}
	return total
}

func (s *search) applyOp(p *cost.Props, op operator) *cost.Props {
	return cost.Joined(op.kind, p, s.model.Props(op.right), op.on, op.mark)
}

func (s *search) opCost(in, out *cost.Props, op operator) float64 {
	return probeWeight*in.Rows + buildWeight*s.model.Rows(op.right) + outWeight*out.Rows
}

// withOps applies the operators that become possible with rels, but were not with l or r.
func (s *search) withOps(p *cost.Props, rels, l, r relSet) (*cost.Props, float64) {
	total := 0.0
	for i, op := range s.ops {
		if s.late[i] || !rels.has(op.rels) || l.has(op.rels) || r.has(op.rels) {
			continue
		}
		next := s.applyOp(p, op)
		total += s.opCost(p, next, op)
		p = next
	}
	return p, total
}

func (s *search) leaf(i int) *joined {
	p, extra := s.withOps(s.cluster.props[i], 1<<i, 0, 0)
	known := 0
	if s.learns && extra > 0 {
		if q, ok := s.measured(p, 1<<i); ok {
			p, known = q, 1
		}
	}
	return &joined{rels: 1 << i, props: p, cost: extra, known: known}
}

func (s *search) order(full relSet) *joined {
	if len(s.rels) > exhaustive {
		return s.greedy()
	}
	for i := range s.rels {
		s.memo[1<<i] = s.leaf(i)
	}
	for set := relSet(3); set <= full; set++ {
		if size(set) < 2 {
			continue
		}
		if s.learns {
			s.estimateByEvidence(set)
		}
		low := set & -set
		for l := (set - 1) & set; l > 0; l = (l - 1) & set {
			if !l.has(low) {
				continue
			}
			a, b := s.memo[l], s.memo[set&^l]
			if a == nil || b == nil || !s.connected(a.rels, b.rels) {
				continue
			}
			if j := s.join(a, b); s.memo[set] == nil || j.cost < s.memo[set].cost {
				s.memo[set] = j
			}
		}
	}
	return s.memo[full]
}

// connected reports whether two sets may be joined: a predicate connects them,
// or both are complete parts that nothing connects.
func (s *search) connected(a, b relSet) bool {
	return s.neighbours(a)&b != 0 || s.complete(a) && s.complete(b)
}

func (s *search) complete(set relSet) bool {
	for _, p := range s.parts {
		if set&p != 0 && !set.has(p) {
			return false
		}
	}
	return true
}

// join estimates a join of two sets; the rows of a set are estimated once,
// whatever its order.
func (s *search) join(a, b *joined) *joined {
	set := a.rels | b.rels
	before, ok := s.props[set]
	if !ok {
		on, _ := s.conditions(a.rels, b.rels)
		before = cost.Joined(logical.Inner, a.props, b.props, on, logical.Column{})
		s.props[set] = before
	}
	after, extra := s.withOps(before, set, a.rels, b.rels)
	known := a.known + b.known
	if s.learns {
		var ok bool
		if after, ok = s.measured(after, set); ok {
			known = size(set)
			if extra == 0 {
				before = after
			}
		}
	}
	c := a.cost + b.cost + extra + outWeight*before.Rows +
		buildWeight*min(a.props.Rows, b.props.Rows) + probeWeight*max(a.props.Rows, b.props.Rows)
	return &joined{rels: set, props: after, cost: c, l: a, r: b, known: known}
}

// greedy joins the pair with the smallest result until one is left.
func (s *search) greedy() *joined {
	var open []*joined
	for i := range s.rels {
		open = append(open, s.leaf(i))
	}
	for len(open) > 1 {
		var pick *joined
		x, y := -1, -1
		for _, cross := range []bool{false, true} {
			for i := range open {
				for k := i + 1; k < len(open); k++ {
					if !cross && s.neighbours(open[i].rels)&open[k].rels == 0 {
						continue
					}
					j := s.join(open[i], open[k])
					if pick == nil || j.props.Rows < pick.props.Rows || j.props.Rows == pick.props.Rows && j.cost < pick.cost {
						pick, x, y = j, i, k
					}
				}
			}
			if pick != nil {
				break
			}
		}
		open[x] = pick
		open = append(open[:y], open[y+1:]...)
	}
	return open[0]
}

// conditions returns the conjuncts to join two sets by, and those that must
// wait until the operators that become possible are applied.
func (s *search) conditions(a, b relSet) (on, after []expr.Expr) {
	shared := s.classesOf(a, b)
	for _, k := range s.classes {
		l, r := s.member(k, a, shared), s.member(k, b, shared)
		if l != nil && r != nil {
			on = append(on, &expr.Call{Func: k.eq.Func, Args: []expr.Expr{l, r}, Typ: k.eq.Typ})
		}
	}
	for _, p := range s.preds {
		if !(a | b).has(p.rels) || a.has(p.rels) || b.has(p.rels) {
			continue
		}
		ready := true
		for _, i := range p.ops {
			ready = ready && (a.has(s.ops[i].rels) || b.has(s.ops[i].rels))
		}
		if ready {
			on = append(on, p.e)
		} else {
			after = append(after, p.e)
		}
	}
	return on, after
}

// classesOf counts for each relation the classes between two sets that have a column of it.
func (s *search) classesOf(a, b relSet) map[relSet]int {
	out := map[relSet]int{}
	for _, k := range s.classes {
		var l, r bool
		for _, col := range k.cols {
			l, r = l || a.has(s.owner[col.ID]), r || b.has(s.owner[col.ID])
		}
		for _, col := range k.cols {
			if l && r {
				out[s.owner[col.ID]]++
			}
		}
	}
	return out
}

// member picks a class's column on one side: of the relation that has columns of most of
// the classes, since two columns of one table may be a key of it together.
func (s *search) member(k class, side relSet, shared map[relSet]int) *expr.Column {
	var best *expr.Column
	for _, col := range k.cols {
		if o := s.owner[col.ID]; side.has(o) && (best == nil || shared[o] > shared[s.owner[best.ID]]) {
			best = col
		}
	}
	return best
}

// build makes the plan. The class members within a relation are equated first.
func (s *search) build(j *joined, root bool) logical.Node {
	var n logical.Node
	var after []expr.Expr
	var l, r relSet
	if j.l == nil {
		i := bits.TrailingZeros64(uint64(j.rels))
		n = filter(s.rels[i], s.within(j.rels))
		for _, p := range s.preds {
			if p.rels == j.rels {
				after = append(after, p.e)
			}
		}
	} else {
		big, small := j.l, j.r
		if big.props.Rows < small.props.Rows {
			big, small = small, big
		}
		l, r = big.rels, small.rels
		var on []expr.Expr
		on, after = s.conditions(l, r)
		n = &logical.Join{Kind: logical.Inner, L: s.build(big, false), R: s.build(small, false), On: on}
	}
	for i, op := range s.ops {
		if !s.late[i] && j.rels.has(op.rels) && !l.has(op.rels) && !r.has(op.rels) {
			n = op.over(n)
		}
	}
	n = filter(n, after)
	for i, op := range s.ops {
		if root && s.late[i] {
			n = op.over(n)
		}
	}
	return n
}

func (o operator) over(n logical.Node) logical.Node {
	return &logical.Join{Kind: o.kind, L: n, R: o.right, On: o.on, NullAware: o.nullAware, MarkCol: o.mark}
}

// within returns equalities between members of one class in one relation.
func (s *search) within(rel relSet) []expr.Expr {
	var out []expr.Expr
	for _, k := range s.classes {
		var first *expr.Column
		for _, col := range k.cols {
			if s.owner[col.ID] != rel {
				continue
			}
			if first != nil {
				out = append(out, &expr.Call{Func: k.eq.Func, Args: []expr.Expr{first, col}, Typ: k.eq.Typ})
			} else {
				first = col
			}
		}
	}
	return out
}
