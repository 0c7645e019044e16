package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

var joinKinds = map[string]logical.JoinKind{
	"inner": logical.Inner, "left": logical.Left, "right": logical.Right, "full": logical.Full,
	"semi": logical.Semi, "anti": logical.Anti,
}

// join binds a join of two items of FROM.
func (b *binder) join(n *ast.Join, k *block, left []*source) (*source, error) {
	l, err := b.fromItem(n.Left, k, left)
	if err != nil {
		return nil, err
	}
	r, err := b.fromItem(n.Right, k, append(left[:len(left):len(left)], l))
	if err != nil {
		return nil, err
	}
	j := core.JoinOf(n)
	kind, ok := joinKinds[j.Kind]
	if !ok {
		return nil, b.errorAt(n, sqlerr.Internal, "unknown join %q", j.Kind)
	}
	out := concat([]*source{l, r})
	out.lateral = l.lateral || r.lateral
	var on []expr.Expr
	switch {
	case j.Natural:
		err = b.using(n, naturalColumns(l, r), j, kind, l, r, out)
		return out, err
	case j.Using != nil:
		err = b.using(n, j.Using, j, kind, l, r, out)
		return out, err
	case j.On != nil:
		var inner []apply
		if on, inner, err = b.on(j.On, k, kind, l, r, out); err != nil {
			return nil, err
		}
		if len(inner) > 0 { // an inner join whose condition needs a subquery over both sides
			var late []expr.Expr
			on, late = splitOn(on, l, r)
			if out.plan, err = b.combine(kind, l, r, on); err != nil {
				return nil, err
			}
			out.plan = filter(stack(out.plan, inner), late...)
			return out, nil
		}
	}
	if out.plan, err = b.combine(kind, l, r, on); err != nil {
		return nil, err
	}
	if kind == logical.Semi || kind == logical.Anti {
		out.rels, out.cols = l.rels, l.cols
	}
	return out, nil
}

// combine joins two plans; the right one may refer to the left one's columns.
func (b *binder) combine(kind logical.JoinKind, l, r *source, on []expr.Expr) (logical.Node, error) {
	if !r.lateral || !refersTo(r.plan, logical.Columns(l.plan)) {
		return &logical.Join{Kind: kind, L: l.plan, R: r.plan, On: on}, nil
	}
	if kind == logical.Right || kind == logical.Full {
		ref := b.lateralReference(r.plan, logical.Columns(l.plan))
		return nil, b.errorAt(ref.node, sqlerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table \"%s\"", ref.rel).
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
	}
	if f, ok := r.plan.(*logical.TableFunc); ok && isOneRow(f.Input) && len(on) == 0 && (kind == logical.Inner || kind == logical.Left) {
		x := *f
		x.Input, x.Outer = l.plan, kind == logical.Left
		return &x, nil
	}
	return &logical.Apply{Kind: kind, L: l.plan, R: r.plan, On: on}, nil
}

// lateralReference finds where a plan refers to one of the columns.
func (b *binder) lateralReference(n logical.Node, cols expr.ColumnSet) (ref reference) {
	walkOnce(n, func(x logical.Node) bool {
		for _, e := range x.Exprs() {
			expr.Walk(e, func(x expr.Expr) bool {
				if c, ok := x.(*expr.Column); ok && cols.Has(c.ID) && ref.rel == "" {
					ref = b.refs[c]
				}
				return true
			})
		}
		return ref.rel == ""
	})
	return ref
}

// on binds an ON condition. Subqueries in it go to the side that they
// depend on; the rest, for inner joins only, is returned.
func (b *binder) on(cond ast.ExprNode, k *block, kind logical.JoinKind, l, r, both *source) ([]expr.Expr, []apply, error) {
	view := k.over(&source{rels: both.rels, cols: both.cols}, inJoinOn)
	e, err := b.boolean(cond, view, "JOIN/ON")
	if err != nil {
		return nil, nil, err
	}
	var rest []apply
	lcols, rcols := logical.Columns(l.plan), logical.Columns(r.plan)
	for _, a := range view.where {
		onL := refersTo(a.node.R, lcols) || expr.Columns(a.node.On...).Intersects(lcols)
		onR := refersTo(a.node.R, rcols) || expr.Columns(a.node.On...).Intersects(rcols)
		switch {
		case !onL: // it only adds columns, so any kind of join will do
			r.plan = stack(r.plan, []apply{a})
			rcols = logical.Columns(r.plan)
		case !onR:
			l.plan = stack(l.plan, []apply{a})
			lcols = logical.Columns(l.plan)
		case kind == logical.Inner:
			rest = append(rest, a)
		default:
			return nil, nil, b.unsupported(cond, "a subquery over both sides of an outer join's condition")
		}
	}
	return onConjuncts(e), rest, nil
}

// splitOn tells the conjuncts over the two sides from those that need a subquery's result.
func splitOn(on []expr.Expr, l, r *source) (own, late []expr.Expr) {
	known := logical.Columns(l.plan)
	for id := range logical.Columns(r.plan) {
		known.Add(id)
	}
	for _, e := range on {
		waits := false
		for id := range expr.Columns(e) {
			waits = waits || !known.Has(id)
		}
		if waits {
			late = append(late, e)
		} else {
			own = append(own, e)
		}
	}
	return own, late
}

// onConjuncts splits a condition; TRUE is no condition.
func onConjuncts(e expr.Expr) []expr.Expr {
	if l, ok := e.(*expr.Literal); ok && !l.Value.Null && l.Value.I == 1 {
		return nil
	}
	return expr.Conjuncts(e)
}

// naturalColumns are the names that both sides have, in the left one's order.
func naturalColumns(l, r *source) []*core.Value {
	right := map[string]bool{}
	for _, c := range r.cols {
		right[c.name] = !isHidden(c.name) && !c.system
	}
	var out []*core.Value
	for _, c := range l.cols {
		if right[c.name] {
			out = append(out, &core.Value{V: c.name})
		}
	}
	return out
}
