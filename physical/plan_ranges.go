package physical

import (
	"slices"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Tables that are stored in the order of a join key need no exchange to be joined by it between processes: each task reads
// a range of the key from every one of them (storage-partitioned joins of Spark 3.3, but by the minima and maxima of the
// splits, "zone maps", in place of declared buckets). A split that holds rows of two ranges is read by both tasks, each of
// which drops what is the other's.

// colocate makes the stages of l and r one whose tasks each read a range of a join key of both; false if it can't be.
func (p *planner) colocate(k joinKeys, l, r *fragment) bool {
	if p.o.Processes <= 1 || !p.rangeable(l) || !p.rangeable(r) || l.st == r.st || p.tied(l.st, r.st) || p.tied(r.st, l.st) {
		return false
	}
	for i := range k.l {
		a, okA := k.l[i].(*expr.Column)
		b, okB := k.r[i].(*expr.Column)
		if !okA || !okB || !integers(a.Typ) || a.Typ != b.Typ {
			continue
		}
		scans := append(p.rangedScans(l, a), p.rangedScans(r, b)...)
		if len(scans) != len(l.st.scans)+len(r.st.scans) || !p.dealScans(scans) {
			continue
		}
		p.merge(r.st, l.st)
		r.st = l.st
		p.setRanges(l.st, scans)
		return true
	}
	return false
}

// rangeBy deals a fragment's scan by ranges of one of the keys, so that rows with equal keys are in one task; false
// if it can't. groups is how many keys there may be. Within a process few are cheaper to exchange than it is to give up
// taking splits from slower tasks.
func (p *planner) rangeBy(f *fragment, keys []expr.ColumnID, groups float64) bool {
	if p.o.Processes <= 1 && groups <= smallRows || !p.rangeable(f) || f.st.ranges != nil {
		return false
	}
	for _, c := range f.cols {
		if !slices.Contains(keys, c.ID) || !integers(c.Field.Type) {
			continue
		}
		if scans := p.rangedScans(f, c.Ref()); len(scans) == 1 && p.dealScans(scans) {
			p.setRanges(f.st, scans)
			return true
		}
	}
	return false
}

func (p *planner) setRanges(st *stage, scans []rangedScan) {
	st.tasks = len(scans[0].scan.ranges)
	st.ranges = map[*Scan]int{}
	for _, s := range scans {
		st.ranges[s.scan.node] = s.column
	}
}

// rangeable reports a fragment whose rows all come from its stage's scans and what is the same for all tasks, so that
// how these are dealt decides where a row is. The stage must be this fragment's alone.
func (p *planner) rangeable(f *fragment) bool {
	if f.single() || f.reuse != nil || len(f.st.scans) == 0 || !f.st.mergeable() || p.shared(f.st) || len(f.st.scans) > 1 && f.st.ranges == nil {
		return false
	}
	return !slices.ContainsFunc(f.st.inputs, func(e *edge) bool { return e.part.Kind != Broadcast && e.part.Kind != Range })
}

// toRanges brings the rows of one side of a join to the other one's tasks, which read ranges of a key where it is stored
// ("shuffle one side", Spark 4.0): each row goes to one task, where a broadcast would take it to all of them, and a hash
// would move both sides.
func (p *planner) toRanges(kind logical.JoinKind, k joinKeys, l, r *fragment) (*fragment, *fragment, bool) {
	if p.o.Processes <= 1 {
		return l, r, false
	}
	if st, ok := p.moveToRanges(k.l, k.r, l, r); ok {
		return l, st, true
	}
	if p.wouldFilter(kind, k, l, r) { // which needs r in a stage before
		return l, r, false
	}
	if st, ok := p.moveToRanges(k.r, k.l, r, l); ok {
		return st, r, true
	}
	return l, r, false
}

// moveToRanges brings f to the tasks of at, which are made to read ranges of one of the keys; false if they can't be.
func (p *planner) moveToRanges(atKeys, keys []expr.Expr, at, f *fragment) (*fragment, bool) {
	if !p.rangeable(at) || at.st == f.st || !p.large(f) || p.upstream(f.st, at.st) || p.upstream(at.st, f.st) {
		return f, false
	}
	for i := range keys {
		a, okA := atKeys[i].(*expr.Column)
		b, okB := keys[i].(*expr.Column)
		if !okA || !okB || !integers(a.Typ) || a.Typ != b.Typ {
			continue
		}
		scans := p.rangedScans(at, a)
		if len(scans) == 0 || len(scans) != len(at.st.scans) || !p.dealScans(scans) {
			continue
		}
		p.setRanges(at.st, scans)
		return p.into(unordered(f), Partitioning{Kind: Range, Keys: []int{f.positions()[b.ID]}, N: at.st.tasks}, at.st), true
	}
	return f, false
}

// tied reports a stage that waits for the other one, through a filter edge perhaps.
func (p *planner) tied(s, on *stage) bool {
	return slices.ContainsFunc(s.inputs, func(e *edge) bool { return p.upstream(e.from, on) })
}

// rangedScans lists the fragment's scans with what is known of the column in their splits; nil unless the column is
// that of one of them, and all of them are dealt by it, if they are by any.
func (p *planner) rangedScans(f *fragment, c *expr.Column) []rangedScan {
	at, ok := f.positions()[c.ID]
	if !ok {
		return nil
	}
	from := p.origin(f.st, f.root, &expr.Input{Index: at, Typ: c.Typ}, anyRows)
	if from.scan == nil || from.stage != f.st {
		return nil
	}
	columns := f.st.ranges
	if columns == nil {
		columns = map[*Scan]int{from.scan: from.column}
	} else if by, ok := columns[from.scan]; !ok || by != from.column {
		return nil
	}
	var out []rangedScan
	for _, s := range f.st.scans {
		column, ok := columns[s.node]
		if !ok {
			return nil
		}
		x, ok := s.by(column)
		if !ok {
			return nil
		}
		out = append(out, x)
	}
	return out
}

// rangedBy reports whether rows that agree on the keys are in one task because the scans of the fragment's stage are
// dealt by ranges of one of them.
func (p *planner) rangedBy(f *fragment, keys []expr.ColumnID) bool {
	if f.st.ranges == nil || f.reuse != nil {
		return false
	}
	for i, c := range f.cols {
		if !slices.Contains(keys, c.ID) {
			continue
		}
		from := p.origin(f.st, f.root, &expr.Input{Index: i, Typ: c.Field.Type}, anyRows)
		if by, ok := f.st.ranges[from.scan]; ok && from.stage == f.st && by == from.column {
			return true
		}
	}
	return false
}

// colocates reports join kinds for which rows with equal keys in one task are enough: all but those that must
// know of NULLs anywhere.
func colocates(n *logical.Join, nullAware bool) bool { return !nullAware && n.Kind != logical.Mark }

// withRanges adds the column by whose ranges a scan is dealt to its line of EXPLAIN.
func (n *Scan) withRanges(line string, s *Stage) string {
	c, ok := s.Tasks[0].Cuts[n.ID]
	at := c.Column
	if n.Emit != nil {
		at = slices.Index(n.Emit, at)
	}
	if !ok || at < 0 {
		return line
	}
	return strings.Replace(line, " [", " in ranges of "+n.Out[at].Name+" [", 1)
}
