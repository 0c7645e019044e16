package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// push evaluates n for every row of the domain: the dependent join of both. It
// yields n's columns and, as the map tells, the domain's.
func (u *unnester) push(n logical.Node, d *domain) (logical.Node, colMap, error) {
	outer := expr.ColumnSet{}
	for _, c := range d.cols {
		outer.Add(c.ID)
	}
	if r, preds, ok := u.pull(n, outer); ok { // also where n is not correlated
		r, err := u.node(r)
		if err != nil {
			return nil, nil, err
		}
		dom, m := d.make()
		j := &logical.Join{Kind: logical.Inner, L: dom, R: r, On: m.rename(preds)}
		return withSchema(j, append(append([]logical.Column(nil), n.Schema()...), d.columns(m)...)), m, nil
	}
	switch x := n.(type) {
	case *logical.Join:
		return u.pushJoin(x, d, outer)
	case *logical.Apply:
		return u.pushApply(x, d)
	case *logical.Union:
		return u.pushUnion(x, d)
	case *logical.Values:
		return u.pushValues(x, d)
	case *logical.Limit:
		if p, ok := belowProject(x); ok {
			return u.push(p, d)
		}
		if x.CountExpr != nil || x.OffsetExpr != nil {
			return nil, nil, errNested("a LIMIT that is a parameter")
		}
		in, s := specOf(x)
		return u.pushLimit(in, s, d)
	case *logical.TopN:
		return u.pushLimit(x.Input, limitSpec{x.Keys, x.Count, x.Offset, false}, d)
	case *logical.Aggregate:
		if len(x.Groups) == 0 || x.Sets != nil {
			return u.pushScalar(x, d)
		}
	}
	if len(n.Children()) != 1 {
		return nil, nil, errNested(n.String())
	}
	return u.pushUnary(n, d)
}

// pushUnary handles the operators that work on each outer row's part of their
// input once they know the domain's columns.
func (u *unnester) pushUnary(n logical.Node, d *domain) (logical.Node, colMap, error) {
	in, m, err := u.push(n.Children()[0], d)
	if err != nil {
		return nil, nil, err
	}
	cols := d.columns(m)
	switch x := n.(type) {
	case *logical.Filter:
		return &logical.Filter{Input: in, Preds: m.rename(x.Preds)}, m, nil
	case *logical.Sort:
		return in, m, nil // an order within a subquery means nothing above it
	case *logical.Project:
		y := x.WithExprs(m.rename(x.Exprs())).(*logical.Project)
		return &logical.Project{Input: in, Items: append(y.Items, passItems(cols)...)}, m, nil
	case *logical.Aggregate:
		y := *x.WithExprs(m.rename(x.Exprs())).(*logical.Aggregate)
		y.Input, y.Groups = in, append(y.Groups, passItems(cols)...)
		return &y, m, nil
	case *logical.Window:
		y := *x.WithExprs(m.rename(x.Exprs())).(*logical.Window)
		y.Input = in
		for _, c := range cols {
			y.PartitionBy = append(y.PartitionBy, c.Ref())
		}
		return &y, m, nil
	case *logical.TableFunc:
		y := *x.WithExprs(m.rename(x.Args)).(*logical.TableFunc)
		y.Input = in
		return &y, m, nil
	}
	return nil, nil, errNested(n.String())
}

// pushScalar groups by the domain's columns, and gives the outer values without
// a group what an aggregate over no rows gives.
func (u *unnester) pushScalar(x *logical.Aggregate, d *domain) (logical.Node, colMap, error) {
	in, m, err := u.push(x.Input, d)
	if err != nil {
		return nil, nil, err
	}
	g := *x.WithExprs(m.rename(x.Exprs())).(*logical.Aggregate)
	first := len(g.Groups)
	g.Input, g.Groups = in, append(g.Groups, passItems(d.columns(m))...)
	if x.Sets == nil {
		return u.fillEmpty(x, &g, d, m)
	}
	g.Sets = nil
	for _, s := range x.Sets {
		if len(s) == 0 {
			return nil, nil, errNested("an empty grouping set")
		}
		set := append([]int(nil), s...)
		for i := range d.cols {
			set = append(set, first+i)
		}
		g.Sets = append(g.Sets, set)
	}
	return &g, m, nil
}

func (u *unnester) fillEmpty(x, g *logical.Aggregate, d *domain, m colMap) (logical.Node, colMap, error) {
	var items []logical.Item
	for i, c := range g.Aggs {
		if !countsRows(c) {
			c.Col.Field.Nullable = true
			items = append(items, logical.Item{Col: c.Col, Expr: c.Col.Ref()})
			continue
		}
		raw := u.ids.NewColumn(c.Col.Field.Name, c.Col.Field.Type, false)
		g.Aggs[i].Col = raw
		items = append(items, logical.Item{Col: x.Aggs[i].Col, Expr: orZero(raw)})
	}
	dom, all := d.make()
	j := &logical.Join{Kind: logical.Left, L: dom, R: g, On: d.same(all, m)}
	return &logical.Project{Input: j, Items: append(items, passItems(d.columns(all))...)}, all, nil
}

func (u *unnester) pushLimit(input logical.Node, s limitSpec, d *domain) (logical.Node, colMap, error) {
	in, m, err := u.push(input, d)
	if err != nil {
		return nil, nil, err
	}
	var part []expr.Expr
	for _, c := range d.columns(m) {
		part = append(part, c.Ref())
	}
	s.keys = append([]logical.SortKey(nil), s.keys...)
	for i := range s.keys {
		s.keys[i].Expr = logical.Rename(s.keys[i].Expr, m.ids())
	}
	out := u.limitWithin(in, s, part)
	if out == nil {
		return nil, nil, errNested("LIMIT")
	}
	return withSchema(out, in.Schema()), m, nil
}

// pushJoin gives the domain to the sides that depend on it, and always to the
// side whose rows a join preserves.
func (u *unnester) pushJoin(x *logical.Join, d *domain, outer expr.ColumnSet) (logical.Node, colMap, error) {
	if x.Kind == logical.Right {
		y := *x
		y.Kind, y.L, y.R = logical.Left, x.R, x.L
		return u.push(withSchema(&y, x.Schema()), d)
	}
	y := *x
	var err error
	onlyRight := x.Kind == logical.Inner && !refersTo(x.L, outer) && refersTo(x.R, outer)
	if onlyRight {
		var m colMap
		if y.L, err = u.node(x.L); err != nil {
			return nil, nil, err
		}
		if y.R, m, err = u.push(x.R, d); err != nil {
			return nil, nil, err
		}
		y.On = m.rename(x.On)
		return &y, m, nil
	}
	var m colMap
	if y.L, m, err = u.push(x.L, d); err != nil {
		return nil, nil, err
	}
	y.On = m.rename(x.On)
	if x.Kind != logical.Full && !refersTo(x.R, outer) {
		y.R, err = u.node(x.R)
		return &y, m, err
	}
	r, rm, err := u.push(x.R, d)
	if err != nil {
		return nil, nil, err
	}
	y.R = r
	y.On = concat(d.same(m, rm), y.On)
	if x.Kind != logical.Full {
		return &y, m, nil
	}
	return u.fullDomain(x, &y, d, m, rm)
}

// fullDomain merges the two copies of the domain that a full join yields.
func (u *unnester) fullDomain(x, y *logical.Join, d *domain, l, r colMap) (logical.Node, colMap, error) {
	items := passItems(x.Schema())
	m := colMap{}
	for _, c := range d.cols {
		col := l[c.ID]
		col.ID = u.ids.Next()
		m[c.ID] = col
		items = append(items, logical.Item{Col: col, Expr: &expr.Coalesce{
			Args: []expr.Expr{l[c.ID].Ref(), r[c.ID].Ref()}, Typ: col.Field.Type}})
	}
	return &logical.Project{Input: y, Items: items}, m, nil
}

// pushApply gives the domain to the left side of a nested Apply; its right side
// then depends on nothing further out.
func (u *unnester) pushApply(x *logical.Apply, d *domain) (logical.Node, colMap, error) {
	l, m, err := u.push(x.L, d)
	if err != nil {
		return nil, nil, err
	}
	y := *x
	y.L, y.R, y.On = l, renameTree(x.R, m), m.rename(x.On)
	n, err := u.apply(&y)
	return n, m, err
}

func (u *unnester) pushUnion(x *logical.Union, d *domain) (logical.Node, colMap, error) {
	y := &logical.Union{Cols: append([]logical.Column(nil), x.Cols...)}
	m := colMap{}
	for _, c := range d.cols {
		c.ID = u.ids.Next()
		y.Cols = append(y.Cols, c)
	}
	for i, c := range d.cols {
		m[c.ID] = y.Cols[len(x.Cols)+i]
	}
	for _, in := range x.Inputs {
		n, im, err := u.push(in, d)
		if err != nil {
			return nil, nil, err
		}
		cols := append(append([]logical.Column(nil), in.Schema()...), d.columns(im)...)
		y.Inputs = append(y.Inputs, withSchema(n, cols))
	}
	return y, m, nil
}

// pushValues makes of each row a projection of the domain.
func (u *unnester) pushValues(x *logical.Values, d *domain) (logical.Node, colMap, error) {
	y := &logical.Union{}
	for i, row := range x.Rows {
		dom, m := d.make()
		var items []logical.Item
		for j, c := range x.Cols {
			if len(x.Rows) > 1 || i > 0 {
				c.ID = u.ids.Next()
			}
			items = append(items, logical.Item{Col: c, Expr: m.rename(row[j : j+1])[0]})
		}
		p := &logical.Project{Input: dom, Items: append(items, passItems(d.columns(m))...)}
		if len(x.Rows) == 1 {
			return p, m, nil
		}
		y.Inputs = append(y.Inputs, p)
	}
	m := colMap{}
	y.Cols = append(y.Cols, x.Cols...)
	for _, c := range d.cols {
		out := c
		out.ID = u.ids.Next()
		y.Cols = append(y.Cols, out)
		m[c.ID] = out
	}
	return y, m, nil
}
