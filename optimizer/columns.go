package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

func union(a, b expr.ColumnSet) expr.ColumnSet {
	out := make(expr.ColumnSet, len(a)+len(b))
	for id := range a {
		out.Add(id)
	}
	for id := range b {
		out.Add(id)
	}
	return out
}

// freeColumns returns the columns that a subtree refers to but does not define:
// its correlation. IDs are unique, so no scoping is needed.
func freeColumns(n logical.Node) expr.ColumnSet {
	refs := expr.ColumnSet{}
	add := func(e expr.Expr) bool {
		if c, ok := e.(*expr.Column); ok {
			refs.Add(c.ID)
		}
		return true
	}
	logical.Walk(n, func(x logical.Node) bool {
		for _, e := range x.Exprs() {
			expr.Walk(e, add)
		}
		return true
	})
	logical.Walk(n, func(x logical.Node) bool {
		for _, c := range x.Schema() {
			delete(refs, c.ID)
		}
		return len(refs) > 0
	})
	return refs
}

// refersTo reports whether a subtree is correlated to any of the columns.
func refersTo(n logical.Node, outer expr.ColumnSet) bool {
	return freeColumns(n).Intersects(outer)
}

// substitute replaces column references by expressions.
func substitute(e expr.Expr, m map[expr.ColumnID]expr.Expr) expr.Expr {
	return expr.Transform(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			if r, ok := m[c.ID]; ok {
				return r
			}
		}
		return x
	})
}

func substituteAll(es []expr.Expr, m map[expr.ColumnID]expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = substitute(e, m)
	}
	return out
}

// itemMap maps the columns of items to what they compute.
func itemMap(items []logical.Item) map[expr.ColumnID]expr.Expr {
	m := make(map[expr.ColumnID]expr.Expr, len(items))
	for _, it := range items {
		m[it.Col.ID] = it.Expr
	}
	return m
}

// passItems returns items that pass columns through.
func passItems(cols []logical.Column) []logical.Item {
	out := make([]logical.Item, len(cols))
	for i, c := range cols {
		out[i] = logical.Item{Col: c, Expr: c.Ref()}
	}
	return out
}

// isPass reports whether an item passes a column through under its own ID.
func isPass(it logical.Item) bool {
	c, ok := it.Expr.(*expr.Column)
	return ok && c.ID == it.Col.ID
}

func allPass(items []logical.Item) bool {
	for _, it := range items {
		if !isPass(it) {
			return false
		}
	}
	return true
}

// withSchema returns n with exactly the columns cols, which n yields.
func withSchema(n logical.Node, cols []logical.Column) logical.Node {
	have := n.Schema()
	same := len(have) == len(cols)
	for i := 0; same && i < len(have); i++ {
		same = have[i].ID == cols[i].ID
	}
	if same {
		return n
	}
	return &logical.Project{Input: n, Items: passItems(current(cols, have))}
}

// current returns cols with the fields that have holds for their IDs: a rule
// may have learnt that a column is not nullable.
func current(cols, have []logical.Column) []logical.Column {
	byID := make(map[expr.ColumnID]logical.Column, len(have))
	for _, c := range have {
		byID[c.ID] = c
	}
	out := make([]logical.Column, len(cols))
	for i, c := range cols {
		out[i] = c
		if h, ok := byID[c.ID]; ok {
			out[i].Field.Nullable = h.Field.Nullable
		}
	}
	return out
}

// only reports whether e refers to columns of s alone (and to at least one).
func only(e expr.Expr, s expr.ColumnSet) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && s.Contains(cols)
}

// filter returns n filtered by conjuncts; n itself for none.
func filter(n logical.Node, preds []expr.Expr) logical.Node {
	if len(preds) == 0 {
		return n
	}
	return &logical.Filter{Input: n, Preds: preds}
}

// splitPreds divides conjuncts by a condition.
func splitPreds(preds []expr.Expr, cond func(expr.Expr) bool) (yes, no []expr.Expr) {
	for _, p := range preds {
		if cond(p) {
			yes = append(yes, p)
		} else {
			no = append(no, p)
		}
	}
	return yes, no
}

// conjuncts flattens a list of conjuncts.
func conjuncts(preds []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, p := range preds {
		out = append(out, expr.Conjuncts(p)...)
	}
	return out
}

func concat[T any](lists ...[]T) []T {
	var out []T
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}
