package sketch

import (
	"encoding/binary"
	"strings"
	"unsafe"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

const (
	// columnPrecision gives distinct counts within 0.8 %.
	columnPrecision = 14
	// sampleSize is how many values of a column are kept.
	sampleSize = 8192
	// wideBytes is how much of a text is kept; PostgreSQL leaves wider ones out.
	wideBytes = 1024
	// wideList is how many elements of a list are kept.
	wideList = 16
)

// Column is what one pass over a column shows of it.
type Column struct {
	Rows, Values int64 // Values are those that are not NULL
	Bytes        int64 // of all values
	Distinct     HLL
	Sample       Reservoir
	elements     int // of the longest list in the sample so far
}

// NewColumn returns the sketch of no rows.
func NewColumn() *Column {
	return &Column{Distinct: NewHLL(columnPrecision), Sample: newReservoir(sampleSize)}
}

// Offer gives n values that are not NULL to the sample.
func (c *Column) Offer(n int, get func(i int) value.Value) {
	c.Sample.offer(n, func(i int) value.Value {
		v := beginning(get(i))
		c.elements = max(c.elements, len(v.List))
		return v
	})
}

// beginning cuts what is wide off a value: its beginning orders it well enough.
func beginning(v value.Value) value.Value {
	if len(v.S) > wideBytes {
		v.S = v.S[:wideBytes]
		if v.Type.Kind != types.Bytea {
			v.S = strings.ToValidUTF8(v.S, "") // without half a character
		}
	}
	if len(v.List) > 0 {
		list := make([]value.Value, min(len(v.List), wideList))
		for i := range list {
			list[i] = beginning(v.List[i])
		}
		v.List = list
	}
	return v
}

// Merge folds another part of the column in.
func (c *Column) Merge(o *Column) {
	c.Rows += o.Rows
	c.Values += o.Values
	c.Bytes += o.Bytes
	c.Distinct.Merge(&o.Distinct)
	c.Sample.merge(&o.Sample)
	c.elements = max(c.elements, o.elements)
}

// Memory is the memory held, about.
func (c *Column) Memory() int64 {
	n := int64(unsafe.Sizeof(*c)) + int64(c.Distinct.Bytes()) + int64(cap(c.Sample.Values))*int64(unsafe.Sizeof(value.Value{}))
	if c.Values > 0 { // texts are values of their own
		n += int64(len(c.Sample.Values)) * (min(c.Bytes/c.Values, wideBytes) + int64(c.elements)*int64(unsafe.Sizeof(value.Value{})))
	}
	return n
}

// Append writes the sketch.
func (c *Column) Append(dst []byte) []byte {
	for _, n := range []int64{c.Rows, c.Values, c.Bytes, c.Sample.Seen, int64(len(c.Sample.Values))} {
		dst = binary.AppendVarint(dst, n)
	}
	dst = c.Distinct.Append(dst)
	for _, v := range c.Sample.Values {
		at := len(dst)
		dst = value.AppendBinary(append(dst, 0, 0, 0, 0), v)
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// ParseColumn reads what Append wrote of a column of a type.
func ParseColumn(b []byte, t types.Type) (*Column, error) {
	c := NewColumn()
	var values int64
	for _, p := range []*int64{&c.Rows, &c.Values, &c.Bytes, &c.Sample.Seen, &values} {
		n, size := binary.Varint(b)
		if size <= 0 || n < 0 {
			return nil, ErrCorrupt
		}
		*p, b = n, b[size:]
	}
	var err error
	if c.Distinct, b, err = ParseHLL(b); err != nil || c.Distinct.precision != columnPrecision || values > sampleSize {
		return nil, ErrCorrupt
	}
	for range values {
		if len(b) < 4 {
			return nil, ErrCorrupt
		}
		n := int(binary.LittleEndian.Uint32(b))
		if b = b[4:]; n > len(b) {
			return nil, ErrCorrupt
		}
		if v, err := value.ParseBinary(t, b[:n], value.Env{}); err == nil {
			v.Type = t
			c.elements = max(c.elements, len(v.List))
			c.Sample.Values = append(c.Sample.Values, v)
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return nil, ErrCorrupt
	}
	return c, nil
}
