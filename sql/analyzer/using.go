package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// using completes a join by column names: out gets its plan, and one merged
// column for each name in front of the others.
func (b *binder) using(n *ast.Join, names []*core.Value, j core.Join, kind logical.JoinKind, l, r, out *source) error {
	var on []expr.Expr
	var merged []visible
	var computed []logical.Item
	used := map[expr.ColumnID]bool{}
	seen := map[string]bool{}
	for _, v := range names {
		name := v.GetString()
		if seen[name] {
			return b.errorAt(nil, sqlerr.DuplicateColumn, "column name \"%s\" appears more than once in USING clause", name)
		}
		seen[name] = true
		lc, err := b.usingColumn(v, l, "left")
		if err != nil {
			return err
		}
		rc, err := b.usingColumn(v, r, "right")
		if err != nil {
			return err
		}
		used[lc.col.ID], used[rc.col.ID] = true, true
		eq, err := b.operator("=", []expr.Expr{lc.col.Ref(), rc.col.Ref()}, v)
		if err != nil {
			return err
		}
		on = append(on, eq)
		m, item := b.mergeColumn(name, kind, lc.col, rc.col)
		merged = append(merged, m)
		if item != nil {
			computed = append(computed, *item)
		}
	}
	plan, err := b.combine(kind, l, r, on)
	if err != nil {
		return err
	}
	if len(computed) > 0 {
		plan = &logical.Project{Input: plan, Items: append(passThrough(plan.Schema()), computed...)}
	}
	out.plan = plan
	b.mergeNames(out, merged, used, kind, l, r)
	if j.Alias != "" {
		out.rels = append(out.rels, &relation{alias: j.Alias, cols: merged})
	}
	return nil
}

func (b *binder) mergeNames(out *source, merged []visible, used map[expr.ColumnID]bool, kind logical.JoinKind, l, r *source) {
	out.cols = merged
	sides := []*source{l, r}
	if kind == logical.Semi || kind == logical.Anti {
		sides, out.rels = sides[:1], l.rels
	}
	for _, s := range sides {
		for _, c := range s.cols {
			if !used[c.col.ID] {
				out.cols = append(out.cols, c)
			}
		}
	}
}

func passThrough(cols []logical.Column) []logical.Item {
	items := make([]logical.Item, len(cols))
	for i, c := range cols {
		items[i] = logical.Item{Col: c, Expr: c.Ref()}
	}
	return items
}

// usingColumn finds a column by name in one side of a join.
func (b *binder) usingColumn(v *core.Value, s *source, side string) (*visible, error) {
	var hit *visible
	name := v.GetString()
	for i := range s.cols {
		if s.cols[i].name != name {
			continue
		}
		if hit != nil {
			return nil, b.errorAt(nil, sqlerr.AmbiguousColumn, "common column name \"%s\" appears more than once in %s table", name, side)
		}
		hit = &s.cols[i]
	}
	if hit == nil {
		return nil, b.errorAt(nil, sqlerr.UndefinedColumn, "column \"%s\" specified in USING clause does not exist in %s table", name, side)
	}
	return hit, nil
}

// mergeColumn gives the merged column, and how it is computed if it is not one
// of the two.
func (b *binder) mergeColumn(name string, kind logical.JoinKind, l, r logical.Column) (visible, *logical.Item) {
	t, _ := commonType([]types.Type{l.Field.Type, r.Field.Type})
	switch {
	case kind == logical.Right && r.Field.Type == t:
		return visible{name: name, col: r}, nil
	case kind != logical.Full && kind != logical.Right && l.Field.Type == t:
		return visible{name: name, col: l}, nil
	case kind == logical.Inner && r.Field.Type == t:
		return visible{name: name, col: r}, nil
	}
	le, re := b.castTo(l.Ref(), t), b.castTo(r.Ref(), t)
	e := le
	nullable := l.Field.Nullable
	switch kind {
	case logical.Full:
		e = &expr.Coalesce{Args: []expr.Expr{le, re}, Typ: t}
		nullable = l.Field.Nullable || r.Field.Nullable
	case logical.Right:
		e, nullable = re, r.Field.Nullable
	}
	c := b.ids.NewColumn(name, t, nullable)
	return visible{name: name, col: c}, &logical.Item{Col: c, Expr: e}
}
