package physical

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// output ends a fragment's stage in an edge. A fragment that only re-reads a
// shared stage adds the edge to that stage directly.
func (p *planner) output(f *fragment, part Partitioning) *edge {
	from := f.st
	if f.reuse != nil {
		from = f.reuse
		p.drop(f.st)
	} else {
		from.root = f.root
	}
	e := &edge{from: from, part: part, fields: fieldsOf(f.cols), rows: f.rows(), bytes: f.bytes}
	p.edges = append(p.edges, e)
	from.outputs = append(from.outputs, e)
	return e
}

// drop forgets a stage that turned out to be needless, with its input edges.
func (p *planner) drop(s *stage) {
	for _, e := range s.inputs {
		e.from.outputs = without(e.from.outputs, e)
		p.edges = without(p.edges, e)
	}
	p.stages = without(p.stages, s)
}

func without[T comparable](s []T, x T) []T {
	out := s[:0:0]
	for _, y := range s {
		if y != x {
			out = append(out, y)
		}
	}
	return out
}

// into ends a fragment's stage and reads it in stage to.
func (p *planner) into(f *fragment, part Partitioning, to *stage) *fragment {
	e := p.output(f, part)
	e.to = to
	to.inputs = append(to.inputs, e)
	src := &ExchangeSource{Base: p.base(f.cols, f.rows())}
	p.edgeOf[src] = e
	return &fragment{st: to, root: src, cols: f.cols, bytes: f.bytes}
}

// gather brings a fragment to one task, merging if it is sorted.
func (p *planner) gather(f *fragment) *fragment {
	if f.single() {
		return f
	}
	out := p.into(f, Partitioning{Kind: Gather, N: 1}, p.newStage(1))
	if f.ordering != nil {
		src := out.root.(*ExchangeSource)
		src.Merge = f.ordering
		p.edgeOf[src].ordering = f.ordering
		out.ordering = f.ordering
	}
	return out
}

// partitionBy brings rows with equal keys to one task: a new stage, unless the
// fragment is partitioned so already. Few rows go to one task.
func (p *planner) partitionBy(f *fragment, keys []expr.ColumnID) *fragment {
	if f.single() || f.partitionedBy(keys) || p.rangedBy(f, keys) || p.rangeBy(f, keys, f.rows()) {
		return f
	}
	if len(keys) == 0 || f.rows() >= 0 && f.rows() <= smallRows {
		f.ordering = nil
		return p.gather(f)
	}
	st := p.newStage(p.o.Slots)
	return p.hashInto(f, keys, st)
}

// hashInto repartitions a fragment by columns into a stage.
func (p *planner) hashInto(f *fragment, keys []expr.ColumnID, st *stage) *fragment {
	pos := f.positions()
	part := Partitioning{Kind: Hash, N: st.tasks}
	var hash [][]expr.ColumnID
	for _, k := range keys {
		part.Keys = append(part.Keys, pos[k])
		hash = append(hash, []expr.ColumnID{k})
	}
	out := p.into(f, part, st)
	out.hash = hash
	return out
}

// partitionedBy reports whether rows that agree on keys are in one task.
func (f *fragment) partitionedBy(keys []expr.ColumnID) bool {
	if f.single() {
		return true
	}
	if f.hash == nil {
		return false
	}
	set := expr.ColumnSet{}
	for _, k := range keys {
		set.Add(k)
	}
	for _, eq := range f.hash {
		if !anyIn(eq, set) {
			return false
		}
	}
	return true
}

func anyIn(ids []expr.ColumnID, set expr.ColumnSet) bool {
	for _, id := range ids {
		if set.Has(id) {
			return true
		}
	}
	return false
}

// reuse reads a shared subplan: its stage is built once, and every Reuse adds
// an edge of its own.
func (p *planner) reuse(n *logical.Reuse) (*fragment, error) {
	shared, ok := p.reused[n.ID]
	if !ok {
		f, err := p.build(n.Input, logical.Columns(n.Input))
		if err != nil {
			return nil, err
		}
		shared = p.arrange(f, n.Input.Schema())
		if shared.reuse != nil { // a reuse of a reuse keeps a stage of its own
			shared.reuse = nil
		}
		shared.st.root = shared.root
		p.reused[n.ID] = shared
	}
	st := p.newStage(shared.st.tasks)
	src := shared.st
	e := &edge{from: src, to: st, part: Partitioning{Kind: Forward, N: src.tasks}, fields: fieldsOf(n.Cols), rows: shared.rows(), bytes: shared.bytes}
	p.edges = append(p.edges, e)
	src.outputs = append(src.outputs, e)
	st.inputs = append(st.inputs, e)
	root := &ExchangeSource{Base: p.base(n.Cols, shared.rows())}
	p.edgeOf[root] = e
	out := &fragment{st: st, root: root, cols: n.Cols, bytes: shared.bytes, reuse: src}
	out.hash = renamed(shared, n.Cols)
	return out, nil
}

// renamed translates a shared fragment's partitioning to a Reuse's columns.
func renamed(shared *fragment, cols []logical.Column) [][]expr.ColumnID {
	pos := shared.positions()
	var hash [][]expr.ColumnID
	for _, eq := range shared.hash {
		var ids []expr.ColumnID
		for _, id := range eq {
			if i, ok := pos[id]; ok {
				ids = append(ids, cols[i].ID)
			}
		}
		if ids == nil {
			return nil
		}
		hash = append(hash, ids)
	}
	return hash
}
