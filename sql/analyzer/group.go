package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// groupBy binds GROUP BY into k.groups and, for grouping sets, k.sets.
func (b *binder) groupBy(s *ast.SelectStmt, sel *selection) error {
	if s.GroupBy == nil {
		return nil
	}
	k := sel.k
	k.clause, k.isGrouped = inGroupBy, true
	k.groupKeys = map[string]int{}
	sets := [][]int{nil}
	plain := true
	dedupe := false
	for _, it := range s.GroupBy.Items {
		if _, ok := core.IsCall(it.Expr, core.GroupDistinct); ok {
			dedupe = true
			continue
		}
		if _, ok := core.IsCall(it.Expr, core.GroupAll); ok {
			if err := b.groupAll(sel); err != nil {
				return err
			}
			continue
		}
		item, isSet, err := b.groupItem(it.Expr, sel)
		if err != nil {
			return err
		}
		plain = plain && !isSet
		if sets, err = b.crossSets(sets, item, it.Expr); err != nil {
			return err
		}
	}
	if plain {
		return nil
	}
	for i := range sets {
		sets[i] = unique(sets[i])
	}
	if dedupe {
		sets = distinctSets(sets)
	}
	k.sets = sets
	k.groupingID = b.ids.NewColumn("grouping_id", types.Of(types.Int8), false)
	return nil
}

// groupAll is Spark's GROUP BY ALL: all fields without an aggregate.
func (b *binder) groupAll(sel *selection) error {
	for i := range sel.fields {
		f := &sel.fields[i]
		if f.node != nil && b.hasAggregate(f.node) {
			continue
		}
		if _, err := b.groupField(f, sel.k); err != nil {
			return err
		}
	}
	return nil
}

// hasAggregate reports whether an expression calls an aggregate of its own level.
func (b *binder) hasAggregate(n ast.ExprNode) bool {
	v := &aggregateFinder{b: b}
	n.Accept(v)
	return v.found
}

type aggregateFinder struct {
	b     *binder
	found bool
}

// Enter stops at subqueries and at the first aggregate.
func (v *aggregateFinder) Enter(n ast.Node) (ast.Node, bool) {
	switch x := n.(type) {
	case *ast.SubqueryExpr:
		return n, true
	case *ast.FuncCallExpr:
		v.found = v.found || v.b.reg.isAggregate(x.FnName.O)
	}
	return n, v.found
}

// Leave does nothing.
func (v *aggregateFinder) Leave(n ast.Node) (ast.Node, bool) { return n, true }

// groupItem gives an item's grouping sets; isSet is false for a plain expression.
func (b *binder) groupItem(n ast.ExprNode, sel *selection) (sets [][]int, isSet bool, err error) {
	name, args, ok := core.Call(n)
	if !ok {
		i, err := b.groupExpr(n, sel)
		return [][]int{{i}}, false, err
	}
	switch name {
	case core.GroupList:
		set, err := b.groupList(args, sel)
		return [][]int{set}, false, err
	case core.GroupingSets:
		for _, a := range args {
			more, _, err := b.groupItem(a, sel)
			if err != nil {
				return nil, true, err
			}
			sets = append(sets, more...)
		}
		return sets, true, nil
	case core.Rollup, core.Cube:
		parts := make([][]int, len(args))
		for i, a := range args {
			more, _, err := b.groupItem(a, sel)
			if err != nil {
				return nil, true, err
			}
			parts[i] = more[0]
		}
		if name == core.Rollup {
			return rollup(parts), true, nil
		}
		if len(parts) > 12 {
			return nil, true, b.errorAt(n, sqlerr.TooManyColumns, "CUBE is limited to 12 elements")
		}
		return cube(parts), true, nil
	}
	i, err := b.groupExpr(n, sel)
	return [][]int{{i}}, false, err
}

func (b *binder) groupList(args []ast.ExprNode, sel *selection) ([]int, error) {
	var set []int
	for _, a := range args {
		more, _, err := b.groupItem(a, sel)
		if err != nil {
			return nil, err
		}
		set = append(set, more[0]...)
	}
	return set, nil
}

// groupExpr binds one expression of GROUP BY: an input column, else a result
// column's name, a position, or an expression.
func (b *binder) groupExpr(n ast.ExprNode, sel *selection) (int, error) {
	k := sel.k
	switch x := core.Unparen(n).(type) {
	case *core.Value:
		pos, ok := x.V.(int64)
		if !ok {
			return 0, b.errorAt(x, sqlerr.Syntax, "non-integer constant in GROUP BY")
		}
		return b.groupPosition(x, int(pos), sel)
	case *ast.PositionExpr:
		return b.groupPosition(x, x.N, sel)
	case *ast.ColumnNameExpr:
		parts := columnParts(x.Name)
		if len(parts) == 1 && len(k.find(parts[0])) == 0 {
			f, err := b.aliasField(x, parts[0], sel)
			if err != nil {
				return 0, err
			}
			if f != nil {
				return b.groupField(f, k)
			}
		}
	}
	e, err := b.expr(n, k)
	if err != nil {
		return 0, err
	}
	return b.addGroup(k, e, "", n)
}

func (b *binder) groupPosition(n ast.Node, pos int, sel *selection) (int, error) {
	if pos < 1 || pos > len(sel.fields) {
		return 0, b.errorAt(n, sqlerr.InvalidColumnReference, "GROUP BY position %d is not in select list", pos)
	}
	return b.groupField(&sel.fields[pos-1], sel.k)
}

// aliasField finds the field with a name; two different ones are ambiguous.
func (b *binder) aliasField(n ast.Node, name string, sel *selection) (*field, error) {
	var hit *field
	for i := range sel.fields {
		f := &sel.fields[i]
		if f.name != name {
			continue
		}
		if hit != nil && hit.node != f.node {
			return nil, b.errorAt(n, sqlerr.AmbiguousColumn, "GROUP BY \"%s\" is ambiguous", name)
		}
		hit = f
	}
	return hit, nil
}

func (b *binder) groupField(f *field, k *block) (int, error) {
	if f.group >= 0 {
		return f.group, nil
	}
	e, err := b.fieldExpr(f, k)
	if err != nil {
		return 0, err
	}
	f.group, err = b.addGroup(k, e, f.name, f.node)
	return f.group, err
}

// addGroup adds a group unless it is there. A column keeps its ID, except
// under grouping sets, where its value may become NULL: see settleGroups.
func (b *binder) addGroup(k *block, e expr.Expr, name string, n ast.Node) (int, error) {
	if e.Type().Kind == types.Unknown {
		var err error
		if e, err = b.coerce(e, types.Of(types.Text), n); err != nil {
			return 0, err
		}
	}
	if t := e.Type(); t.Kind == types.JSON {
		return 0, b.errorAt(n, sqlerr.UndefinedFunction, "could not identify an equality operator for type %s", t)
	}
	key := expr.Key(e)
	if i, ok := k.groupKeys[key]; ok {
		return i, nil
	}
	c, isColumn := e.(*expr.Column)
	col := b.ids.NewColumn(name, e.Type(), true)
	if isColumn {
		col = logical.Column{ID: c.ID, Field: types.Field{Name: c.Name, Type: c.Typ, Nullable: true}}
	} else if name == "" {
		col.Field.Name = e.String()
	}
	k.groupKeys[key] = len(k.groups)
	k.groups = append(k.groups, logical.Item{Col: col, Expr: e})
	return len(k.groups) - 1, nil
}

// grouping binds GROUPING(…).
func (b *binder) grouping(x ast.Node, args []ast.ExprNode, k *block) (expr.Expr, error) {
	if len(args) > 31 {
		return nil, b.errorAt(x, sqlerr.TooManyArguments, "GROUPING must have fewer than 32 arguments")
	}
	var groups []int
	for _, a := range args {
		e, err := b.expr(a, k)
		if err != nil {
			return nil, err
		}
		i, ok := k.groupKeys[expr.Key(e)]
		if !ok {
			return nil, b.errorAt(a, sqlerr.Grouping, "arguments to GROUPING must be grouping expressions of the associated query level")
		}
		groups = append(groups, i)
	}
	if k.sets == nil {
		return &expr.Literal{Value: value.Int4(0)}, nil
	}
	return b.groupingValue(groups, k)
}

// groupingValue computes GROUPING from the number of the grouping set.
func (b *binder) groupingValue(groups []int, k *block) (expr.Expr, error) {
	id := k.groupingID.Ref()
	out := &expr.Case{Typ: types.Of(types.Int4), Else: &expr.Literal{Value: value.Int4(0)}}
	for n, set := range k.sets {
		in := map[int]bool{}
		for _, i := range set {
			in[i] = true
		}
		bits := int32(0)
		for _, i := range groups {
			bits <<= 1
			if !in[i] {
				bits |= 1
			}
		}
		if bits == 0 {
			continue
		}
		eq, err := b.operator("=", []expr.Expr{id, &expr.Literal{Value: value.Int8(int64(n))}}, nil)
		if err != nil {
			return nil, err
		}
		out.Whens = append(out.Whens, expr.When{Cond: eq, Result: &expr.Literal{Value: value.Int4(bits)}})
	}
	if len(out.Whens) == 0 {
		return out.Else, nil
	}
	return out, nil
}
