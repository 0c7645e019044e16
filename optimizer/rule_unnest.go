package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// unnest turns every Apply into joins, outermost first (Neumann and Kemper,
// "Unnesting Arbitrary Queries", BTW 2015; Neumann, "Improving Unnesting of
// Complex Queries", BTW 2025).
//
//	SELECT * FROM t WHERE b < (SELECT avg(b) FROM s WHERE s.a = t.a)
//	→ SELECT t.* FROM t LEFT JOIN (SELECT a, avg(b) v FROM s GROUP BY a) s ON s.a = t.a WHERE b < v
//
// Three ways are tried for an Apply: lift operators above it (lift.go), pull
// its correlated predicates up into the join (pull.go), and, where neither will
// do, push the set of outer values (the domain) down (domain.go).
type unnest struct{ *env }

func (unnest) Name() string { return "unnest" }
func (unnest) Order() Order { return WholeTree }

func (r unnest) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	u := &unnester{env: r.env, reuse: map[logical.Node]logical.Node{}}
	out, err := u.node(n)
	return out, out != n, err
}

// unnester unnests one plan.
type unnester struct {
	*env
	reuse  map[logical.Node]logical.Node // inputs of Reuse nodes done already
	lastID int                           // last Reuse ID handed out, 0 = not looked for yet
	root   logical.Node
}

// node unnests a subtree that is not correlated to anything above it.
func (u *unnester) node(n logical.Node) (logical.Node, error) {
	if u.root == nil {
		u.root = n
	}
	if a, ok := n.(*logical.Apply); ok {
		l, err := u.node(a.L)
		if err != nil {
			return nil, err
		}
		x := *a
		x.L = l
		return u.apply(&x)
	}
	if x, ok := n.(*logical.Reuse); ok {
		in, done := u.reuse[x.Input]
		if !done {
			var err error
			if in, err = u.node(x.Input); err != nil {
				return nil, err
			}
			u.reuse[x.Input] = in
			u.reuse[in] = in
		}
		if in == x.Input {
			return n, nil
		}
		return n.WithChildren([]logical.Node{in}), nil
	}
	kids := n.Children()
	var fresh []logical.Node
	for i, k := range kids {
		c, err := u.node(k)
		if err != nil {
			return nil, err
		}
		if c != k && fresh == nil {
			fresh = append([]logical.Node(nil), kids...)
		}
		if c != k {
			fresh[i] = c
		}
	}
	if fresh == nil {
		return n, nil
	}
	return n.WithChildren(fresh), nil
}

// apply unnests one Apply whose left side is unnested and uncorrelated.
func (u *unnester) apply(a *logical.Apply) (logical.Node, error) {
	a = shrink(a)
	outer := logical.Columns(a.L)
	a.R = u.inlineCorrelated(a.R, outer)
	if !refersTo(a.R, outer) {
		r, err := u.node(a.R)
		if err != nil {
			return nil, err
		}
		return joinOf(a, r, a.On), nil
	}
	if n, err := u.lift(a, outer); n != nil || err != nil {
		return n, err
	}
	if r, preds, ok := u.pull(a.R, outer); ok {
		r, err := u.node(r)
		if err != nil {
			return nil, err
		}
		return u.joinPulled(a, r, preds), nil
	}
	return u.withDomain(a, outer)
}

func joinOf(a *logical.Apply, r logical.Node, on []expr.Expr) *logical.Join {
	return &logical.Join{Kind: a.Kind, L: a.L, R: r, On: on, MarkCol: a.MarkCol}
}

// shrink drops what does not matter to an Apply that only asks whether a row
// exists: order, duplicates, limits and columns.
func shrink(a *logical.Apply) *logical.Apply {
	x := *a
	if a.Kind != logical.Semi && a.Kind != logical.Anti && a.Kind != logical.Mark {
		return &x
	}
	for {
		switch r := x.R.(type) {
		case *logical.Sort:
			x.R = r.Input
			continue
		case *logical.Limit:
			if len(x.On) == 0 && r.Count > 0 && r.Offset == 0 && r.CountExpr == nil && r.OffsetExpr == nil {
				x.R = r.Input
				continue
			}
		case *logical.TopN:
			if len(x.On) == 0 && r.Count > 0 && r.Offset == 0 {
				x.R = r.Input
				continue
			}
		case *logical.Project:
			if m, ok := movable(r.Items, x.On); ok {
				x.R, x.On = r.Input, substituteAll(x.On, m)
				continue
			}
		case *logical.Aggregate:
			if len(r.Aggs) == 0 && r.Sets == nil && len(r.Groups) > 0 {
				if m, ok := movable(r.Groups, x.On); ok {
					x.R, x.On = r.Input, substituteAll(x.On, m)
					continue
				}
			}
		}
		return &x
	}
}

// movable returns the items' map if those that preds use may be computed elsewhere.
func movable(items []logical.Item, preds []expr.Expr) (map[expr.ColumnID]expr.Expr, bool) {
	used := expr.Columns(preds...)
	for _, it := range items {
		if used.Has(it.Col.ID) && expr.Volatile(it.Expr) {
			return nil, false
		}
	}
	return itemMap(items), true
}

// joinPulled joins L with an R that lost its correlated predicates to the join.
func (u *unnester) joinPulled(a *logical.Apply, r logical.Node, preds []expr.Expr) logical.Node {
	if a.Kind != logical.Mark {
		j := joinOf(a, r, concat(preds, a.On)) // what guarded the condition goes first
		return withSchema(j, a.Schema())
	}
	nulls := nullableOf(a.L, r)
	if len(a.On) == 0 { // EXISTS is never NULL
		j := joinOf(a, r, preds)
		if nulls.neverAll(preds) {
			return j
		}
		return u.neverNullMark(a, r, preds)
	}
	var on []expr.Expr
	for _, p := range preds {
		if nulls.never(p) {
			on = append(on, p)
			continue
		}
		// A pulled predicate selects rows: NULL is false there, but would make a mark NULL.
		if x, y, ok := cost.Equality(p, logicalHas(a.L), logicalHas(r)); ok {
			r = filter(r, []expr.Expr{&expr.Test{Kind: expr.IsNotNull, Arg: y}})
			on = append(on, &expr.Distinct{Negated: true, L: x, R: y})
			continue
		}
		on = append(on, &expr.Test{Kind: expr.IsTrue, Arg: p})
	}
	return joinOf(a, r, append(on, a.On...))
}

// neverNullMark computes an existence mark through a nullable one.
func (u *unnester) neverNullMark(a *logical.Apply, r logical.Node, preds []expr.Expr) logical.Node {
	mark := a.MarkCol
	mark.ID, mark.Field.Nullable = u.ids.Next(), true
	j := &logical.Join{Kind: logical.Mark, L: a.L, R: r, On: preds, MarkCol: mark}
	items := append(passItems(a.L.Schema()), logical.Item{
		Col:  a.MarkCol,
		Expr: &expr.Test{Kind: expr.IsTrue, Arg: mark.Ref()},
	})
	return &logical.Project{Input: j, Items: items}
}

func logicalHas(n logical.Node) func(expr.ColumnID) bool {
	s := logical.Columns(n)
	return s.Has
}
