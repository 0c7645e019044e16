package optimizer

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// domain makes relations of the distinct values of the outer columns that a
// subquery depends on.
type domain struct {
	u    *unnester
	cols []logical.Column // the outer columns
	// source returns a copy of the outer relation, and the map from its columns.
	source func() (logical.Node, map[expr.ColumnID]expr.ColumnID)
}

// colMap tells which column stands for an outer one.
type colMap map[expr.ColumnID]logical.Column

func (m colMap) ids() map[expr.ColumnID]expr.ColumnID {
	out := make(map[expr.ColumnID]expr.ColumnID, len(m))
	for id, c := range m {
		out[id] = c.ID
	}
	return out
}

func (m colMap) rename(es []expr.Expr) []expr.Expr {
	ids := m.ids()
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = logical.Rename(e, ids)
	}
	return out
}

// make returns a new copy of the domain.
func (d *domain) make() (logical.Node, colMap) {
	src, ids := d.source()
	m := colMap{}
	byID := map[expr.ColumnID]logical.Column{}
	for _, c := range src.Schema() {
		byID[c.ID] = c
	}
	var keys []logical.Item
	for _, c := range d.cols {
		from := byID[ids[c.ID]]
		to := logical.Column{ID: d.u.ids.Next(), Field: from.Field}
		keys = append(keys, logical.Item{Col: to, Expr: from.Ref()})
		m[c.ID] = to
	}
	return &logical.Aggregate{Input: src, Groups: keys}, m
}

// columns lists what stands for the outer columns, in a fixed order.
func (d *domain) columns(m colMap) []logical.Column {
	out := make([]logical.Column, len(d.cols))
	for i, c := range d.cols {
		out[i] = m[c.ID]
	}
	return out
}

// same returns the conjuncts that tie two copies of the outer columns.
func (d *domain) same(l, r colMap) []expr.Expr {
	out := make([]expr.Expr, len(d.cols))
	for i, c := range d.cols {
		out[i] = d.u.sameValue(l[c.ID], r[c.ID])
	}
	return out
}

// sameValue is l IS NOT DISTINCT FROM r, or l = r where neither can be NULL.
func (u *unnester) sameValue(l, r logical.Column) expr.Expr {
	t := l.Field.Type
	if !l.Field.Nullable && !r.Field.Nullable {
		if eq := u.funcs.Operator("=", t, t); eq != nil {
			return &expr.Call{Func: eq, Args: []expr.Expr{l.Ref(), r.Ref()}, Typ: eq.Result}
		}
	}
	return &expr.Distinct{Negated: true, L: l.Ref(), R: r.Ref()}
}

// withDomain joins L with R evaluated once for each distinct combination of the
// outer columns.
func (u *unnester) withDomain(a *logical.Apply, outer expr.ColumnSet) (logical.Node, error) {
	d := &domain{u: u}
	free := freeColumns(a.R)
	identity := colMap{}
	for _, c := range a.L.Schema() {
		if free.Has(c.ID) {
			d.cols = append(d.cols, c)
			identity[c.ID] = c
		}
	}
	l := u.share(a.L, d)
	r, m, err := u.push(a.R, d)
	if err != nil {
		return nil, err
	}
	x := *a
	x.L = l
	j := joinOf(&x, r, concat(d.same(identity, m), a.On))
	return withSchema(j, a.Schema()), nil
}

// share makes the outer relation readable twice: a plain scan is read again,
// anything else is computed once.
func (u *unnester) share(l logical.Node, d *domain) logical.Node {
	if isPlainScan(l) {
		d.source = func() (logical.Node, map[expr.ColumnID]expr.ColumnID) { return logical.CloneFresh(l, u.ids) }
		return l
	}
	in, _ := logical.CloneFresh(l, u.ids)
	id := u.nextReuse()
	d.source = func() (logical.Node, map[expr.ColumnID]expr.ColumnID) {
		m := map[expr.ColumnID]expr.ColumnID{}
		cols := slices.Clone(l.Schema())
		for i, c := range cols {
			cols[i].ID = u.ids.Next()
			m[c.ID] = cols[i].ID
		}
		return &logical.Reuse{ID: id, Input: in, Cols: cols}, m
	}
	return &logical.Reuse{ID: id, Input: in, Cols: l.Schema()}
}

func isPlainScan(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Scan:
		return x.Limit < 0
	case *logical.Filter:
		return isPlainScan(x.Input) && !slices.ContainsFunc(x.Preds, expr.Volatile)
	}
	return false
}

// nextReuse returns an unused Reuse ID.
func (u *unnester) nextReuse() int {
	if u.lastID == 0 {
		u.lastID = maxReuse(u.root)
	}
	u.lastID++
	return u.lastID
}

func maxReuse(n logical.Node) int {
	id := 0
	logical.Walk(n, func(x logical.Node) bool {
		if r, ok := x.(*logical.Reuse); ok {
			id = max(id, r.ID)
		}
		return true
	})
	return id
}

// inlineCorrelated copies the inputs of Reuse nodes that depend on outer columns
// into their places: they differ from outer row to outer row.
func (u *unnester) inlineCorrelated(n logical.Node, outer expr.ColumnSet) logical.Node {
	return logical.Transform(n, func(x logical.Node) logical.Node {
		if r, ok := x.(*logical.Reuse); ok && refersTo(r.Input, outer) {
			return u.inline(r)
		}
		return x
	})
}

// inline replaces a Reuse by a copy of what it reads.
func (u *unnester) inline(x *logical.Reuse) logical.Node {
	in, _ := logical.CloneFresh(x.Input, u.ids)
	cols := in.Schema()
	items := make([]logical.Item, len(x.Cols))
	for i, c := range x.Cols {
		items[i] = logical.Item{Col: c, Expr: cols[i].Ref()}
	}
	return &logical.Project{Input: in, Items: items}
}

// renameTree replaces references to outer columns throughout a subtree.
func renameTree(n logical.Node, m colMap) logical.Node {
	return logical.Transform(n, func(x logical.Node) logical.Node {
		es := x.Exprs()
		fresh := m.rename(es)
		for i := range es {
			if es[i] != fresh[i] {
				return x.WithExprs(fresh)
			}
		}
		return x
	})
}

func errNested(what string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s in a correlated subquery is not supported", what)
}
