package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// implyFilters adds filters that follow from a join's condition, so that each
// side shrinks before the join, or from a condition on groups.
//
//	FROM t JOIN s ON t.a = s.a WHERE t.a = 5
//	→ also s.a = 5
//	FROM t JOIN s ON (t.b = 1 AND s.b = 2) OR (t.b = 3 AND s.b = 4)
//	→ also t.b IN (1, 3) and s.b IN (2, 4)
//	SELECT a, sum(b) FROM t GROUP BY a HAVING a = 1 AND sum(b) > 0 OR a = 2
//	→ also WHERE a IN (1, 2)
type implyFilters struct{ *env }

func (implyFilters) Name() string { return "imply_filters" }
func (implyFilters) Order() Order { return BottomUp }

func (r implyFilters) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	if f, ok := n.(*logical.Filter); ok {
		out := r.groups(f)
		return out, out != n, nil
	}
	j, ok := n.(*logical.Join)
	if !ok {
		return n, false, nil
	}
	var toL, toR bool
	switch j.Kind {
	case logical.Inner, logical.Semi:
		toL, toR = true, true
	case logical.Left, logical.Anti, logical.Single:
		toR = !j.NullAware
	}
	l, r2 := j.L, j.R
	if toL {
		l = r.side(j.L, j.R, j.On)
	}
	if toR {
		r2 = r.side(j.R, j.L, j.On)
	}
	if l == j.L && r2 == j.R {
		return n, false, nil
	}
	return j.WithChildren([]logical.Node{l, r2}), true, nil
}

// side returns n with the filters that on and the facts of the other side imply.
func (r implyFilters) side(n, other logical.Node, on []expr.Expr) logical.Node {
	mine, theirs := logical.Columns(n), logical.Columns(other)
	known := map[string]bool{}
	for _, f := range facts(n) {
		known[expr.Key(f)] = true
	}
	s := simplifier{env: r.env, nulls: nullableOf(n)}
	var out []expr.Expr
	add := func(e expr.Expr) {
		e = s.expr(e)
		if k := expr.Key(e); !known[k] && !isTrue(e) {
			known[k] = true
			out = append(out, e)
		}
	}
	given := facts(other)
	for _, p := range on {
		if or := armsOver(p, mine); or != nil {
			add(or)
		}
		a, b, ok := cost.Equality(p, mine.Has, theirs.Has)
		if !ok {
			continue
		}
		to, ok1 := a.(*expr.Column)
		from, ok2 := b.(*expr.Column)
		if !ok1 || !ok2 || to.Typ != from.Typ {
			continue
		}
		_, plain := p.(*expr.Call)
		for _, f := range given {
			if cols := expr.Columns(f); len(cols) != 1 || !cols.Has(from.ID) || !fixed(f) || !plain && !rejectsNull(f, cols) {
				continue
			}
			if _, isNull := f.(*expr.Test); isNull {
				continue
			}
			add(substitute(f, map[expr.ColumnID]expr.Expr{from.ID: to}))
		}
	}
	return filter(n, out)
}

// groups adds to a filter above an aggregation what its ORs imply about the groups.
func (r implyFilters) groups(f *logical.Filter) logical.Node {
	a, ok := f.Input.(*logical.Aggregate)
	if !ok || a.Sets != nil || len(a.Groups) == 0 {
		return f
	}
	keys := expr.ColumnSet{}
	for _, g := range a.Groups {
		keys.Add(g.Col.ID)
	}
	known := map[string]bool{}
	for _, e := range facts(a) {
		known[expr.Key(e)] = true
	}
	s := simplifier{env: r.env, nulls: nullableOf(a)}
	var out []expr.Expr
	for _, p := range f.Preds {
		or := armsOver(p, keys)
		if or == nil {
			continue
		}
		if or = s.expr(or); !known[expr.Key(or)] && !isTrue(or) {
			out = append(out, or)
		}
	}
	if len(out) == 0 {
		return f
	}
	return pushFilter(&logical.Filter{Input: a, Preds: concat(out, f.Preds)})
}

// armsOver returns what an OR implies about cols alone: the OR of each arm's
// conjuncts over them. nil where an arm says nothing.
func armsOver(p expr.Expr, cols expr.ColumnSet) expr.Expr {
	or, ok := p.(*expr.Logic)
	if !ok || or.Op != expr.Or || only(p, cols) {
		return nil
	}
	var arms []expr.Expr
	for _, a := range or.Args {
		own, _ := splitPreds(expr.Conjuncts(a), func(e expr.Expr) bool { return only(e, cols) && fixed(e) })
		if len(own) == 0 {
			return nil
		}
		arms = append(arms, expr.AndOf(own))
	}
	return logic(expr.Or, arms)
}

// facts returns conjuncts that hold for every row of n.
func facts(n logical.Node) []expr.Expr {
	switch x := n.(type) {
	case *logical.Scan:
		return x.Filters
	case *logical.Filter:
		return concat(x.Preds, facts(x.Input))
	case *logical.Sort, *logical.Limit, *logical.TopN, *logical.Window:
		return facts(n.Children()[0])
	case *logical.Project:
		return visible(facts(x.Input), x.Items)
	case *logical.Aggregate:
		if x.Sets == nil && len(x.Groups) > 0 {
			return visible(facts(x.Input), x.Groups)
		}
	case *logical.Join:
		switch x.Kind {
		case logical.Inner:
			return concat(facts(x.L), facts(x.R), x.On)
		case logical.Semi:
			return facts(x.L)
		case logical.Left, logical.Anti, logical.Mark, logical.Single:
			return facts(x.L)
		case logical.Right:
			return facts(x.R)
		}
	}
	return nil
}

// visible restates facts in terms of items; facts about other columns are lost.
func visible(fs []expr.Expr, items []logical.Item) []expr.Expr {
	back := map[expr.ColumnID]expr.Expr{}
	for _, it := range items {
		if c, ok := it.Expr.(*expr.Column); ok {
			back[c.ID] = it.Col.Ref()
		}
	}
	var out []expr.Expr
	for _, f := range fs {
		known := true
		for id := range expr.Columns(f) {
			known = known && back[id] != nil
		}
		if known {
			out = append(out, substitute(f, back))
		}
	}
	return out
}
