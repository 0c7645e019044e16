package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// reduceByKeys lets the small input of a join thin out the other one before
// that is aggregated, or put into a hash table.
//
//	SELECT … FROM (SELECT k, avg(x) FROM huge GROUP BY k) a JOIN small ON a.k = small.k
//	→ … (SELECT k, avg(x) FROM huge SEMI JOIN small ON huge.k = small.k GROUP BY k) a …
//	small SEMI JOIN huge ON small.k = huge.k
//	→ small SEMI JOIN (huge SEMI JOIN small ON …) ON small.k = huge.k
//
// The small input is read twice: a table again, anything else through a shared subplan.
type reduceByKeys struct{ *env }

func (reduceByKeys) Name() string { return "reduce_by_keys" }
func (reduceByKeys) Order() Order { return WholeTree }

// It pays from reducedRows rows on, when at most 1/reduceFactor of the keys are wanted.
const (
	reducedRows  = 200_000
	reduceFactor = 8
)

func (r reduceByKeys) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	s := &reducer{env: r.env, model: m, root: n, inputs: map[logical.Node]logical.Node{}}
	out := s.node(n)
	return out, out != n, nil
}

// reducer reduces the joins of one plan.
type reducer struct {
	*env
	model  *cost.Model
	root   logical.Node
	lastID int
	inputs map[logical.Node]logical.Node // inputs of Reuse nodes, done
}

func (s *reducer) node(n logical.Node) logical.Node {
	if x, ok := n.(*logical.Reuse); ok {
		in, ok := s.inputs[x.Input]
		if !ok {
			in = s.node(x.Input)
			s.inputs[x.Input] = in
		}
		if in == x.Input {
			return n
		}
		return n.WithChildren([]logical.Node{in})
	}
	n = mapChildren(n, s.node)
	j, ok := n.(*logical.Join)
	if !ok {
		return n
	}
	switch j.Kind {
	case logical.Inner:
		if out := s.join(j, false); out != nil {
			return out
		}
		y := *j
		y.L, y.R = j.R, j.L
		if out := s.join(&y, false); out != nil {
			return withSchema(out, j.Schema())
		}
	case logical.Left, logical.Single:
		if out := s.join(j, false); out != nil {
			return out
		}
	case logical.Semi, logical.Anti:
		if out := s.join(j, !j.NullAware && !s.sharedMemory); out != nil && !j.NullAware {
			return out
		}
	}
	return n
}

// join thins out the right side of j by the keys of its left side; nil where
// that does not pay. plain also takes a right side that is not aggregated.
func (s *reducer) join(j *logical.Join, plain bool) logical.Node {
	l, r := logical.Columns(j.L), logical.Columns(j.R)
	keys := map[expr.ColumnID]expr.Expr{} // right column → what it equals
	var order []expr.Expr
	for _, p := range j.On {
		a, b, ok := cost.Equality(p, l.Has, r.Has)
		if !ok || !fixed(p) {
			continue
		}
		if c, ok := b.(*expr.Column); ok && keys[c.ID] == nil {
			keys[c.ID] = a
			order = append(order, p)
		}
	}
	if len(order) == 0 || uncertain(j.L) {
		return nil
	}
	place := &placement{reducer: s, preds: order}
	if !place.find(j.R, plain) || !s.pays(j.L, place) {
		return nil
	}
	small, first, back := s.twice(j.L)
	right := place.insert(j.R, func(in logical.Node, preds []expr.Expr) logical.Node {
		on := make([]expr.Expr, len(preds))
		for i, p := range preds {
			on[i] = logical.Rename(p, back)
		}
		return &logical.Join{Kind: logical.Semi, L: in, R: small, On: on}
	})
	y := *j
	y.L, y.R = first, right
	return &y
}

// uncertain reports a plan whose rows may differ when it is read again, or
// which is so large that reading it again can't pay.
func uncertain(n logical.Node) bool {
	bad := false
	logical.Walk(n, func(x logical.Node) bool {
		bad = bad || volatileNode(x)
		return !bad
	})
	return bad
}

func (s *reducer) pays(l logical.Node, p *placement) bool {
	rows := s.model.Rows(p.at)
	if s.eager {
		return true
	}
	if rows < reducedRows || s.model.Rows(l)*reduceFactor > rows {
		return false
	}
	share, _ := cost.JoinShare(s.model.Props(p.at), s.model.Props(l), p.below)
	return share*s.model.Rows(l)*reduceFactor < 1
}

// twice makes n readable twice: the copy to thin out by, n itself, and the
// copy's columns by n's.
func (s *reducer) twice(n logical.Node) (again, first logical.Node, back map[expr.ColumnID]expr.ColumnID) {
	if isPlainScan(n) {
		again, back = logical.CloneFresh(n, s.ids)
		return again, n, back
	}
	if s.lastID == 0 {
		s.lastID = maxReuse(s.root)
	}
	s.lastID++
	in, _ := logical.CloneFresh(n, s.ids)
	cols := append([]logical.Column(nil), n.Schema()...)
	back = map[expr.ColumnID]expr.ColumnID{}
	for i, c := range cols {
		cols[i].ID = s.ids.Next()
		back[c.ID] = cols[i].ID
	}
	s.inputs[in] = in
	return &logical.Reuse{ID: s.lastID, Input: in, Cols: cols}, &logical.Reuse{ID: s.lastID, Input: in, Cols: n.Schema()}, back
}

// placement is where in a right side the reduction goes: below the aggregate
// whose groups the keys name, or at the top.
type placement struct {
	*reducer
	preds []expr.Expr // equalities over the right side's columns
	at    logical.Node
	below []expr.Expr // the equalities over at's columns
}

// find looks for the place; plain allows one that is below no aggregate.
func (p *placement) find(n logical.Node, plain bool) bool {
	switch x := n.(type) {
	case *logical.Project:
		p.preds = p.through(x, x.Items)
		return len(p.preds) > 0 && p.find(x.Input, plain)
	case *logical.Filter:
		return p.find(x.Input, plain)
	case *logical.Aggregate:
		if x.Sets != nil || len(x.Groups) == 0 || uncertain(x.Input) {
			return false
		}
		p.below = p.through(x, x.Groups)
		p.at = x.Input
		return len(p.below) > 0
	}
	p.at, p.below = n, p.preds
	return plain && !uncertain(n)
}

// through restates the equalities below n, which computes items; those over other
// columns than passed ones are lost.
func (p *placement) through(n logical.Node, items []logical.Item) []expr.Expr {
	m := map[expr.ColumnID]expr.Expr{}
	lost := logical.Columns(n)
	for _, it := range items {
		if _, ok := it.Expr.(*expr.Column); ok {
			m[it.Col.ID] = it.Expr
			delete(lost, it.Col.ID)
		}
	}
	var out []expr.Expr
	for _, e := range p.preds {
		if !expr.Columns(e).Intersects(lost) {
			out = append(out, substitute(e, m))
		}
	}
	return out
}

// insert puts the reduction in its place under n.
func (p *placement) insert(n logical.Node, reduce func(logical.Node, []expr.Expr) logical.Node) logical.Node {
	if n == p.at {
		return reduce(n, p.below)
	}
	return n.WithChildren([]logical.Node{p.insert(n.Children()[0], reduce)})
}
