package physical

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// union runs its inputs in one stage where they need no exchange: one-task inputs
// together in one task, else those that can run in any number of tasks side by side. The others come by exchanges.
func (p *planner) union(n *logical.Union, need expr.ColumnSet) (*fragment, error) {
	keep := keepColumns(n.Cols, need)
	cols := pick(n.Cols, keep)
	fs := make([]*fragment, len(n.Inputs))
	single, tasks := true, 1
	for i, in := range n.Inputs {
		want := pick(in.Schema(), keep)
		f, err := p.build(in, columnSet(want))
		if err != nil {
			return nil, err
		}
		fs[i] = p.arrange(f, want)
		single = single && fs[i].single()
	}
	for _, f := range fs {
		if !single && !f.stretches() {
			tasks = p.o.Slots
		}
		tasks = max(tasks, f.st.tasks)
	}
	st := p.newStage(tasks)
	node := &Union{Base: p.base(cols, p.est.Rows(n))}
	for _, f := range fs {
		switch {
		case single && f.reuse == nil, !single && f.stretches():
			p.merge(f.st, st)
		case single:
			f = p.into(unordered(f), Partitioning{Kind: Gather, N: 1}, st)
		default:
			f = p.into(unordered(f), Partitioning{Kind: RoundRobin, N: tasks}, st)
		}
		node.Inputs = append(node.Inputs, f.root)
	}
	return &fragment{st: st, root: node, cols: cols, bytes: p.est.Bytes(n)}, nil
}

// stretches reports whether a fragment gives the same rows in any number of tasks: it
// is fed by splits, works row by row, and all its build sides are broadcast.
func (f *fragment) stretches() bool { return f.reuse == nil && f.stretch(f.root) }

func (f *fragment) stretch(n Node) bool {
	switch n := n.(type) {
	case *Scan:
		return n.Limit < 0
	case *Filter, *Project, *TableFunc, *Union:
		for _, c := range n.Children() {
			if !f.stretch(c) {
				return false
			}
		}
		return true
	case *HashJoin:
		return n.SharedBuild && !keepsBuild(n.Kind) && f.stretch(n.L)
	case *NestedLoopJoin:
		return n.SharedBuild && f.stretch(n.L)
	}
	return false
}

func keepColumns(cols []logical.Column, need expr.ColumnSet) []int {
	var keep []int
	for i, c := range cols {
		if need.Has(c.ID) {
			keep = append(keep, i)
		}
	}
	return keep
}

func pick(cols []logical.Column, idx []int) []logical.Column {
	out := make([]logical.Column, len(idx))
	for i, x := range idx {
		out[i] = cols[x]
	}
	return out
}
