package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
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
			f.cols[c] = vector.Take(j.side.table.cols[c-j.leftCols], r)
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
	all := j.side.all
	if len(keys) == 0 || all.rows == 0 {
		return nil
	}
	b := j.batch
	if j.aside == nil {
		for k := range j.unsure {
			j.unsure[k] = all.nullIn || keys[0].IsNull(int(j.position(k)))
		}
		return nil
	}
	entry := make([]int32, len(j.entry))
	if err := j.aside.lookup(keys[1:], b.Sel, b.Rows, entry); err != nil {
		return err
	}
	var one [1]int32
	first := j.side.keys[0]
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
		for _, x := range j.side.others.rowsOf(e, &one) {
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
