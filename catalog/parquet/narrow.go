package parquet

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// narrowPicks is the part of a batch's rows below which only those are widened.
const narrowPicks = 4

// narrowBytes is the size of the values that narrowing would read, 0 where it
// is not tried: what it takes is no more than that.
func (p *page) narrowBytes(l *leafType) int64 {
	switch {
	case p.layout == layoutWords:
		return 4 * int64(len(p.words))
	case p.layout == layoutFixed && l.narrows():
		return int64(len(p.fixed))
	}
	return 0
}

// narrows reports that a leaf's values are integers of 4 or 8 bytes, whatever they mean.
func (l *leafType) narrows() bool {
	switch l.typ.Storage() {
	case types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

// narrowed returns a settled page in its narrow layout; ok is false where it has none.
func (p *page) narrowed(l *leafType) (page, bool) {
	q := page{levels: p.levels, count: p.count, valid: p.valid, bitmap: p.bitmap}
	var ok bool
	switch {
	case p.layout == layoutWords:
		q.layout = layoutNarrowWords
		q.narrow, ok = vector.NarrowOf(p.words, 4, nil)
	case p.layout != layoutFixed:
	case l.typ.Storage() == types.StoreInt32:
		q.layout = layoutNarrow
		q.narrow, ok = vector.NarrowOf(vector.Values[int32](&vector.Vector{Data: p.fixed})[:p.count], 4, nil)
	case l.typ.Storage() == types.StoreInt64:
		q.layout = layoutNarrow
		q.narrow, ok = vector.NarrowOf(vector.Values[int64](&vector.Vector{Data: p.fixed})[:p.count], 8, nil)
	}
	return q, ok
}

// narrowRows widens the next n rows of a page, those in sel only where they are few.
func (c *chunk) narrowRows(n, k int, sel []int32) (err error) {
	o, p := &c.out, &c.page
	if k < n || len(sel) > n/narrowPicks {
		sel = nil
	}
	if p.layout == layoutNarrowWords {
		if o.codes, err = grow(c.budget, o.codes, n); err != nil {
			return err
		}
		if sel != nil {
			clear(o.codes) // every row's code must be one of the dictionary's
		}
		vector.Widen(&p.narrow, o.codes[:k], c.dense, sel)
		c.showCodes(n, k)
		return nil
	}
	w := c.leaf.outWidth()
	if o.fixed, err = grow(c.budget, o.fixed, n*w); err != nil {
		return err
	}
	o.vec.Data = o.fixed
	if w == 4 {
		vector.Widen(&p.narrow, vector.Values[int32](&o.vec)[:k], c.dense, sel)
	} else {
		vector.Widen(&p.narrow, vector.Values[int64](&o.vec)[:k], c.dense, sel)
	}
	if k < n {
		spread(&o.vec, n, k, w)
	}
	return nil
}
