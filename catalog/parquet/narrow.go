package parquet

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// narrow is an array of integers at the smallest number of whole bytes that
// holds their distances from the least of them (frame of reference: Goldstein, Ramakrishnan and Shaft, Compressing
// Relations and Indexes, ICDE 1998). Whole bytes, because a batch is widened every time it is read.
type narrow struct {
	least int64
	width int // 1 to 4 bytes
	data  []byte
}

const (
	// narrowPad is how many bytes follow the last value, so that each can be read as four.
	narrowPad = 4
	// narrowPicks is the part of a batch's rows below which only those are widened.
	narrowPicks = 4
)

type integer interface{ int32 | int64 }

// narrowOf packs values; ok is false where that saves less than a quarter.
func narrowOf[T integer](values []T, size int) (n narrow, ok bool) {
	if len(values) == 0 {
		return n, false
	}
	least, most := values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	span := uint64(int64(most)) - uint64(int64(least))
	n = narrow{least: int64(least), width: 1}
	for n.width < 8 && span>>(8*n.width) > 0 {
		n.width++
	}
	if n.width > 4 || n.width >= size {
		return n, false
	}
	n.data = make([]byte, len(values)*n.width+narrowPad)
	switch w := n.data; n.width {
	case 1:
		for i, v := range values {
			w[i] = byte(v - least)
		}
	case 2:
		for i, v := range values {
			d := uint16(v - least)
			w[2*i], w[2*i+1] = byte(d), byte(d>>8)
		}
	case 3:
		for i, v := range values {
			d := uint32(v - least)
			b := w[3*i : 3*i+3]
			b[0], b[1], b[2] = byte(d), byte(d>>8), byte(d>>16)
		}
	default:
		for i, v := range values {
			d := uint32(int64(v) - int64(least))
			b := w[4*i : 4*i+4]
			b[0], b[1], b[2], b[3] = byte(d), byte(d>>8), byte(d>>16), byte(d>>24)
		}
	}
	return n, true
}

// widen puts the values from the at-th on into dst, those of sel only if it is not nil.
func widen32[T integer](n *narrow, dst []T, at int, sel []int32) {
	src, w, least := n.data[at*n.width:], n.width, T(n.least)
	if sel != nil {
		mask := uint32(1)<<(8*w) - 1
		if w == 4 {
			mask = 1<<32 - 1
		}
		for _, i := range sel {
			b := src[int(i)*w : int(i)*w+4]
			dst[i] = least + T((uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)&mask)
		}
		return
	}
	switch w {
	case 1:
		src = src[:len(dst)]
		for i, b := range src {
			dst[i] = least + T(b)
		}
	case 2:
		for i := range dst {
			b := src[2*i : 2*i+2]
			dst[i] = least + T(uint16(b[0])|uint16(b[1])<<8)
		}
	case 3:
		for i := range dst {
			b := src[3*i : 3*i+4]
			dst[i] = least + T((uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)&(1<<24-1))
		}
	default:
		for i := range dst {
			b := src[4*i : 4*i+4]
			dst[i] = least + T(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)
		}
	}
}

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
		q.narrow, ok = narrowOf(p.words, 4)
	case p.layout != layoutFixed:
	case l.typ.Storage() == types.StoreInt32:
		q.layout = layoutNarrow
		q.narrow, ok = narrowOf(vector.Values[int32](&vector.Vector{Data: p.fixed})[:p.count], 4)
	case l.typ.Storage() == types.StoreInt64:
		q.layout = layoutNarrow
		q.narrow, ok = narrowOf(vector.Values[int64](&vector.Vector{Data: p.fixed})[:p.count], 8)
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
		widen32(&p.narrow, o.codes[:k], c.dense, sel)
		if k < n {
			spreadValues(o.codes, o.vec.Valid, n, k)
		}
		o.vec.Enc, o.vec.Codes, o.vec.Dictionary = vector.Dict, o.codes, c.dict
		return nil
	}
	w := c.leaf.outWidth()
	if o.fixed, err = grow(c.budget, o.fixed, n*w); err != nil {
		return err
	}
	o.vec.Data = o.fixed
	if w == 4 {
		widen32(&p.narrow, vector.Values[int32](&o.vec)[:k], c.dense, sel)
	} else {
		widen32(&p.narrow, vector.Values[int64](&o.vec)[:k], c.dense, sel)
	}
	if k < n {
		spread(&o.vec, n, k, w)
	}
	return nil
}
