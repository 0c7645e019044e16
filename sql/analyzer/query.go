package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// query binds a query expression. Its plan's schema is the query's columns in
// order. keepUnknown leaves untyped constants untyped, for set operations.
func (b *binder) query(n ast.ResultSetNode, parent *block, w *with, keepUnknown bool) (logical.Node, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	switch x := n.(type) {
	case *ast.SelectStmt:
		inner, err := b.bindWith(x.With, parent, w)
		if err != nil {
			return nil, err
		}
		if x.Kind == ast.SelectStmtKindValues {
			return b.values(x, parent, inner, keepUnknown)
		}
		return b.selectStmt(x, parent, inner, keepUnknown)
	case *ast.SetOprStmt:
		inner, err := b.bindWith(x.With, parent, w)
		if err != nil {
			return nil, err
		}
		return b.setStmt(x, parent, inner)
	case *ast.SubqueryExpr:
		return b.query(x.Query, parent, w, keepUnknown)
	}
	return nil, sqlerr.New(sqlerr.Internal, "unknown query node %T", n)
}

// values binds VALUES as the plan of its rows.
func (b *binder) values(s *ast.SelectStmt, parent *block, w *with, keepUnknown bool) (logical.Node, error) {
	k := newBlock(parent, w)
	k.src.plan, k.clause = oneRow(), inValues
	width := len(s.Lists[0].Values)
	rows := make([][]expr.Expr, len(s.Lists))
	for i, l := range s.Lists {
		if len(l.Values) != width {
			return nil, b.errorAt(l.Values[0], sqlerr.Syntax, "VALUES lists must all be the same length")
		}
		rows[i] = make([]expr.Expr, width)
		for j, v := range l.Values {
			e, err := b.expr(v, k)
			if err != nil {
				return nil, err
			}
			rows[i][j] = e
		}
	}
	cols := make([]logical.Column, width)
	for j := range cols {
		t, err := b.unifyColumn(rows, j, "VALUES", s, keepUnknown)
		if err != nil {
			return nil, err
		}
		cols[j] = b.ids.NewColumn(columnN(j+1), t, true)
	}
	if len(k.where) > 0 || hasColumns(rows) {
		return b.wideValues(k, cols, rows)
	}
	plan := logical.Node(&logical.Values{Cols: cols, Rows: rows})
	return b.tail(&selection{k: k, src: s}, plan, s.OrderBy)
}

func hasColumns(rows [][]expr.Expr) bool {
	for _, r := range rows {
		if len(expr.Columns(r...)) > 0 {
			return true
		}
	}
	return false
}

// wideValues writes VALUES with subqueries or outer references as a union of projections.
func (b *binder) wideValues(k *block, cols []logical.Column, rows [][]expr.Expr) (logical.Node, error) {
	base := stack(oneRow(), k.where)
	if len(rows) == 1 {
		items := make([]logical.Item, len(cols))
		for j, e := range rows[0] {
			items[j] = logical.Item{Col: cols[j], Expr: e}
		}
		return &logical.Project{Input: base, Items: items}, nil
	}
	u := &logical.Union{Cols: cols}
	for _, r := range rows {
		in, m := logical.CloneFresh(base, b.ids)
		items := make([]logical.Item, len(cols))
		for j, e := range r {
			c := b.ids.NewColumn(cols[j].Field.Name, cols[j].Field.Type, true)
			items[j] = logical.Item{Col: c, Expr: logical.Rename(e, m)}
		}
		u.Inputs = append(u.Inputs, &logical.Project{Input: in, Items: items})
	}
	return u, nil
}

// unifyColumn coerces column j of all rows to one type.
func (b *binder) unifyColumn(rows [][]expr.Expr, j int, what string, n ast.Node, keepUnknown bool) (types.Type, error) {
	es := make([]expr.Expr, len(rows))
	for i := range rows {
		es[i] = rows[i][j]
	}
	if keepUnknown && allUnknown(es) {
		return types.Of(types.Unknown), nil
	}
	t, err := b.unify(es, what, nil)
	if err != nil {
		return t, err
	}
	for i := range rows {
		rows[i][j] = es[i]
	}
	return t, nil
}

func allUnknown(es []expr.Expr) bool {
	for _, e := range es {
		if e.Type().Kind != types.Unknown {
			return false
		}
	}
	return true
}
