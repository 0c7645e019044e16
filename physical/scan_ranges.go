package physical

import (
	"cmp"
	"math"
	"slices"

	"github.com/flintsql/flint/catalog"
)

// This file deals scans by ranges of a column; plan_ranges.go decides where that serves.

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
	mostWide   = 1.5   // the splits' widths against the table's: more means that it isn't stored in the key's order
	mostUneven = 1.25  // a task's rows against the mean
	nearBound  = 0.1   // of a split's rows
	// mixedCost is what testing the keys of a split costs against reading it: pages without rows of the range are passed over.
	mixedCost = 0.05
)

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
		return cmp.Or(cmp.Compare(a.least, b.least), cmp.Compare(a.greatest, b.greatest))
	})
	return out, true
}

// ordered reports whether the splits lie one after another: together they are hardly wider than the table.
func (s *rangedScan) ordered() bool {
	widths, least, greatest := 0.0, int64(math.MaxInt64), int64(math.MinInt64)
	for _, x := range s.splits {
		widths += float64(x.greatest) - float64(x.least)
		least, greatest = min(least, x.least), max(greatest, x.greatest)
	}
	return widths <= mostWide*(float64(greatest)-float64(least))
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
		if !s.ordered() {
			return false
		}
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
			if want > passed+(1-nearBound)*rows {
				break // in a later split, or where the next one begins
			}
			b := x.least
			if want > passed+nearBound*rows {
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

// bounds are the least values of a ranged stage's tasks but the first.
func (s *stage) bounds() []int64 {
	var out []int64
	for _, r := range s.scans[0].ranges[1:] {
		out = append(out, r.cut.Least)
	}
	return out
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
