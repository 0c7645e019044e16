package expr

import "github.com/flintsql/flint/sql/function"

// Transform rewrites a tree bottom-up: f sees each node after its children and
// returns what stands in its place. Unchanged subtrees are shared.
func Transform(e Expr, f func(Expr) Expr) Expr {
	kids := e.Children()
	var changed []Expr
	for i, k := range kids {
		n := Transform(k, f)
		if n != k && changed == nil {
			changed = append([]Expr(nil), kids...)
		}
		if changed != nil {
			changed[i] = n
		}
	}
	if changed != nil {
		e = e.WithChildren(changed)
	}
	return f(e)
}

// Walk visits a tree top-down; f returns false to skip a node's children.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, f)
	}
}

// ColumnSet is a set of columns.
type ColumnSet map[ColumnID]struct{}

// Has reports membership.
func (s ColumnSet) Has(id ColumnID) bool { _, ok := s[id]; return ok }

// Add adds a column.
func (s ColumnSet) Add(id ColumnID) { s[id] = struct{}{} }

// Contains reports whether every column of o is in s.
func (s ColumnSet) Contains(o ColumnSet) bool {
	for id := range o {
		if !s.Has(id) {
			return false
		}
	}
	return true
}

// Intersects reports whether s and o share a column.
func (s ColumnSet) Intersects(o ColumnSet) bool {
	for id := range o {
		if s.Has(id) {
			return true
		}
	}
	return false
}

// Columns returns the columns that expressions refer to.
func Columns(es ...Expr) ColumnSet {
	s := ColumnSet{}
	for _, e := range es {
		Walk(e, func(x Expr) bool {
			if c, ok := x.(*Column); ok {
				s.Add(c.ID)
			}
			return true
		})
	}
	return s
}

// Conjuncts splits a tree of ANDs into its conjuncts.
func Conjuncts(e Expr) []Expr {
	l, ok := e.(*Logic)
	if !ok || l.Op != And {
		return []Expr{e}
	}
	var out []Expr
	for _, a := range l.Args {
		out = append(out, Conjuncts(a)...)
	}
	return out
}

// AndOf joins conjuncts; nil for none.
func AndOf(es []Expr) Expr {
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return &Logic{Op: And, Args: es}
}

// Equal reports whether two expressions are the same tree.
func Equal(a, b Expr) bool { return a == b || Key(a) == Key(b) }

// Volatile reports whether a call within e may give another value each time.
func Volatile(e Expr) bool {
	v := false
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok && c.Func.Volatility == function.Volatile {
			v = true
		}
		return !v
	})
	return v
}

// Fallible reports whether evaluating e can raise an error for some row.
// A fallible expression is never moved before the filter or join that guards it.
func Fallible(e Expr) bool {
	f := false
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			f = f || x.Func.Fallible
		case *AnyAll:
			f = f || x.Op.Fallible
		case *Cast:
			f = f || castFallible(x)
		}
		return !f
	})
	return f
}
