package analyzer

import (
	"errors"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// functionItem binds a function in FROM; its arguments may refer to items on its left.
func (b *binder) functionItem(t *ast.TableSource, f core.From, k *block, left []*source) (*source, error) {
	view := k.over(concat(left), inFunction)
	calls := f.Calls
	if len(calls) == 1 {
		calls = unnestEach(calls[0])
	}
	if len(f.Types) > 0 {
		return nil, b.unsupported(f.Calls[0], "a column definition list")
	}
	if len(calls) != 1 {
		return b.rowsFrom(f, calls, view)
	}
	return b.oneFunction(f, calls[0], view, f.Ordinality)
}

// unnestEach writes unnest(a, b) as unnest(a), unnest(b), which ROWS FROM zips.
func unnestEach(n ast.ExprNode) []ast.ExprNode {
	c, ok := core.Unparen(n).(*ast.FuncCallExpr)
	if !ok || c.FnName.O != "unnest" || len(c.Args) < 2 {
		return []ast.ExprNode{n}
	}
	var out []ast.ExprNode
	for _, a := range c.Args {
		one := *c
		one.Args = []ast.ExprNode{a}
		out = append(out, &one)
	}
	return out
}

// oneFunction binds a single call: of the registry, of a connector, or a scalar as a one-row table.
func (b *binder) oneFunction(f core.From, n ast.ExprNode, view *block, ordinality bool) (*source, error) {
	c, ok := core.Unparen(n).(*ast.FuncCallExpr)
	if !ok {
		return nil, b.unsupported(n, "this expression in FROM")
	}
	r := &relation{alias: f.Alias}
	name := c.FnName.O
	if _, _, marker := core.Call(c); marker {
		return b.scalarItem(f, n, view, ordinality, r, f.Alias)
	}
	if b.reg.isTable(name) {
		return b.tableCall(f, c, view, ordinality, r)
	}
	if len(function.Scalars(name)) == 0 && !b.reg.isAggregate(name) && !b.reg.isWindow(name) {
		src, err := b.connectorFunction(c, view, r)
		if src != nil && ordinality {
			return nil, b.unsupported(c, "WITH ORDINALITY or ROWS FROM over a connector's function")
		}
		if src != nil || err != nil {
			return src, err
		}
	}
	return b.scalarItem(f, n, view, ordinality, r, name)
}

func (b *binder) tableCall(f core.From, c *ast.FuncCallExpr, view *block, ordinality bool, r *relation) (*source, error) {
	args, err := b.exprs(c.Args, view)
	if err != nil {
		return nil, err
	}
	fn, err := b.tableFunc(c.FnName.O, args, c)
	if err != nil {
		return nil, err
	}
	n := &logical.TableFunc{Input: stack(oneRow(), view.where), Func: fn.table, Args: fn.args, WithOrdinality: ordinality}
	fields := fn.table.Columns(plainTypes(fn.args))
	for _, field := range fields {
		if len(fields) == 1 && field.Name != "" && f.Alias != "" && isScalarResult(c.FnName.O, field.Name) {
			field.Name = f.Alias // a function of one column: its column is named like the alias
		}
		n.Cols = append(n.Cols, logical.Column{ID: b.ids.Next(), Field: field})
	}
	if ordinality {
		n.Cols = append(n.Cols, b.ids.NewColumn("ordinality", types.Of(types.Int8), false))
	}
	src := newSource(n, r, n.Cols)
	src.lateral = view.src.lateral
	return src, nil
}

// isScalarResult reports a function that returns SETOF a scalar: its only column
// is named like itself.
func isScalarResult(function, column string) bool { return function == column }

// scalarItem is a scalar function in FROM: one row of one column.
func (b *binder) scalarItem(f core.From, n ast.ExprNode, view *block, ordinality bool, r *relation, name string) (*source, error) {
	e, err := b.expr(n, view)
	if err != nil {
		return nil, err
	}
	if e.Type().Kind == types.Unknown {
		if e, err = b.coerce(e, types.Of(types.Text), n); err != nil {
			return nil, err
		}
	}
	label := f.Alias
	if label == "" {
		label = name
	}
	cols := []logical.Column{b.ids.NewColumn(label, e.Type(), true)}
	items := []logical.Item{{Col: cols[0], Expr: e}}
	if ordinality {
		c := b.ids.NewColumn("ordinality", types.Of(types.Int8), false)
		cols = append(cols, c)
		items = append(items, logical.Item{Col: c, Expr: &expr.Literal{Value: value.Int8(1)}})
	}
	src := newSource(&logical.Project{Input: stack(oneRow(), view.where), Items: items}, r, cols)
	src.lateral = view.src.lateral
	return src, nil
}

// connectorFunction asks the current catalog's connector, then the others; nil
// if none knows the function.
func (b *binder) connectorFunction(c *ast.FuncCallExpr, view *block, r *relation) (*source, error) {
	args, err := b.exprs(c.Args, view)
	if err != nil {
		return nil, err
	}
	values := make([]value.Value, len(args))
	constant := true
	for i, a := range args {
		l, ok := a.(*expr.Literal)
		if constant = constant && ok; !constant {
			break
		}
		values[i] = l.Value
		if l.Value.Type.Kind == types.Unknown {
			values[i].Type = types.Of(types.Text)
		}
	}
	for _, name := range append([]string{b.s.Database}, b.s.Catalogs.Names()...) {
		conn, ok := b.s.Catalogs.Connector(name)
		if !ok {
			continue
		}
		tf, ok := conn.(TableFunctionConnector)
		if !ok || !constant {
			continue
		}
		t, err := tf.TableFunction(b.ctx, c.FnName.O, values)
		if errors.Is(err, catalog.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, b.place(err, c)
		}
		return b.scan(&logical.Scan{Catalog: name, Name: c.FnName.O, Alias: r.alias, Table: t}, r), nil
	}
	return nil, nil
}

// rowsFrom zips several functions by their row numbers.
func (b *binder) rowsFrom(f core.From, calls []ast.ExprNode, view *block) (*source, error) {
	parts := make([]zipped, len(calls))
	for i, c := range calls {
		part := f
		part.Alias = ""
		src, err := b.oneFunction(part, c, view, true)
		if err != nil {
			return nil, err
		}
		own := src.plan.Schema()
		own = own[len(own)-len(src.cols):]
		parts[i] = zipped{src.plan, own[:len(own)-1], own[len(own)-1]}
	}
	all, err := b.zip(parts)
	if err != nil {
		return nil, err
	}
	if f.Ordinality {
		all.cols = append(all.cols, all.ord)
	}
	src := newSource(all.plan, &relation{alias: f.Alias}, all.cols)
	src.lateral = view.src.lateral
	return src, nil
}
