package parquet

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/value"
)

// column is where the batches of a column are put together.
type column struct {
	vec     vector.Vector
	fixed   []byte
	bytes   []byte
	offsets []int32
	codes   []int32
	valid   []byte
	parts   *vector.Appender // batches that span pages
	partsAt int64            // bytes charged for parts
}

// read returns the next n rows. Rows that are not in sel (nil = all) may hold
// anything. The vector is valid until the next read.
func (c *chunk) read(n int, sel []int32) (*vector.Vector, error) {
	left, err := c.advance()
	if err != nil {
		return nil, err
	}
	if left >= n {
		return c.segment(n, sel)
	}
	o := &c.out
	if o.parts == nil {
		o.parts = vector.NewAppender(c.leaf.typ)
	}
	o.parts.Reset()
	for got := 0; ; {
		k := min(left, n-got)
		v, err := c.segment(k, nil)
		if err != nil {
			return nil, err
		}
		if err := o.parts.Append(v, nil, k); err != nil {
			return nil, err
		}
		if got += k; got == n {
			break
		}
		if left, err = c.advance(); err != nil {
			return nil, err
		}
	}
	if held := o.parts.Bytes(); held > o.partsAt {
		if err := c.budget.reserve(held - o.partsAt); err != nil {
			return nil, err
		}
		o.partsAt = held
	}
	return o.parts.View(), nil
}

// segment decodes n rows of the loaded page.
func (c *chunk) segment(n int, sel []int32) (*vector.Vector, error) {
	p, o := &c.page, &c.out
	k := n
	o.vec = vector.Vector{Type: c.leaf.typ, Len: n}
	if p.valid != nil {
		if err := c.validRows(n); err != nil {
			return nil, err
		}
		k = countBits(p.valid, c.row, n)
		if k == n {
			o.vec.Valid = nil
		}
	}
	var err error
	switch p.layout {
	case layoutFixed:
		err = c.fixedRows(n, k)
	case layoutCodes:
		err = c.codeRows(n, k, sel)
	case layoutWords:
		err = c.wordRows(n, k)
	case layoutNarrow, layoutNarrowWords:
		err = c.narrowRows(n, k, sel)
	case layoutPlain:
		err = c.plainRows(n, k, sel)
	default:
		err = c.vectorRows(n, k)
	}
	c.row += n
	c.dense += k
	return &o.vec, err
}

// validRows cuts the bitmap of the next n rows.
func (c *chunk) validRows(n int) (err error) {
	o := &c.out
	if c.row&7 == 0 {
		o.vec.Valid = c.page.valid[c.row>>3 : (c.row+n+7)>>3]
		return nil
	}
	if o.valid, err = grow(c.budget, o.valid, (n+7)/8); err != nil {
		return err
	}
	src, shift := c.page.valid[c.row>>3:], c.row&7
	for i := range o.valid {
		b := src[i] >> shift
		if i+1 < len(src) {
			b |= src[i+1] << (8 - shift)
		}
		o.valid[i] = b
	}
	o.vec.Valid = o.valid
	return nil
}

// fixedRows returns fixed-width values, in place when there are no NULLs.
func (c *chunk) fixedRows(n, k int) (err error) {
	o, w := &c.out, c.leaf.outWidth()
	src := c.page.fixed[c.dense*w : (c.dense+k)*w]
	if k == n {
		o.vec.Data = src
		return nil
	}
	if o.fixed, err = grow(c.budget, o.fixed, n*w); err != nil {
		return err
	}
	copy(o.fixed, src)
	o.vec.Data = o.fixed
	spread(&o.vec, n, k, w)
	return nil
}

// spread moves the k dense values at the front of v to the rows that are valid.
func spread(v *vector.Vector, n, k, w int) {
	switch w {
	case 1:
		spreadValues(vector.Values[uint8](v), v.Valid, n, k)
	case 2:
		spreadValues(vector.Values[uint16](v), v.Valid, n, k)
	case 4:
		spreadValues(vector.Values[uint32](v), v.Valid, n, k)
	case 8:
		spreadValues(vector.Values[uint64](v), v.Valid, n, k)
	case 16:
		spreadValues(vector.Values[value.Int128](v), v.Valid, n, k)
	}
}

func spreadValues[T any](v []T, valid []byte, n, k int) {
	var zero T
	for i := n - 1; i >= 0; i-- {
		if valid[i>>3]>>(i&7)&1 != 0 {
			k--
			v[i] = v[k]
		} else {
			v[i] = zero
		}
	}
}

// wordRows returns codes of texts, in place when there are no NULLs.
func (c *chunk) wordRows(n, k int) (err error) {
	o := &c.out
	o.vec.Enc, o.vec.Dictionary = vector.Dict, c.dict
	o.vec.Codes = c.page.words[c.dense : c.dense+k : c.dense+k]
	if k == n {
		return nil
	}
	if o.codes, err = grow(c.budget, o.codes, n); err != nil {
		return err
	}
	copy(o.codes, o.vec.Codes)
	spreadValues(o.codes, o.vec.Valid, n, k)
	o.vec.Codes = o.codes
	return nil
}

// vectorRows cuts rows out of a page that was decoded as a whole.
func (c *chunk) vectorRows(n, k int) (err error) {
	o, p := &c.out, &c.page
	if k == n {
		o.vec.Data, o.vec.Offsets = p.vec.Data, p.vec.Offsets[c.dense:c.dense+n+1]
		return nil
	}
	if o.offsets, err = grow(c.budget, o.offsets, n+1); err != nil {
		return err
	}
	at := c.dense
	for i := range n {
		o.offsets[i] = p.vec.Offsets[at]
		if vector.IsValid(o.vec.Valid, i) {
			at++
		}
	}
	o.offsets[n] = p.vec.Offsets[at]
	o.vec.Data, o.vec.Offsets = p.vec.Data, o.offsets
	return nil
}

// copySlack is how far the copies of short texts may write past their end.
const copySlack = 32

// plainRows copies length-prefixed values together, those in sel only.
func (c *chunk) plainRows(n, k int, sel []int32) (err error) {
	o, p := &c.out, &c.page
	if o.offsets, err = grow(c.budget, o.offsets, n+1); err != nil {
		return err
	}
	// All that is left of the page bounds what the rows can need.
	if o.bytes, err = grow(c.budget, o.bytes, c.plainSize(k)+copySlack); err != nil {
		return err
	}
	var rest []byte
	var size int
	var ok bool
	switch {
	case k < n:
		rest, size, ok = textsValid(o.bytes, o.offsets, p.plain, o.vec.Valid)
	case sel != nil && len(sel) < n/2:
		rest, size, ok = textsSelected(o.bytes, o.offsets, p.plain, n, sel)
	default:
		rest, size, ok = texts(o.bytes, o.offsets, p.plain, n)
	}
	if !ok || size > math.MaxInt32 {
		return corrupt("a value ends behind its page")
	}
	p.plain = rest
	o.vec.Data, o.vec.Offsets = o.bytes[:size], o.offsets
	return nil
}

// plainSize bounds the bytes of the next k values: exactly when that is cheap.
func (c *chunk) plainSize(k int) int {
	b := c.page.plain
	if len(b) < 1<<20 {
		return max(0, len(b)-4*k)
	}
	size := 0
	for range k {
		v, rest, ok := cutPlain(b)
		if !ok {
			break
		}
		size += len(v)
		b = rest
	}
	return size
}

// texts copies n length-prefixed values from src to dst, which has room for
// them and copySlack more.
func texts(dst []byte, offsets []int32, src []byte, n int) (rest []byte, size int, ok bool) {
	offsets = offsets[:n+1]
	offsets[0] = 0
	at, w := 0, 0
	for i := range n {
		if at+4 > len(src) {
			return nil, 0, false
		}
		s := src[at:]
		l := int(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
		if l > len(s)-4 || l > len(dst)-w {
			return nil, 0, false
		}
		if l <= copySlack && len(s) >= 4+copySlack && len(dst)-w >= copySlack {
			*(*[copySlack]byte)(dst[w:]) = [copySlack]byte(s[4:])
		} else {
			copy(dst[w:], s[4:4+l])
		}
		w += l
		at += 4 + l
		offsets[i+1] = int32(w)
	}
	return src[at:], w, true
}

// textsSelected is texts for the rows in sel; the others are empty.
func textsSelected(dst []byte, offsets []int32, src []byte, n int, sel []int32) (rest []byte, size int, ok bool) {
	offsets[0] = 0
	w, next := 0, 0
	for i := range n {
		v, r, ok := cutPlain(src)
		if !ok {
			return nil, 0, false
		}
		if next < len(sel) && int(sel[next]) == i {
			w += copy(dst[w:], v)
			next++
		}
		offsets[i+1] = int32(w)
		src = r
	}
	return src, w, true
}

// textsValid is texts for rows of which some are NULL.
func textsValid(dst []byte, offsets []int32, src []byte, valid []byte) (rest []byte, size int, ok bool) {
	offsets[0] = 0
	w := 0
	for i := range len(offsets) - 1 {
		if vector.IsValid(valid, i) {
			v, r, ok := cutPlain(src)
			if !ok {
				return nil, 0, false
			}
			w += copy(dst[w:], v)
			src = r
		}
		offsets[i+1] = int32(w)
	}
	return src, w, true
}
