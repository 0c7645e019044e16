package optimizer

import (
	"context"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// lateColumns lets a scan below a TopN read only what filters, joins and the
// order need, beside each row's locator, and fetches the other columns of the
// rows that are left in the end (late materialization: Abadi et al., ICDE 2007).
// Expressions that the order does not need are computed of these rows, too.
//
//	SELECT a, b, upper(c) FROM t WHERE d > 0 ORDER BY a LIMIT 10
//	→ Project a, b, upper(c) (Fetch t [b, c] (TopN 10 by a (Scan t [a, locator] where d > 0)))
//	SELECT k, any_value(c), sum(x) AS s FROM t … GROUP BY k ORDER BY s LIMIT 10   (k a key of t)
//	→ Fetch t [c] (TopN 10 by s (SELECT k, any_value(locator), sum(x) AS s … GROUP BY k))
type lateColumns struct{ env *env }

func (lateColumns) Name() string { return "late_columns" }
func (lateColumns) Order() Order { return BottomUp }

const (
	// lateMost is how many rows are fetched at most, and lateFew how many of any table. In between it is one
	// of latePage: one task fetches the rows, and each may lie in another page, which is decoded as a whole.
	lateMost = 4096
	lateFew  = 256
	latePage = 4096
	// lateFactor is how many times more rows the scan and the TopN's input must have than are fetched.
	lateFactor = 16
	// lateRows is how many rows the table must have.
	lateRows = 20_000
	// lateBytes is the width from which on columns are worth fetching.
	lateBytes = 8
)

func (r lateColumns) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.TopN)
	if !ok || x.Count <= 0 {
		return n, false, nil
	}
	want := float64(x.Count) // of the rows that are left: OFFSET's are gone by then
	if !r.env.eager && (want > lateMost || m.Rows(x.Input) < lateFactor*want) {
		return n, false, nil
	}
	keys := expr.Columns(x.Exprs()...)
	l := &lateSearch{env: r.env, model: m, want: want}
	in, deferred := deferItems(x.Input, keys)
	lazy := expr.ColumnSet{}
	for _, c := range in.Schema() {
		if !keys.Has(c.ID) {
			lazy.Add(c.ID)
		}
	}
	in, err := l.node(in, lazy)
	if err != nil || len(l.fetches) == 0 {
		return n, false, err
	}
	y := *x
	y.Input = in
	var out logical.Node = &y
	for _, f := range l.fetches {
		f.Input = out
		out = f
	}
	if deferred == nil {
		return withSchema(out, x.Schema()), true, nil
	}
	return &logical.Project{Input: out, Items: deferred}, true, nil
}

// deferItems takes off a projection what need not be computed below the order: the
// projection that is left passes the columns for it, and items are for above.
func deferItems(n logical.Node, keys expr.ColumnSet) (in logical.Node, items []logical.Item) {
	p, ok := n.(*logical.Project)
	if !ok {
		return n, nil
	}
	var below []logical.Item
	has := expr.ColumnSet{}
	keep := func(it logical.Item) {
		if !has.Has(it.Col.ID) {
			has.Add(it.Col.ID)
			below = append(below, it)
		}
	}
	byID := map[expr.ColumnID]logical.Column{}
	for _, c := range p.Input.Schema() {
		byID[c.ID] = c
	}
	for _, it := range p.Items {
		if keys.Has(it.Col.ID) || expr.Volatile(it.Expr) {
			keep(it)
			items = append(items, logical.Item{Col: it.Col, Expr: it.Col.Ref()})
			continue
		}
		for id := range expr.Columns(it.Expr) {
			c, ok := byID[id]
			if !ok { // of an outer query
				return n, nil
			}
			keep(logical.Item{Col: c, Expr: c.Ref()})
		}
		items = append(items, it)
	}
	slices.SortStableFunc(below, func(a, b logical.Item) int { return int(a.Col.ID) - int(b.Col.ID) })
	return &logical.Project{Input: p.Input, Items: below}, items
}

// lateSearch finds the scans below a TopN of which columns can be fetched.
type lateSearch struct {
	env     *env
	model   *cost.Model
	want    float64
	fetches []*logical.Fetch
}

// node returns n without those of its lazy columns that will be fetched, and
// with the locators that this takes. Nothing above n but the fetch reads lazy columns.
func (l *lateSearch) node(n logical.Node, lazy expr.ColumnSet) (logical.Node, error) {
	switch x := n.(type) {
	case *logical.Scan:
		return l.scan(x, minus(lazy, x.Filters...))
	case *logical.Filter:
		return l.child(x, 0, minus(lazy, x.Preds...))
	case *logical.Project:
		return l.project(x, lazy)
	case *logical.Aggregate:
		return l.aggregate(x, lazy)
	case *logical.Join:
		lazy = minus(lazy, x.On...)
		switch x.Kind {
		case logical.Inner:
			in, err := l.child(x, 0, lazy)
			if err != nil {
				return nil, err
			}
			return l.child(in, 1, lazy)
		case logical.Left, logical.Single, logical.Semi, logical.Anti, logical.Mark:
			return l.child(x, 0, lazy)
		}
	}
	return n, nil
}

// minus returns the columns that no expression reads.
func minus(set expr.ColumnSet, es ...expr.Expr) expr.ColumnSet {
	out, read := expr.ColumnSet{}, expr.Columns(es...)
	for id := range set {
		if !read.Has(id) {
			out.Add(id)
		}
	}
	return out
}

func (l *lateSearch) child(n logical.Node, i int, lazy expr.ColumnSet) (logical.Node, error) {
	kids := n.Children()
	out, err := l.node(kids[i], lazy)
	if err != nil || out == kids[i] {
		return n, err
	}
	fresh := slices.Clone(kids)
	fresh[i] = out
	return n.WithChildren(fresh), nil
}

// project passes on lazy columns that keep their names; what else it computes reads the others.
func (l *lateSearch) project(x *logical.Project, lazy expr.ColumnSet) (logical.Node, error) {
	passed := expr.ColumnSet{}
	var read []expr.Expr
	for _, it := range x.Items {
		if c, ok := it.Expr.(*expr.Column); ok && c.ID == it.Col.ID && lazy.Has(c.ID) {
			passed.Add(c.ID)
		} else {
			read = append(read, it.Expr)
		}
	}
	before := len(l.fetches)
	in, err := l.node(x.Input, minus(passed, read...))
	if err != nil || len(l.fetches) == before {
		return x, err
	}
	has := logical.Columns(in)
	out := &logical.Project{Input: in}
	for _, it := range x.Items {
		if c, ok := it.Expr.(*expr.Column); ok && c.ID == it.Col.ID && !has.Has(c.ID) {
			continue // fetched later
		}
		out.Items = append(out.Items, it)
	}
	for _, f := range l.fetches[before:] {
		for _, c := range in.Schema() {
			if expr.Columns(f.Locator).Has(c.ID) {
				out.Items = append(out.Items, logical.Item{Col: c, Expr: c.Ref()})
			}
		}
	}
	return out, nil
}

// scan takes the lazy columns off a scan if that pays.
func (l *lateSearch) scan(x *logical.Scan, lazy expr.ColumnSet) (logical.Node, error) {
	t, ok := x.Table.(catalog.Locatable)
	if !ok || x.Limit >= 0 || slices.Contains(x.Ordinals, catalog.Locator) {
		return x, nil
	}
	f := &logical.Fetch{Catalog: x.Catalog, SchemaName: x.SchemaName, Name: x.Name, Alias: x.Alias, Table: x.Table}
	y := *x
	y.Cols, y.Ordinals = nil, nil
	width, rows := 0.0, 0.0
	p := l.model.Props(x)
	for i, c := range x.Cols {
		if !lazy.Has(c.ID) {
			y.Cols, y.Ordinals = append(y.Cols, c), append(y.Ordinals, x.Ordinals[i])
			continue
		}
		f.Cols, f.Ordinals = append(f.Cols, c), append(f.Ordinals, x.Ordinals[i])
		width += l.model.Width(x, c)
		rows = max(rows, p.Cols[c.ID].TableRows)
	}
	if len(f.Cols) == 0 || !l.env.eager && (width < lateBytes || rows < lateRows || p.Rows < lateFactor*l.want || l.want > max(lateFew, rows/latePage)) {
		return x, nil
	}
	if _, ok, err := t.Whole(); err != nil || !ok {
		return x, err
	}
	at := l.env.ids.NewColumn("row", types.Of(types.Int8), false)
	y.Cols, y.Ordinals = append(y.Cols, at), append(y.Ordinals, catalog.Locator)
	f.Locator = at.Ref()
	l.fetches = append(l.fetches, f)
	return &y, nil
}
