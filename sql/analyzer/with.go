package analyzer

import (
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// with is a chain of visible CTEs, innermost first.
type with struct {
	next      *with
	name      string
	plan      logical.Node
	cols      []string // names of the plan's columns
	id        int
	recursive bool // being bound under WITH RECURSIVE: a reference is a recursion
}

// bindWith binds a WITH clause: each CTE sees those before it.
func (b *binder) bindWith(w *ast.WithClause, parent *block, outer *with) (*with, error) {
	if w == nil {
		return outer, nil
	}
	frame := outer
	names := map[string]bool{}
	for _, c := range w.CTEs {
		if names[c.Name.O] {
			return nil, b.errorAt(c, sqlerr.DuplicateAlias, "WITH query name \"%s\" specified more than once", c.Name.O)
		}
		names[c.Name.O] = true
	}
	for _, c := range w.CTEs {
		var err error
		if frame, err = b.cte(c, w.IsRecursive, parent, frame); err != nil {
			return nil, err
		}
	}
	return frame, nil
}

func (b *binder) cte(c *ast.CommonTableExpression, recursive bool, parent *block, frame *with) (*with, error) {
	visible := frame
	if recursive {
		visible = &with{next: frame, name: c.Name.O, recursive: true}
	}
	plan, err := b.query(c.Query.Query, parent, visible, false)
	if err != nil {
		return nil, err
	}
	b.reuses++
	out := &with{next: frame, name: c.Name.O, plan: plan, id: b.reuses}
	for _, col := range plan.Schema() {
		out.cols = append(out.cols, col.Field.Name)
	}
	if len(c.ColNameList) > len(out.cols) {
		return nil, b.errorAt(c, sqlerr.InvalidColumnReference,
			"WITH query \"%s\" has %d columns available but %d columns specified", c.Name.O, len(out.cols), len(c.ColNameList))
	}
	for i, n := range c.ColNameList {
		out.cols[i] = n.O
	}
	return out, nil
}

// lookup finds a CTE; nil if there is none of this name.
func (w *with) lookup(name string, b *binder, n ast.Node) (*with, error) {
	for ; w != nil; w = w.next {
		if w.name != name {
			continue
		}
		if w.recursive {
			return nil, b.unsupported(n, "WITH RECURSIVE with a query that refers to itself")
		}
		return w, nil
	}
	return nil, nil
}

// reuse makes a reference to a CTE. finish inlines it if it stays the only one.
func (b *binder) reuse(c *with) *logical.Reuse {
	n := &logical.Reuse{ID: c.id, Name: c.name, Input: c.plan}
	for i, col := range c.plan.Schema() {
		fresh := b.ids.NewColumn(c.cols[i], col.Field.Type, col.Field.Nullable)
		if _, ok := b.exact[col.ID]; ok {
			b.exact.Add(fresh.ID)
		}
		n.Cols = append(n.Cols, fresh)
	}
	return n
}
