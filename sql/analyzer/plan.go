package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// rewriter rewrites a plan's expressions bottom-up. A reused subplan is
// rewritten once: its references go on sharing one plan, and chains of CTEs stay linear.
type rewriter struct {
	expr func(expr.Expr) expr.Expr // rewrites a whole expression
	node func(logical.Node) logical.Node
	done map[int]logical.Node
}

func (r *rewriter) plan(n logical.Node) logical.Node {
	if x, ok := n.(*logical.Reuse); ok {
		in, ok := r.done[x.ID]
		if !ok {
			in = r.plan(x.Input)
			r.done[x.ID] = in
		}
		if in == x.Input {
			return n
		}
		y := *x
		y.Input = in
		return &y
	}
	kids := n.Children()
	var fresh []logical.Node
	for i, k := range kids {
		m := r.plan(k)
		if m != k && fresh == nil {
			fresh = append([]logical.Node(nil), kids...)
		}
		if fresh != nil {
			fresh[i] = m
		}
	}
	if fresh != nil {
		n = n.WithChildren(fresh)
	}
	n = r.exprs(n)
	if r.node != nil {
		n = r.node(n)
	}
	return n
}

func (r *rewriter) exprs(n logical.Node) logical.Node {
	es := n.Exprs()
	var fresh []expr.Expr
	for i, e := range es {
		x := r.expr(e)
		if x != e && fresh == nil {
			fresh = append([]expr.Expr(nil), es...)
		}
		if fresh != nil {
			fresh[i] = x
		}
	}
	if fresh == nil {
		return n
	}
	return n.WithExprs(fresh)
}

// mapExprs rewrites every node of every expression of a plan.
func mapExprs(plan logical.Node, f func(expr.Expr) expr.Expr) logical.Node {
	r := rewriter{expr: func(e expr.Expr) expr.Expr { return expr.Transform(e, f) }, done: map[int]logical.Node{}}
	return r.plan(plan)
}

// walkOnce visits a plan's nodes top-down, a reused subplan once; f returns
// false to stop.
func walkOnce(n logical.Node, f func(logical.Node) bool) {
	seen, stop := map[int]bool{}, false
	logical.Walk(n, func(x logical.Node) bool {
		if stop {
			return false
		}
		if r, ok := x.(*logical.Reuse); ok {
			if seen[r.ID] {
				return false
			}
			seen[r.ID] = true
		}
		stop = !f(x)
		return !stop
	})
}

// refersTo reports whether an expression anywhere in a plan uses one of the columns.
func refersTo(n logical.Node, cols expr.ColumnSet) bool {
	found := false
	walkOnce(n, func(x logical.Node) bool {
		found = expr.Columns(x.Exprs()...).Intersects(cols)
		return !found
	})
	return found
}
