package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// A set-returning function of several columns in a select list is a composite
// value in Postgres (JDBC drivers select information_schema._pg_expandarray so).
// Here it becomes one hidden column for each field, named by hiddenName, which
// only (x).field can refer to.

func hiddenName(name, field string) string { return core.Prefix + name + "." + field }

func isHidden(name string) bool { return strings.HasPrefix(name, core.Prefix) }

// setCall tells whether n calls a set-returning function.
func (b *binder) setCall(n ast.ExprNode) (*ast.FuncCallExpr, bool) {
	f, ok := core.Unparen(n).(*ast.FuncCallExpr)
	if !ok || !b.reg.isTable(f.FnName.O) || len(function.Scalars(f.FnName.O)) > 0 {
		return nil, false
	}
	return f, true
}

// compositeFields expands a field that is a composite value; nil for any other.
func (b *binder) compositeFields(f *ast.SelectField, sel *selection) ([]field, error) {
	call, ok := b.setCall(f.Expr)
	if !ok {
		return nil, nil
	}
	sel.k.clause = inSelect
	t, err := b.setFunction(call, sel.k)
	if err != nil || len(t.Cols) == 1 {
		return nil, err
	}
	var out []field
	for _, c := range t.Cols {
		out = append(out, field{name: hiddenName(fieldName(f), c.Field.Name), bound: c.Ref(), group: -1})
	}
	return out, nil
}

// compositeField binds (x).f where x is a set-returning call or a hidden
// composite column; nil if it is neither.
func (b *binder) compositeField(n ast.ExprNode, name string, k *block) (expr.Expr, error) {
	if call, ok := b.setCall(n); ok {
		t, err := b.setFunction(call, k)
		if err != nil {
			return nil, err
		}
		for _, c := range t.Cols {
			if c.Field.Name == name {
				return c.Ref(), nil
			}
		}
		return nil, b.errorFrom(n, sqlerr.UndefinedColumn, "column \"%s\" not found in data type record", name)
	}
	c, ok := core.Unparen(n).(*ast.ColumnNameExpr)
	if !ok {
		return nil, nil
	}
	parts := columnParts(c.Name)
	parts[len(parts)-1] = hiddenName(parts[len(parts)-1], name)
	for at := k; at != nil; at = at.parent {
		if len(parts) > 1 {
			r, err := b.relationIn(n, at, parts[:len(parts)-1])
			if err != nil {
				return nil, err
			}
			if r == nil || !r.has(parts[len(parts)-1]) {
				continue
			}
		}
		v, err := b.columnIn(n, at, parts)
		if err != nil {
			return nil, err
		}
		if v != nil {
			return b.reference(n, v, at), nil
		}
	}
	return nil, nil
}

func (r *relation) has(name string) bool {
	for _, c := range r.cols {
		if c.name == name {
			return true
		}
	}
	return false
}

// setFunction puts a set-returning call of the select list into the plan; equal
// calls advance together, so they are one.
func (b *binder) setFunction(x *ast.FuncCallExpr, k *block) (*logical.TableFunc, error) {
	if err := b.setAllowed(x, k.clause); err != nil {
		return nil, err
	}
	args, err := b.exprs(x.Args, k)
	if err != nil {
		return nil, err
	}
	f, err := b.tableFunc(x.FnName.O, args, x)
	if err != nil {
		return nil, err
	}
	own := k.owner()
	for _, t := range own.functions {
		if t.Func.Name == f.table.Name && sameExprs(t.Args, f.args) {
			return t, nil
		}
	}
	t := &logical.TableFunc{Func: f.table, Args: f.args}
	for _, field := range f.table.Columns(plainTypes(f.args)) {
		t.Cols = append(t.Cols, logical.Column{ID: b.ids.Next(), Field: field})
	}
	own.functions = append(own.functions, t)
	return t, nil
}

func sameExprs(a, b []expr.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !expr.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// setAllowed checks the clause of a set-returning call.
func (b *binder) setAllowed(x ast.Node, c clause) error {
	switch c {
	case inSelect, inOrderBy, inDistinctOn:
		return nil
	case inAggregate:
		return b.errorAt(x, sqlerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls")
	case inWindowArgs:
		return b.errorAt(x, sqlerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls")
	case inFunction:
		return b.errorAt(x, sqlerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM")
	}
	return b.errorAt(x, sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", clauseText[c])
}

// setReturning binds a set-returning call of one column as an expression.
func (b *binder) setReturning(x *ast.FuncCallExpr, k *block) (expr.Expr, error) {
	t, err := b.setFunction(x, k)
	if err != nil {
		return nil, err
	}
	if len(t.Cols) != 1 {
		return nil, b.unsupported(x, "a composite value in an expression")
	}
	return t.Cols[0].Ref(), nil
}
