package physical

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// window brings each partition's rows to one task, where the operator sorts
// them, unless they come sorted so.
func (p *planner) window(n *logical.Window, need expr.ColumnSet) (*fragment, error) {
	p.shareSort(n)
	f, err := p.build(n.Input, with(need, n.Exprs()...))
	if err != nil {
		return nil, err
	}
	var keys []logical.SortKey
	for _, e := range n.PartitionBy {
		keys = append(keys, logical.SortKey{Expr: e})
	}
	f, part := p.sortColumns(f, keys)
	f, order := p.sortColumns(f, n.OrderBy)
	var ids []expr.ColumnID
	for _, k := range part {
		if id := f.cols[k.Column].ID; id != 0 {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) > 0:
		f = p.partitionBy(f, ids)
	case !f.single():
		f = p.gatherSorted(f, n, part, order)
	}
	pos := f.positions()
	cols := append([]logical.Column(nil), f.cols...)
	node := &Window{Input: f.root, Order: order}
	for _, k := range part {
		node.Partition = append(node.Partition, k.Column)
	}
	for _, c := range n.Calls {
		node.Calls = append(node.Calls, windowCall(c, pos))
		cols = append(cols, c.Col)
	}
	node.Base = p.base(cols, f.rows())
	out := f.on(node, cols)
	out.hash, out.bytes = f.hash, p.est.Bytes(n)
	if node.Sorted = sortedFor(f.ordering, node.Partition, order); node.Sorted {
		out.ordering = f.ordering
		return out, nil
	}
	if more := p.more[n]; more != nil {
		_, node.More = p.sortColumns(f, more)
	}
	out.ordering = node.SortKeys()
	return out, nil
}

// gatherSorted brings all rows to one task, sorted by the tasks that they come from: the
// window has only to merge them.
func (p *planner) gatherSorted(f *fragment, n *logical.Window, part, order []SortKey) *fragment {
	ks := append(append([]SortKey(nil), part...), order...)
	if more := p.more[n]; more != nil {
		_, m := p.sortColumns(f, more)
		ks = append(ks, m...)
	}
	switch {
	case len(ks) == 0:
		return p.gatherUnordered(f)
	case isPrefix(ks, f.ordering):
		return p.gather(f)
	}
	out := f.on(&Sort{p.base(f.cols, f.rows()), f.root, ks}, f.cols)
	out.bytes, out.ordering = f.bytes, ks
	return p.gather(out)
}

func windowCall(c logical.WindowCall, pos map[expr.ColumnID]int) WindowCall {
	w := WindowCall{Func: c.Func, Agg: c.Agg, Args: bindAll(c.Args, pos), Frame: c.Frame, Result: c.Col.Field.Type}
	for _, a := range c.Args {
		w.ArgTypes = append(w.ArgTypes, a.Type())
	}
	if c.Filter != nil {
		w.Filter = bind(c.Filter, pos)
	}
	return w
}

// sortedFor reports whether rows in an order are in that of a window: its
// partition columns come first, in whatever order and direction, then its keys.
func sortedFor(ordering []SortKey, partition []int, order []SortKey) bool {
	if len(ordering) < len(partition)+len(order) || len(partition)+len(order) == 0 {
		return false
	}
	for _, k := range ordering[:len(partition)] {
		if !slices.Contains(partition, k.Column) {
			return false
		}
	}
	for _, c := range partition {
		if !slices.ContainsFunc(ordering[:len(partition)], func(k SortKey) bool { return k.Column == c }) {
			return false
		}
	}
	return isPrefix(order, ordering[len(partition):])
}

func isPrefix(keys, of []SortKey) bool {
	return len(keys) <= len(of) && slices.Equal(keys, of[:len(keys)])
}

// shareSort makes a window right beneath n that has the same partitions and the
// beginning of its order sort by all of it: the order of its peers is its own to choose.
func (p *planner) shareSort(n *logical.Window) {
	below, ok := n.Input.(*logical.Window)
	if !ok || len(below.PartitionBy) != len(n.PartitionBy) || len(below.OrderBy) >= len(n.OrderBy) {
		return
	}
	for i, e := range below.PartitionBy {
		if !sameColumn(e, n.PartitionBy[i]) {
			return
		}
	}
	for i, k := range below.OrderBy {
		if o := n.OrderBy[i]; !sameColumn(k.Expr, o.Expr) || k.Desc != o.Desc || k.NullsFirst != o.NullsFirst {
			return
		}
	}
	has := logical.Columns(below.Input)
	more := n.OrderBy[len(below.OrderBy):]
	for _, k := range more {
		if c, ok := k.Expr.(*expr.Column); !ok || !has.Has(c.ID) {
			return
		}
	}
	if p.more == nil {
		p.more = map[*logical.Window][]logical.SortKey{}
	}
	p.more[below] = more
}

func sameColumn(a, b expr.Expr) bool {
	x, ok := a.(*expr.Column)
	y, same := b.(*expr.Column)
	return ok && same && x.ID == y.ID
}
