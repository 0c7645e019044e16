package logical

import "github.com/flintsql/flint/sql/expr"

// CloneFresh copies a subtree, giving every column it defines a new ID, and
// returns the mapping from old to new. It is the only way to copy a subtree.
// References to columns from outside (correlation) stay.
func CloneFresh(n Node, ids *IDs) (Node, map[expr.ColumnID]expr.ColumnID) {
	c := cloner{ids: ids, m: map[expr.ColumnID]expr.ColumnID{}}
	return c.node(n), c.m
}

// Rename replaces column references by a mapping.
func Rename(e expr.Expr, m map[expr.ColumnID]expr.ColumnID) expr.Expr {
	return expr.Transform(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			if id, ok := m[c.ID]; ok {
				return &expr.Column{ID: id, Name: c.Name, Typ: c.Typ}
			}
		}
		return x
	})
}

type cloner struct {
	ids *IDs
	m   map[expr.ColumnID]expr.ColumnID
}

func (c *cloner) col(x Column) Column {
	if x.ID == 0 {
		return x
	}
	if id, ok := c.m[x.ID]; ok {
		x.ID = id
		return x
	}
	id := c.ids.Next()
	c.m[x.ID] = id
	x.ID = id
	return x
}

func (c *cloner) cols(xs []Column) []Column {
	out := make([]Column, len(xs))
	for i, x := range xs {
		out[i] = c.col(x)
	}
	return out
}

func (c *cloner) items(xs []Item) []Item {
	out := make([]Item, len(xs))
	for i, x := range xs {
		out[i] = Item{c.col(x.Col), x.Expr}
	}
	return out
}

func (c *cloner) node(n Node) Node {
	if _, ok := n.(*Reuse); !ok { // a reused subplan is shared, not copied
		kids := n.Children()
		fresh := make([]Node, len(kids))
		for i, k := range kids {
			fresh[i] = c.node(k)
		}
		n = n.WithChildren(fresh)
	}
	n = c.define(n)
	es := n.Exprs()
	if len(es) == 0 {
		return n
	}
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = Rename(e, c.m)
	}
	return n.WithExprs(out)
}

// define gives new IDs to the columns that n itself defines.
func (c *cloner) define(n Node) Node {
	switch x := n.(type) {
	case *Scan:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *Values:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *Fetch:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *TableFunc:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *Reuse:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *Union:
		y := *x
		y.Cols = c.cols(x.Cols)
		return &y
	case *Project:
		return &Project{x.Input, c.items(x.Items)}
	case *Join:
		y := *x
		y.MarkCol = c.col(x.MarkCol)
		return &y
	case *Apply:
		y := *x
		y.MarkCol = c.col(x.MarkCol)
		return &y
	case *Aggregate:
		y := *x
		y.Groups = c.items(x.Groups)
		y.Aggs = append([]AggCall(nil), x.Aggs...)
		for i := range y.Aggs {
			y.Aggs[i].Col = c.col(y.Aggs[i].Col)
		}
		y.GroupingID = c.col(x.GroupingID)
		return &y
	case *Window:
		y := *x
		y.Calls = append([]WindowCall(nil), x.Calls...)
		for i := range y.Calls {
			y.Calls[i].Col = c.col(y.Calls[i].Col)
		}
		return &y
	}
	return n
}
