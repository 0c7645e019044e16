package exec

import (
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// groupRows stands in the groupTable of a partial aggregation for texts that all come from the same build side of a
// join: the build row's number determines them, so that the groups are by this number and no text is looked at. Two
// build rows may have the same texts; then the group goes out twice, and the final aggregation makes it one. (Grouping
// by a key that determines the columns as in Yan and Larson, "Eager Aggregation and Lazy Aggregation", VLDB 1995.)
type groupRows struct {
	of    []int            // the columns
	dicts []*vector.Vector // their dictionaries
	rest  []int            // other columns
	table *groupTable      // of the number, perhaps a mask, and the others
	mask  []int32          // not nil: bit i of a row says that column of[i] is NULL, whatever its code
	in    []*vector.Vector
}

const (
	groupRowsBytes = 16 << 20 // of dictionaries, which count as held here too
	groupRowsSpare = 2        // build rows for each group that is expected
	groupRowsMost  = 31       // columns, of which a mask has a bit each
)

// startRows groups by build rows from now on, where at least two columns come from one build side, of which not many
// more rows are than groups are expected.
func (g *groupTable) startRows(cols []*vector.Vector) {
	var best []int
	for i := range cols {
		of := sameRows(cols, i)
		if len(of) > max(1, len(best)) && len(of) <= groupRowsMost && float64(cols[i].Dictionary.Len) <= groupRowsSpare*g.finer {
			best = of
		}
	}
	if best == nil {
		return
	}
	r, size := &groupRows{of: best}, int64(0)
	for _, c := range best {
		r.dicts = append(r.dicts, cols[c].Dictionary)
		size += cols[c].Dictionary.Size()
	}
	if size > groupRowsBytes {
		return
	}
	ts := []types.Type{codeType}
	if g.nulls = g.nulls || r.anyNull(cols); g.nulls {
		r.mask, ts = []int32{}, append(ts, codeType)
	}
	for c, t := range g.types {
		if !slices.Contains(best, c) {
			r.rest, ts = append(r.rest, c), append(ts, t)
		}
	}
	r.table = newHashedTable(ts)
	g.build, g.dense = r, nil
}

// sameRows lists the columns whose rows refer to the same build rows as column i does, i first; nil where
// it is not one of texts, or not the first of them.
func sameRows(cols []*vector.Vector, i int) (of []int) {
	first := cols[i]
	if first.Enc != vector.Dict || len(first.Codes) == 0 || !isCoded(first.Type) {
		return nil
	}
	for c, v := range cols {
		if v.Enc != vector.Dict || len(v.Codes) == 0 || &v.Codes[0] != &first.Codes[0] || v.Dictionary.Len != first.Dictionary.Len {
			continue
		}
		if c < i {
			return nil
		}
		of = append(of, c)
	}
	return of
}

// takes reports whether the table can group such columns as it does now; if not its groups must go out.
func (g *groupTable) takes(cols []*vector.Vector) bool {
	if g.build == nil {
		return true
	}
	first := cols[g.build.of[0]]
	for i, c := range g.build.of {
		v := cols[c]
		if v.Enc != vector.Dict || v.Dictionary != g.build.dicts[i] || len(v.Codes) == 0 || &v.Codes[0] != &first.Codes[0] {
			return false
		}
	}
	return g.build.mask != nil || !g.build.anyNull(cols)
}

func (r *groupRows) anyNull(cols []*vector.Vector) bool {
	return slices.ContainsFunc(r.of, func(c int) bool { return cols[c].Valid != nil })
}

// assign finds the groups of rows; fresh are positions in the columns.
func (r *groupRows) assign(cols []*vector.Vector, sel []int32, n int, groups []int32) (fresh []int32, err error) {
	return r.table.Assign(r.keys(cols), sel, n, groups)
}

// keys are the columns to group by.
func (r *groupRows) keys(cols []*vector.Vector) []*vector.Vector {
	codes := cols[r.of[0]].Codes
	r.in = append(r.in[:0], vector.FromSlice(codeType, codes))
	if r.mask != nil {
		r.mark(cols, len(codes))
		r.in = append(r.in, vector.FromSlice(codeType, r.mask))
	}
	for _, c := range r.rest {
		r.in = append(r.in, cols[c])
	}
	return r.in
}

// mark sets the mask.
func (r *groupRows) mark(cols []*vector.Vector, n int) {
	if cap(r.mask) < n {
		r.mask = make([]int32, n)
	}
	r.mask = r.mask[:n]
	clear(r.mask)
	for bit, c := range r.of {
		for at, b := range cols[c].Valid {
			if b == 0xff {
				continue
			}
			for i := 8 * at; i < min(8*at+8, n); i++ {
				r.mask[i] |= int32(^b>>(i&7)&1) << bit
			}
		}
	}
}
