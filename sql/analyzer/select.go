package analyzer

import (
	"strconv"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// field is an entry of the select list after * is expanded.
type field struct {
	name  string
	node  ast.ExprNode // nil for a column of *
	star  ast.Node     // where * stands
	col   *visible
	bound expr.Expr // bound already: a field of a composite value
	group int       // position of the GROUP BY item that is this field, or -1
}

// sortItem is a key of ORDER BY: an output column or an expression of its own.
type sortItem struct {
	item int // position in items
	key  core.SortKey
}

// selection is a SELECT while it is built.
type selection struct {
	k           *block
	src         ast.Node
	setOp       bool // the source is a finished plan; ORDER BY sees its columns only
	keepUnknown bool
	fields      []field
	items       []expr.Expr // the select list, then what ORDER BY and DISTINCT ON need besides
	distinct    bool
	distinctOn  []int // positions in items
	order       []sortItem
	wherePred   expr.Expr
	havingPred  expr.Expr
}

func columnN(n int) string { return "column" + strconv.Itoa(n) }

// selectStmt binds a SELECT, clause by clause, and builds its plan.
func (b *binder) selectStmt(s *ast.SelectStmt, parent *block, w *with, keepUnknown bool) (logical.Node, error) {
	k := newBlock(parent, w)
	sel := &selection{k: k, src: s, distinct: s.Distinct, keepUnknown: keepUnknown}
	if err := b.from(s.From, k); err != nil {
		return nil, err
	}
	if err := b.where(s, sel); err != nil {
		return nil, err
	}
	if err := b.windowDefs(s, k); err != nil {
		return nil, err
	}
	on, err := b.expandFields(s, sel)
	if err != nil {
		return nil, err
	}
	if err := b.groupBy(s, sel); err != nil {
		return nil, err
	}
	if err := b.selectList(sel); err != nil {
		return nil, err
	}
	if s.Having != nil {
		k.clause, k.isGrouped = inHaving, true
		if sel.havingPred, err = b.boolean(s.Having.Expr, k, "HAVING"); err != nil {
			return nil, err
		}
	}
	keys, limit := core.SplitLimit(s.OrderBy)
	if err := b.orderBy(keys, sel); err != nil {
		return nil, err
	}
	if err := b.bindDistinctOn(on, sel); err != nil {
		return nil, err
	}
	return b.build(sel, limit)
}

func (b *binder) where(s *ast.SelectStmt, sel *selection) error {
	if s.Where == nil {
		return nil
	}
	k := sel.k
	k.clause = inWhere
	e, err := b.boolean(s.Where, k, "WHERE")
	if err != nil {
		return err
	}
	sel.wherePred = e
	return nil
}

// expandFields expands * and takes DISTINCT ON off the list.
func (b *binder) expandFields(s *ast.SelectStmt, sel *selection) ([]ast.ExprNode, error) {
	var on []ast.ExprNode
	if s.Fields == nil {
		return nil, nil
	}
	for i, f := range s.Fields.Fields {
		if f.WildCard != nil {
			cols, err := b.starColumns(f, sel.k)
			if err != nil {
				return nil, err
			}
			for j := range cols {
				if isHidden(cols[j].name) || cols[j].system {
					continue
				}
				sel.fields = append(sel.fields, field{name: cols[j].name, col: &cols[j], star: starNode(f), group: -1})
			}
			continue
		}
		if args, ok := core.IsCall(f.Expr, core.DistinctOn); ok && i == 0 {
			on = args
			continue
		}
		if _, ok := core.IsCall(f.Expr, core.Omitted); ok {
			continue
		}
		if _, ok := core.IsCall(f.Expr, core.Star); ok { // (x).*
			return nil, b.unsupported(f.Expr, "expansion of a composite value")
		}
		parts, err := b.compositeFields(f, sel)
		if err != nil {
			return nil, err
		}
		if parts == nil {
			parts = []field{{name: fieldName(f), node: f.Expr, group: -1}}
		}
		sel.fields = append(sel.fields, parts...)
	}
	return on, nil
}

// fieldName is the name of a result column; the lowering wrote Postgres' label as alias where it is one.
func fieldName(f *ast.SelectField) string {
	if f.AsName.O != "" {
		return f.AsName.O
	}
	if c, ok := core.Unparen(f.Expr).(*ast.ColumnNameExpr); ok {
		return c.Name.Name.O
	}
	return "?column?"
}

// selectList binds the fields.
func (b *binder) selectList(sel *selection) error {
	k := sel.k
	k.clause = inSelect
	for i := range sel.fields {
		e, err := b.fieldExpr(&sel.fields[i], k)
		if err != nil {
			return err
		}
		if e.Type().Kind == types.Unknown && (!sel.keepUnknown || sel.distinct) {
			if e, err = b.coerce(e, types.Of(types.Text), nil); err != nil {
				return err
			}
		}
		sel.items = append(sel.items, e)
	}
	return nil
}

// fieldExpr binds one field; one that GROUP BY bound already is that group.
func (b *binder) fieldExpr(f *field, k *block) (expr.Expr, error) {
	if f.group >= 0 {
		return k.groups[f.group].Expr, nil
	}
	if f.bound != nil {
		return f.bound, nil
	}
	if f.col != nil {
		return b.reference(f.star, f.col, k), nil
	}
	return b.expr(f.node, k)
}

// orderBy resolves sort keys: a position, a result column's name, or an expression.
func (b *binder) orderBy(keys []core.SortKey, sel *selection) error {
	sel.k.clause = inOrderBy
	for _, key := range keys {
		i, err := b.outputOf(key.Expr, sel, "ORDER BY")
		if err != nil {
			return err
		}
		if i < 0 {
			if i, err = b.sortExpr(key.Expr, sel); err != nil {
				return err
			}
		}
		sel.order = append(sel.order, sortItem{i, key})
	}
	return nil
}

// outputOf finds the select list's entry that an item of ORDER BY or DISTINCT
// ON names; -1 if it is an expression.
func (b *binder) outputOf(n ast.ExprNode, sel *selection, what string) (int, error) {
	switch x := core.Unparen(n).(type) {
	case *core.Value:
		pos, ok := x.V.(int64)
		if !ok {
			return -1, b.errorAt(x, sqlerr.Syntax, "non-integer constant in %s", what)
		}
		if pos < 1 || int(pos) > len(sel.fields) {
			return -1, b.errorAt(x, sqlerr.InvalidColumnReference, "%s position %d is not in select list", what, pos)
		}
		return int(pos) - 1, nil
	case *ast.ColumnNameExpr:
		parts := columnParts(x.Name)
		if len(parts) > 1 {
			return -1, nil
		}
		return b.namedOutput(x, parts[0], sel, what)
	}
	return -1, nil
}

// namedOutput finds an output column by name; two different ones are ambiguous.
func (b *binder) namedOutput(n ast.Node, name string, sel *selection, what string) (int, error) {
	hit := -1
	for i, f := range sel.fields {
		if f.name != name {
			continue
		}
		if hit >= 0 && !expr.Equal(sel.items[hit], sel.items[i]) {
			return -1, b.errorAt(n, sqlerr.AmbiguousColumn, "%s \"%s\" is ambiguous", what, name)
		}
		if hit < 0 {
			hit = i
		}
	}
	return hit, nil
}

// sortExpr binds an expression of ORDER BY or DISTINCT ON; it becomes a hidden
// item unless the list has it.
func (b *binder) sortExpr(n ast.ExprNode, sel *selection) (int, error) {
	if sel.setOp {
		return 0, b.setOrderError(n, sel)
	}
	e, err := b.expr(n, sel.k)
	if err != nil {
		return 0, err
	}
	if e.Type().Kind == types.Unknown {
		if e, err = b.coerce(e, types.Of(types.Text), n); err != nil {
			return 0, err
		}
	}
	key := expr.Key(e)
	for i, it := range sel.items {
		if !expr.Volatile(e) && expr.Key(it) == key {
			return i, nil
		}
	}
	if sel.distinct {
		return 0, b.errorAt(n, sqlerr.InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
	}
	sel.items = append(sel.items, e)
	return len(sel.items) - 1, nil
}

func (b *binder) setOrderError(n ast.ExprNode, sel *selection) error {
	if c, ok := core.Unparen(n).(*ast.ColumnNameExpr); ok {
		parts := columnParts(c.Name)
		if len(parts) == 1 {
			return b.errorAt(n, sqlerr.UndefinedColumn, "column \"%s\" does not exist", parts[0])
		}
		return b.missingRelation(n, parts, sel.k)
	}
	return b.errorFrom(n, sqlerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
		WithDetail("Only result column names can be used, not expressions or functions.").
		WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
}

// bindDistinctOn resolves DISTINCT ON, which must agree with the first sort keys.
func (b *binder) bindDistinctOn(on []ast.ExprNode, sel *selection) error {
	if on == nil {
		return nil
	}
	sel.k.clause = inDistinctOn
	set := map[int]bool{}
	for _, n := range on {
		i, err := b.outputOf(n, sel, "DISTINCT ON")
		if err == nil && i < 0 {
			i, err = b.sortExpr(n, sel)
		}
		if err != nil {
			return err
		}
		if !set[i] {
			set[i] = true
			sel.distinctOn = append(sel.distinctOn, i)
		}
	}
	matched := map[int]bool{}
	for _, o := range sel.order {
		if len(matched) < len(set) && !set[o.item] {
			return b.errorAt(on[0], sqlerr.InvalidColumnReference,
				"SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
		}
		matched[o.item] = true
	}
	return nil
}
