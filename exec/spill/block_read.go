package spill

import (
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/s2"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// readBlock reads the next block into vectors of their own.
func (r *Reader) readBlock() (*vector.Batch, error) {
	var head [blockHead]byte
	if _, err := io.ReadFull(r.blocks, head[:]); err != nil {
		return nil, short(err)
	}
	size, rows := int(binary.LittleEndian.Uint32(head[:])), int(binary.LittleEndian.Uint32(head[4:]))
	if size > mostColumn || rows > mostColumn {
		return nil, io.ErrUnexpectedEOF
	}
	if cap(r.block) < size+vector.NarrowPad {
		r.block = make([]byte, size+vector.NarrowPad)
	}
	c := columnReader{buf: r.block[:size], low: r.low}
	if _, err := io.ReadFull(r.blocks, c.buf); err != nil {
		return nil, short(err)
	}
	b := &vector.Batch{Rows: rows, Cols: make([]*vector.Vector, len(r.run.fields)), Owned: true}
	for i, f := range r.run.fields {
		b.Cols[i] = c.column(f.Type, rows, &r.last[i].coded)
	}
	if r.low = c.low; c.bad {
		return nil, io.ErrUnexpectedEOF
	}
	return b, nil
}

// columnReader takes a block apart. Once something does not fit, it is bad.
type columnReader struct {
	buf []byte // what is left
	low []int64
	bad bool
}

// take returns the next n bytes, nil if there are none so many.
func (c *columnReader) take(n int) []byte {
	if n < 0 || n > len(c.buf) {
		c.bad = true
	}
	if c.bad {
		return nil
	}
	out := c.buf[:n]
	c.buf = c.buf[n:]
	return out
}

func (c *columnReader) size() int {
	if b := c.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// numbers are n integers as they lie in a block.
type numbers struct {
	packed vector.Narrow
	raw    []byte
	flags  byte
	valid  []byte
}

func (c *columnReader) numbers(n, full int) (x numbers) {
	head := c.take(columnHead)
	if head == nil {
		return x
	}
	x.flags = head[1]
	if x.flags&withCodes != 0 {
		full = 4
	}
	x.packed = vector.Narrow{Width: int(head[0]), Least: int64(binary.LittleEndian.Uint64(head[2:]))}
	if x.flags&withNulls != 0 {
		if bits := c.take((n + 7) / 8); bits != nil {
			x.valid = append(vector.Alloc(len(bits))[:0], bits...)
		}
	}
	switch w := x.packed.Width; {
	case w == widthRaw:
		x.raw = c.take(n * full)
	case w > 4 || w >= full:
		c.bad = true
	default:
		x.packed.Data = c.take(n*w + vector.NarrowPad)
	}
	return x
}

// int32s are the numbers as codes, or as lengths of texts.
func (c *columnReader) int32s(x *numbers, dst []int32) {
	switch {
	case c.bad:
	case x.raw != nil:
		copy(vector.BytesOf(dst), x.raw)
	case x.packed.Data != nil:
		vector.Widen(&x.packed, dst, 0, nil)
	}
}

// column reads n values; last is the column's dictionary so far.
func (c *columnReader) column(t types.Type, n int, last **vector.Vector) *vector.Vector {
	full := t.Storage().Width()
	if t.Storage() == types.StoreBytes {
		full = 4
	}
	x := c.numbers(n, full)
	v := &vector.Vector{Type: t, Len: n, Valid: x.valid}
	switch {
	case c.bad:
	case x.flags&withCodes != 0:
		c.codes(v, &x, last)
	case t.Storage() == types.StoreBytes:
		c.texts(v, &x)
	default:
		c.fixed(v, &x, full)
	}
	return v
}

func (c *columnReader) codes(v *vector.Vector, x *numbers, last **vector.Vector) {
	v.Enc, v.Codes = vector.Dict, make([]int32, v.Len)
	c.int32s(x, v.Codes)
	if n := c.size(); n != sameDict {
		if last == nil || n > mostColumn { // a dictionary has none itself
			c.bad = true
			return
		}
		*last = c.column(v.Type, n, nil)
	}
	if last == nil || *last == nil {
		c.bad = true
		return
	}
	v.Dictionary = *last
	for _, code := range v.Codes {
		if uint32(code) >= uint32(v.Dictionary.Len) && v.Dictionary.Len > 0 {
			c.bad = true
			return
		}
	}
}

func (c *columnReader) texts(v *vector.Vector, x *numbers) {
	v.Offsets = make([]int32, v.Len+1)
	if v.Len == 0 {
		return
	}
	c.int32s(x, v.Offsets[1:])
	end := int32(0)
	for i, n := range v.Offsets {
		if end += n; n < 0 || end < 0 {
			c.bad = true
			return
		}
		v.Offsets[i] = end
	}
	size := c.size()
	stored := c.take(c.size())
	if c.bad || size != int(end) {
		c.bad = true
		return
	}
	v.Data = vector.Alloc(size)
	if len(stored) == size {
		copy(v.Data, stored)
		return
	}
	if n, err := s2.DecodedLen(stored); err != nil || n != size {
		c.bad = true
		return
	}
	if out, err := s2.Decode(v.Data, stored); err != nil || len(out) != size {
		c.bad = true
	}
}

func (c *columnReader) fixed(v *vector.Vector, x *numbers, full int) {
	v.Data = vector.Alloc(v.Len * full)
	if x.packed.Width == widthRaw {
		copy(v.Data, x.raw)
		return
	}
	switch full {
	case 4:
		vector.Widen(&x.packed, vector.Values[int32](v), 0, nil)
	case 8:
		vector.Widen(&x.packed, vector.Values[int64](v), 0, nil)
	case 16:
		c.low = append(c.low[:0], make([]int64, v.Len)...)
		vector.Widen(&x.packed, c.low, 0, nil)
		for i, d := range c.low {
			vector.Values[value.Int128](v)[i] = value.Int128{Lo: uint64(d), Hi: d >> 63}
		}
	default:
		c.bad = true
	}
}

// short is the error of a run that ends too early.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
