package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// single emits a batch whose rows have at most one match each, without a
// residual. Where most rows stay, L's columns pass as they are and R's are gathered into their places.
func (j *joinOp) single() (*vector.Batch, error) {
	b, t := j.batch, j.side.table
	outer := j.kind == logical.Left || j.kind == logical.Full || j.kind == logical.Single
	if cap(j.pairL) < len(j.entry) {
		j.pairL, j.pairR = make([]int32, len(j.entry)), make([]int32, len(j.entry))
	}
	l, r := j.pairL[:len(j.entry)], j.pairR[:len(j.entry)]
	n := 0
	for k, e := range j.entry {
		l[n] = int32(k)
		r[n] = e
		if e >= 0 || outer {
			n++
		}
	}
	l, r = l[:n], r[:n]
	if t.rowOf != nil {
		for k, e := range r {
			if e >= 0 {
				r[k] = t.rowOf[e]
			}
		}
	}
	if b.Sel != nil {
		for k, x := range l {
			l[k] = b.Sel[x]
		}
	}
	if j.matched != nil {
		for _, x := range r {
			if x >= 0 {
				j.matched.set(x)
			}
		}
	}
	if n == 0 {
		return nil, nil
	}
	if n == b.Rows {
		return &vector.Batch{Rows: n, Cols: j.columns(b.Cols, r)}, nil
	}
	if n*2 < b.Rows {
		return j.output(l, r), nil
	}
	if cap(j.buf) < b.Rows {
		j.buf = make([]int32, b.Rows)
	}
	at := j.buf[:b.Rows]
	if clear(at); t.rows == 0 {
		fillInt32(at, -1)
	}
	for k, x := range l {
		at[x] = r[k]
	}
	return &vector.Batch{Rows: b.Rows, Sel: l, Cols: j.columns(b.Cols, at)}, nil
}

// columns joins left columns, as they are, with the build rows r.
func (j *joinOp) columns(left []*vector.Vector, r []int32) []*vector.Vector {
	build := j.side.table.cols
	pick := func(c int) *vector.Vector {
		if c < j.leftCols {
			return left[c]
		}
		if v, ok := j.coded(c-j.leftCols, r); ok {
			return v
		}
		return j.taker(c).Take(build[c-j.leftCols], r)
	}
	if j.emit == nil {
		out := make([]*vector.Vector, j.leftCols+len(build))
		for c := range out {
			out[c] = pick(c)
		}
		return out
	}
	out := make([]*vector.Vector, len(j.emit))
	for i, c := range j.emit {
		out[i] = pick(c)
	}
	return out
}

// output gathers pairs of rows; a negative build row gives NULLs.
func (j *joinOp) output(l, r []int32) *vector.Batch {
	left := make([]*vector.Vector, j.leftCols)
	for c, v := range j.batch.Cols {
		if j.emits(c) {
			left[c] = j.taker(c).Take(v, l)
		}
	}
	return &vector.Batch{Rows: len(l), Cols: j.columns(left, r)}
}

// taker holds the buffers of column c of left and right together.
func (j *joinOp) taker(c int) *vector.Taker {
	if j.takers == nil {
		j.takers = make([]vector.Taker, j.leftCols+len(j.side.table.cols))
	}
	return &j.takers[c]
}

func (j *joinOp) emits(c int) bool {
	if j.emit == nil {
		return true
	}
	for _, e := range j.emit {
		if e == c {
			return true
		}
	}
	return false
}

// expand makes up to a batch of candidate pairs, keeps those that pass the
// residual, and emits them where the kind outputs pairs.
func (j *joinOp) expand() (*vector.Batch, error) {
	t := j.side.table
	l, r, ks := j.pairL[:0], j.pairR[:0], j.pairK[:0]
	var one [1]int32
	for j.row < len(j.entry) && len(l) < j.size {
		e := j.entry[j.row]
		if e < 0 {
			j.row++
			continue
		}
		rows := t.rowsOf(e, &one)[j.within:]
		if room := j.size - len(l); len(rows) > room {
			rows = rows[:room]
			j.within += room
		} else {
			j.within = 0
		}
		at := j.position(j.row)
		for _, x := range rows {
			if j.buildOnly() && j.matched.has(x) {
				continue // settled
			}
			l, r, ks = append(l, at), append(r, x), append(ks, int32(j.row))
		}
		if j.within == 0 {
			j.row++
		}
	}
	j.pairL, j.pairR, j.pairK = l, r, ks
	if j.row >= len(j.entry) {
		j.state = joinRest
	}
	if len(l) == 0 {
		return nil, nil
	}
	l, r, ks, err := j.residual(l, r, ks)
	if err != nil {
		return nil, err
	}
	return j.emitPairs(l, r, ks)
}

// residual narrows pairs to those for which the residual is true; with a
// NULL-aware filter it notes the rows for which it is NULL.
func (j *joinOp) residual(l, r, ks []int32) (l2, r2, k2 []int32, err error) {
	if j.filter == nil {
		return l, r, ks, nil
	}
	keep, null, err := j.filter.test(j, l, r)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, p := range null {
		j.unsure[ks[p]] = true
	}
	for i, p := range keep {
		l[i], r[i], ks[i] = l[p], r[p], ks[p]
	}
	n := len(keep)
	return l[:n], r[:n], ks[:n], nil
}

func (j *joinOp) emitPairs(l, r, ks []int32) (*vector.Batch, error) {
	if j.kind == logical.Single {
		for _, k := range ks {
			if j.hits[k] {
				return nil, sqlerr.New(sqlerr.CardinalityViolation, "more than one row returned by a subquery used as an expression")
			}
			j.hits[k] = true
		}
	} else {
		for _, k := range ks {
			j.hits[k] = true
		}
	}
	if j.matched != nil {
		for _, x := range r {
			j.matched.set(x)
		}
	}
	switch j.kind {
	case logical.Semi, logical.Anti, logical.Mark, logical.RightSemi, logical.RightAnti:
		return nil, nil
	}
	if len(l) == 0 {
		return nil, nil
	}
	return j.output(l, r), nil
}

// rest emits what a batch's rows give after all their pairs are known.
func (j *joinOp) rest() (*vector.Batch, error) {
	j.state = joinProbing
	if bits := j.probeBits(); bits != nil && !bits.save(j.hits, j.unsure) {
		return nil, nil
	}
	b := j.batch
	switch j.kind {
	case logical.Inner, logical.Right, logical.RightSemi, logical.RightAnti:
		return nil, nil
	case logical.Mark:
		return j.mark(), nil
	}
	want := j.kind == logical.Semi
	sel := make([]int32, 0, len(j.hits))
	for k, h := range j.hits {
		if h == want && (h || !j.nullAware || !j.unsure[k]) {
			sel = append(sel, j.position(k))
		}
	}
	if len(sel) == 0 {
		return nil, nil
	}
	if j.kind == logical.Semi || j.kind == logical.Anti {
		return &vector.Batch{Rows: b.Rows, Sel: sel, Cols: emitColumns(b.Cols, j.emit)}, nil
	}
	none := make([]int32, len(sel))
	fillInt32(none, -1)
	return j.output(sel, none), nil
}

func (j *joinOp) mark() *vector.Batch {
	b := j.batch
	m := vector.New(types.Of(types.Bool), b.Rows)
	for k, h := range j.hits {
		i := int(j.position(k))
		if h {
			m.Data[i] = 1
		} else if j.nullAware && j.unsure[k] {
			m.SetNull(i)
		}
	}
	cols := append(append([]*vector.Vector(nil), b.Cols...), m)
	return &vector.Batch{Rows: b.Rows, Sel: b.Sel, Cols: emitColumns(cols, j.emit)}
}
