package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// filterShared computes of a shared subplan only the rows that some reader wants.
//
//	WITH q AS (SELECT a, sum(b) s FROM t GROUP BY a)
//	SELECT * FROM q x, q y WHERE x.a = 1 AND y.a = 2
//	→ WITH q AS (SELECT a, sum(b) s FROM t WHERE a IN (1, 2) GROUP BY a) …
type filterShared struct{}

func (filterShared) Name() string { return "filter_shared" }
func (filterShared) Order() Order { return WholeTree }

// maxReaders bounds the filter that is made of the readers' filters.
const maxReaders = 12

func (filterShared) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	s := &sharedReads{reads: map[logical.Node][]expr.Expr{}, free: map[logical.Node]bool{}}
	s.collect(n, nil)
	done := map[logical.Node]logical.Node{}
	changed := false
	var walk func(logical.Node) logical.Node
	walk = func(n logical.Node) logical.Node {
		r, ok := n.(*logical.Reuse)
		if !ok {
			return mapChildren(n, walk)
		}
		in, ok := done[r.Input]
		if !ok {
			in = walk(r.Input)
			if p := s.wanted(r.Input); p != nil {
				in = filter(in, p)
				changed = true
			}
			done[r.Input] = in
		}
		if in == r.Input {
			return n
		}
		return r.WithChildren([]logical.Node{in})
	}
	out := walk(n)
	return out, changed, nil
}

// sharedReads collects the filters right above each reader of a shared subplan,
// in terms of the subplan's columns.
type sharedReads struct {
	reads map[logical.Node][]expr.Expr
	free  map[logical.Node]bool // some reader takes all rows
}

func (s *sharedReads) collect(n logical.Node, preds []expr.Expr) {
	switch x := n.(type) {
	case *logical.Filter:
		s.collect(x.Input, concat(preds, x.Preds))
		return
	case *logical.Reuse:
		_, seen := s.reads[x.Input]
		s.read(x, preds)
		if !seen {
			s.collect(x.Input, nil)
		}
		return
	}
	for _, c := range n.Children() {
		s.collect(c, nil)
	}
}

func (s *sharedReads) read(x *logical.Reuse, preds []expr.Expr) {
	m := map[expr.ColumnID]expr.Expr{}
	for i, c := range x.Input.Schema() {
		m[x.Cols[i].ID] = c.Ref()
	}
	own, _ := splitPreds(conjuncts(preds), fixed)
	if len(own) == 0 {
		s.free[x.Input] = true
	}
	s.reads[x.Input] = append(s.reads[x.Input], expr.AndOf(substituteAll(own, m)))
}

// wanted returns conjuncts that every row some reader wants satisfies; nil if
// all rows are wanted, or the conjuncts are there already.
func (s *sharedReads) wanted(in logical.Node) []expr.Expr {
	reads := s.reads[in]
	if s.free[in] || len(reads) > maxReaders {
		return nil
	}
	known := map[string]bool{}
	for _, f := range facts(in) {
		known[expr.Key(f)] = true
	}
	var out []expr.Expr
	for _, p := range conjuncts([]expr.Expr{logic(expr.Or, reads)}) {
		if !known[expr.Key(p)] && !isTrue(p) {
			out = append(out, p)
		}
	}
	return out
}
