package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// joinFilter tests pairs of rows; only the columns it reads are gathered.
type joinFilter struct {
	preds *conjuncts
	value *program // three-valued: the conjunction as a value
	reads []bool
	keep  []int32
	null  []int32
	cols  []*vector.Vector
}

func newJoinFilter(env *Env, on []expr.Expr, in []types.Type, threeValued bool) (*joinFilter, error) {
	f := &joinFilter{reads: make([]bool, len(in)), cols: make([]*vector.Vector, len(in))}
	for _, e := range on {
		expr.Walk(e, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Input); ok {
				f.reads[c.Index] = true
			}
			return true
		})
	}
	var err error
	if threeValued {
		f.value, err = compile(env, []expr.Expr{expr.AndOf(on)}, in)
	} else {
		f.preds, err = compileFilter(env, on, in)
	}
	return f, err
}

// test returns the pairs that pass and, if three-valued, those that are NULL.
func (f *joinFilter) test(j *joinOp, l, r []int32) (keep, null []int32, err error) {
	b := &vector.Batch{Rows: len(l), Cols: f.cols}
	for c := range f.cols {
		switch {
		case !f.reads[c]:
			f.cols[c] = nil
		case c < j.leftCols:
			f.cols[c] = vector.Take(j.batch.Cols[c], l)
		default:
			f.cols[c] = vector.Take(j.build.table.cols[c-j.leftCols], r)
		}
	}
	f.keep, f.null = f.keep[:0], f.null[:0]
	if f.value == nil {
		sel, all, err := f.preds.Select(b)
		if err != nil || !all {
			return sel, nil, err
		}
		return append(f.keep, rowNumbers(0, len(l))...), nil, nil
	}
	out, err := f.value.Eval(b)
	if err != nil {
		return nil, nil, err
	}
	v := out[0]
	data := v.Base().Data
	for p := range l {
		switch {
		case v.IsNull(p):
			f.null = append(f.null, int32(p))
		case data[v.Index(p)] != 0:
			f.keep = append(f.keep, int32(p))
		}
	}
	return f.keep, f.null, nil
}

// findUnsure notes the rows whose IN is NULL unless they match: a NULL first
// key against any row, or any first key against a row where it is NULL; the other keys must match.
func (j *joinOp) findUnsure(keys []*vector.Vector) error {
	clear(j.unsure)
	t := j.build.table
	if len(keys) == 0 || t.rows == 0 {
		return nil
	}
	b := j.batch
	if j.aside == nil {
		for k := range j.unsure {
			j.unsure[k] = t.nullIn || keys[0].IsNull(int(j.position(k)))
		}
		return nil
	}
	entry := make([]int32, len(j.entry))
	if err := j.aside.lookup(keys[1:], b.Sel, b.Rows, entry); err != nil {
		return err
	}
	var one [1]int32
	first := j.build.keys[0]
	var l, r, ks []int32
	flush := func() error {
		if j.filter != nil && len(l) > 0 {
			keep, _, err := j.filter.test(j, l, r)
			if err != nil {
				return err
			}
			for _, p := range keep {
				j.unsure[ks[p]] = true
			}
		}
		l, r, ks = l[:0], r[:0], ks[:0]
		return nil
	}
	for k, e := range entry {
		if e < 0 {
			continue
		}
		at := j.position(k)
		nullKey := keys[0].IsNull(int(at))
		for _, x := range j.build.others.rowsOf(e, &one) {
			if !nullKey && !first.IsNull(int(x)) {
				continue
			}
			if j.filter == nil {
				j.unsure[k] = true
				break
			}
			if l, r, ks = append(l, at), append(r, x), append(ks, int32(k)); len(l) >= j.size {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// filterTarget is a scan column that a join key comes from unchanged.
type filterTarget struct {
	key     int
	column  int // position in the scan's Columns
	filters *scanFilters
}

// filterTargets finds the scans of this task that the join's keys can filter,
// and registers with them; called before the inputs are built.
func (b *builder) filterTargets(j *joinOp) []filterTarget {
	if !j.dropsUnmatchedLeft() {
		return nil
	}
	var out []filterTarget
	for i, k := range j.lkeys {
		if i < len(j.nullSafe) && j.nullSafe[i] || !integerStorage(k.Type()) || k.Type() != j.rkeys[i].Type() {
			continue
		}
		scan, column := traceColumn(j.leftNode, k)
		if scan == nil {
			continue
		}
		f := b.filters[scan]
		if f == nil {
			f = &scanFilters{}
			b.filters[scan] = f
		}
		out = append(out, filterTarget{i, column, f})
	}
	return out
}

// traceColumn follows an expression down to the scan column it is, through
// operators that drop a row exactly when its source row is dropped.
func traceColumn(n physical.Node, e expr.Expr) (*physical.Scan, int) {
	in, ok := e.(*expr.Input)
	if !ok {
		return nil, 0
	}
	c := in.Index
	switch n := n.(type) {
	case *physical.Scan:
		if n.Limit >= 0 {
			return nil, 0
		}
		if n.Emit != nil {
			c = n.Emit[c]
		}
		return n, c
	case *physical.Filter:
		return traceColumn(n.Input, e)
	case *physical.Project:
		return traceColumn(n.Input, n.Exprs[c])
	case *physical.HashAggregate:
		if n.Phase != physical.Final && n.Sets == nil && c < len(n.Groups) {
			return traceColumn(n.Input, n.Groups[c])
		}
	case *physical.HashJoin:
		if n.Emit != nil {
			c = n.Emit[c]
		}
		if n.Kind == logical.RightSemi || n.Kind == logical.RightAnti { // the output is R's columns
			if n.SharedBuild {
				return nil, 0
			}
			return traceColumn(n.R, &expr.Input{Index: c, Typ: in.Typ})
		}
		left := len(n.L.Info().Out)
		if c < left && n.Kind != logical.Right && n.Kind != logical.Full {
			return traceColumn(n.L, &expr.Input{Index: c, Typ: in.Typ})
		}
		if c >= left && n.Kind == logical.Inner && !n.SharedBuild {
			return traceColumn(n.R, &expr.Input{Index: c - left, Typ: in.Typ})
		}
	}
	return nil, 0
}

// pushFilters gives the build's keys to the scans, before L is opened.
func (j *joinOp) pushFilters() error {
	for _, t := range j.targets {
		key := j.build.keys[t.key]
		keys := make([]uint64, 0, key.Len)
		var tmp [1024]uint64
		for from := 0; from < key.Len; from += len(tmp) {
			to := min(from+len(tmp), key.Len)
			sel := make([]int32, 0, len(tmp))
			for i := from; i < to; i++ {
				if !key.IsNull(i) {
					sel = append(sel, int32(i))
				}
			}
			widen(tmp[:len(sel)], key, sel)
			keys = append(keys, tmp[:len(sel)]...)
		}
		if len(keys) == 0 {
			t.filters.nothing = true
			continue
		}
		f := newKeyFilter(t.column, key.Type, keys)
		if err := j.hold(j.held + f.bytes()); err != nil {
			return err
		}
		t.filters.filters = append(t.filters.filters, f)
	}
	return nil
}
