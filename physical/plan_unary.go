package physical

import (
	"math"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

func (p *planner) filter(n *logical.Filter, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, n.Preds...))
	if err != nil {
		return nil, err
	}
	out := f.on(&Filter{p.base(f.cols, p.est.Rows(n)), f.root, bindAll(n.Preds, f.positions())}, f.cols)
	out.hash, out.ordering, out.bytes = f.hash, f.ordering, p.est.Bytes(n)
	return out, nil
}

// project computes the items that are needed; pure renamings keep what is known
// of partitioning and order.
func (p *planner) project(n *logical.Project, need expr.ColumnSet) (*fragment, error) {
	var items []logical.Item
	var es []expr.Expr
	for _, it := range n.Items {
		if need.Has(it.Col.ID) {
			items, es = append(items, it), append(es, it.Expr)
		}
	}
	f, err := p.build(n.Input, expr.Columns(es...))
	if err != nil {
		return nil, err
	}
	cols := make([]logical.Column, len(items))
	renames := map[expr.ColumnID]expr.ColumnID{}
	moved := map[int]int{}
	pos := f.positions()
	for i, it := range items {
		cols[i] = it.Col
		if c, ok := it.Expr.(*expr.Column); ok {
			renames[c.ID] = it.Col.ID
			moved[pos[c.ID]] = i
		}
	}
	if identity(f.cols, items) {
		f.cols = cols
		return f, nil
	}
	out := f.on(&Project{p.base(cols, f.rows()), f.root, bindAll(es, pos)}, cols)
	out.bytes = p.est.Bytes(n)
	out.hash = renameHash(f.hash, renames)
	for _, k := range f.ordering {
		i, ok := moved[k.Column]
		if !ok {
			break // sorted by a prefix is still sorted, by that prefix
		}
		k.Column = i
		out.ordering = append(out.ordering, k)
	}
	return out, nil
}

// identity reports whether items pass all columns on in their order under the same IDs.
func identity(cols []logical.Column, items []logical.Item) bool {
	if len(cols) != len(items) {
		return false
	}
	for i, it := range items {
		c, ok := it.Expr.(*expr.Column)
		if !ok || c.ID != cols[i].ID || it.Col.ID != c.ID {
			return false
		}
	}
	return true
}

func renameHash(hash [][]expr.ColumnID, m map[expr.ColumnID]expr.ColumnID) [][]expr.ColumnID {
	var out [][]expr.ColumnID
	for _, eq := range hash {
		var ids []expr.ColumnID
		for _, id := range eq {
			if to, ok := m[id]; ok {
				ids = append(ids, to)
			}
		}
		if ids == nil {
			return nil
		}
		out = append(out, ids)
	}
	return out
}

// sortColumns makes sure that sort keys are columns: other expressions are
// computed by a projection beneath.
func (p *planner) sortColumns(f *fragment, keys []logical.SortKey) (*fragment, []SortKey) {
	pos := f.positions()
	out := make([]SortKey, len(keys))
	cols := append([]logical.Column(nil), f.cols...)
	var es []expr.Expr
	for i, k := range keys {
		out[i] = SortKey{Desc: k.Desc, NullsFirst: k.NullsFirst}
		if c, ok := k.Expr.(*expr.Column); ok {
			out[i].Column = pos[c.ID]
			continue
		}
		out[i].Column = len(cols)
		cols = append(cols, p.computed(k.Expr.String(), k.Expr.Type()))
		es = append(es, bind(k.Expr, pos))
	}
	if es == nil {
		return f, out
	}
	return p.extend(f, cols, es), out
}

// extend appends computed columns to a fragment.
func (p *planner) extend(f *fragment, cols []logical.Column, es []expr.Expr) *fragment {
	all := make([]expr.Expr, 0, len(cols))
	for i, c := range f.cols {
		all = append(all, &expr.Input{Index: i, Name: c.Field.Name, Typ: c.Field.Type})
	}
	out := f.on(&Project{p.base(cols, f.rows()), f.root, append(all, es...)}, cols)
	out.hash, out.ordering = f.hash, f.ordering
	return out
}

func keysOf(keys []logical.SortKey) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.Expr
	}
	return out
}

// sort sorts within tasks, unless their rows are so already, and merges at the gathering edge.
func (p *planner) sort(n *logical.Sort, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, keysOf(n.Keys)...))
	if err != nil {
		return nil, err
	}
	f, ks := p.sortColumns(f, n.Keys)
	if isPrefix(ks, f.ordering) {
		return p.gather(f), nil
	}
	out := f.on(&Sort{p.base(f.cols, f.rows()), f.root, ks}, f.cols)
	out.ordering = ks
	return p.gather(out), nil
}

// topN keeps the best rows of each task, then the best of those.
func (p *planner) topN(n *logical.TopN, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, keysOf(n.Keys)...))
	if err != nil {
		return nil, err
	}
	f, ks := p.sortColumns(f, n.Keys)
	rows := min(f.rows(), float64(n.Count))
	if !f.single() {
		kept := min(f.rows(), (float64(n.Count)+float64(n.Offset))*float64(f.st.tasks))
		local := f.on(&TopN{p.base(f.cols, kept), f.root, ks, atLeast(n.Count, n.Offset), 0}, f.cols)
		local.bytes = scaled(f, kept)
		f = p.gather(local)
	}
	out := f.on(&TopN{p.base(f.cols, rows), f.root, ks, n.Count, n.Offset}, f.cols)
	out.ordering = ks
	return out, nil
}

// limit cuts within tasks first where that keeps the answer.
func (p *planner) limit(n *logical.Limit, need expr.ColumnSet) (*fragment, error) {
	f, err := p.build(n.Input, with(need, keysOf(n.Keys)...))
	if err != nil {
		return nil, err
	}
	f, ks := p.sortColumns(f, n.Keys)
	rows := f.rows()
	if n.Count >= 0 {
		rows = min(rows, float64(n.Count))
	}
	if !f.single() {
		if n.Count >= 0 && !n.WithTies {
			kept := min(f.rows(), (float64(n.Count)+float64(n.Offset))*float64(f.st.tasks))
			local := f.on(&Limit{Base: p.base(f.cols, kept), Input: f.root, Count: atLeast(n.Count, n.Offset)}, f.cols)
			local.ordering, local.hash, local.bytes = f.ordering, f.hash, scaled(f, kept)
			f = local
		}
		f = p.gather(f)
	}
	node := &Limit{p.base(f.cols, rows), f.root, n.Count, n.Offset, n.WithTies, ks}
	out := f.on(node, f.cols)
	out.ordering = f.ordering
	return out, nil
}

// atLeast is how many rows a task must pass for Count rows after Offset.
func atLeast(count, offset int64) int64 {
	if offset > math.MaxInt64-count {
		return math.MaxInt64
	}
	return count + offset
}

// scaled is the size of some of a fragment's rows.
func scaled(f *fragment, rows float64) float64 {
	if f.rows() <= 0 || rows >= f.rows() {
		return f.bytes
	}
	return f.bytes * rows / f.rows()
}
