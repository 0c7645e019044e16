package physical

import (
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Tables that are stored in the order of a join key need no exchange to be joined by it between processes: each task reads
// a range of the key from every one of them (storage-partitioned joins of Spark 3.3, but by the minima and maxima of the
// splits, "zone maps", in place of declared buckets). A split that holds rows of two ranges is read by both tasks, each of
// which drops what is the other's.

// splitRange is where the values of a column in a split lie; it has no NULL.
type splitRange struct {
	split           catalog.Split
	least, greatest int64
}

// rangedScan is a scan whose splits can be dealt by ranges of a column.
type rangedScan struct {
	scan   *scanSplits
	column int          // position in the scan's Columns
	splits []splitRange // by least
	rows   int64
}

// Ranges are used where they divide the work about evenly, and few rows are read twice.
const (
	mostTwice  = 0.125 // of a table's rows
	mostUneven = 1.25  // a task's rows against the mean
	nearBound  = 0.1   // of a task's share of the rows
	// mixedCost is what testing the keys of a split costs against reading it: pages without rows of the range are passed over.
	mixedCost = 0.125
)

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
// if it can't.
func (p *planner) rangeBy(f *fragment, keys []expr.ColumnID) bool {
	if p.o.Processes <= 1 || !p.rangeable(f) || f.st.ranges != nil {
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
	return !slices.ContainsFunc(f.st.inputs, func(e *edge) bool { return e.part.Kind != Broadcast })
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

// by finds the ranges of a column in a scan's splits.
func (s *scanSplits) by(column int) (rangedScan, bool) {
	out := rangedScan{scan: s, column: column}
	if s.bounds == nil || s.node.Limit >= 0 {
		return out, false
	}
	for i, sp := range s.splits {
		x := splitRange{split: sp}
		var ok bool
		if x.least, x.greatest, ok = s.bounds(i, s.node.Columns[column]); !ok {
			return out, false
		}
		out.splits = append(out.splits, x)
		out.rows += sp.Rows
	}
	slices.SortStableFunc(out.splits, func(a, b splitRange) int {
		if a.least != b.least {
			return compareInts(a.least, b.least)
		}
		return compareInts(a.greatest, b.greatest)
	})
	return out, true
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// dealScans gives each task a range, by the splits of the largest scan, and its part of all scans; false if that
// is too uneven, or too much is read twice.
func (p *planner) dealScans(scans []rangedScan) bool {
	largest := scans[0]
	for _, s := range scans {
		if s.rows > largest.rows {
			largest = s
		}
	}
	bounds := largest.bounds(p.o.Slots)
	if len(bounds) != p.o.Slots-1 {
		return false
	}
	dealt, work := make([][]scanRange, len(scans)), make([]float64, p.o.Slots)
	all := 0.0
	for i, s := range scans {
		var read float64
		if dealt[i], read = s.cut(bounds, work); read > (1+mostTwice)*float64(s.rows) {
			return false
		}
		all += read
	}
	if slices.Max(work)*float64(p.o.Slots) > mostUneven*all {
		return false
	}
	for i, s := range scans {
		s.scan.ranges = dealt[i]
	}
	return true
}

// bounds are the least values of the tasks but the first, so that all get about as many rows: where a split begins, if one
// begins near enough, else within one, as if its values lay evenly.
func (s *rangedScan) bounds(tasks int) []int64 {
	var out []int64
	passed, share := 0.0, float64(s.rows)/float64(tasks)
	for _, x := range s.splits {
		rows := float64(x.split.Rows)
		for len(out) < tasks-1 {
			want := share * float64(len(out)+1)
			if want > passed+rows-nearBound*share {
				break // in a later split, or where the next one begins
			}
			b := x.least
			if want > passed+nearBound*share {
				b += int64(float64(x.greatest-x.least) * (want - passed) / rows)
			}
			if n := len(out); n > 0 && b <= out[n-1] {
				return nil
			}
			out = append(out, b)
		}
		passed += rows
	}
	return out
}

// of returns the share of the split's rows that lie in a range, as if its values lay evenly.
func (x *splitRange) of(least, greatest int64) float64 {
	lo, hi := max(x.least, least), min(x.greatest, greatest)
	return (float64(hi) - float64(lo) + 1) / (float64(x.greatest) - float64(x.least) + 1)
}

// scanRange is a task's part of a scan.
type scanRange struct {
	splits []catalog.Split
	cut    Cut
}

// cut deals the splits to the ranges that they have a part in, and adds what reading them costs, in rows, to work.
func (s *rangedScan) cut(bounds []int64, work []float64) (out []scanRange, read float64) {
	out = make([]scanRange, len(bounds)+1)
	for i := range out {
		out[i].cut = wholeCut(s.column)
		if i > 0 {
			out[i].cut.Least = bounds[i-1]
		}
		if i < len(bounds) {
			out[i].cut.Greatest = bounds[i] - 1
		}
	}
	for _, x := range s.splits {
		for i := range out {
			t := &out[i]
			if x.greatest < t.cut.Least || x.least > t.cut.Greatest {
				continue
			}
			part := 1.0
			if x.least < t.cut.Least || x.greatest > t.cut.Greatest {
				t.cut.Mixed = append(t.cut.Mixed, len(t.splits))
				part = x.of(t.cut.Least, t.cut.Greatest) + mixedCost
			}
			t.splits = append(t.splits, x.split)
			work[i] += part * float64(x.split.Rows)
			read += part * float64(x.split.Rows)
		}
	}
	return out, read
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
