package exec

import (
	"bytes"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// rowChanges marks the rows whose columns differ from the row before ("is distinct from"), in typed
// loops. Its buffers are used again by every call.
type rowChanges struct {
	keys vector.RowKeys
	last []byte
}

// mark sets out[i] to bit for each row i > 0 that differs from the one before, beside what is set there.
func (c *rowChanges) mark(out []uint8, bit uint8, cols []*vector.Vector) error {
	var rest []*vector.Vector
	for _, v := range cols {
		if v.Enc == vector.Const || markColumn(out, bit, v) {
			continue
		}
		rest = append(rest, v)
	}
	if len(rest) == 0 {
		return nil
	}
	return c.encoded(out, bit, rest)
}

// markColumn reports whether it knows the column's type.
func markColumn(out []uint8, bit uint8, v *vector.Vector) bool {
	b := v.Base()
	switch s := v.Type.Storage(); s {
	case types.StoreBool:
		markValues(out, bit, v, vector.Values[uint8](b))
	case types.StoreInt16:
		markValues(out, bit, v, vector.Values[uint16](b))
	case types.StoreInt32:
		markValues(out, bit, v, vector.Values[uint32](b))
	case types.StoreInt64:
		markValues(out, bit, v, vector.Values[uint64](b))
	case types.StoreInt128:
		markValues(out, bit, v, vector.Values[value.Int128](b))
	case types.StoreBytes:
		if v.Type.Kind == types.Char { // trailing blanks don't count
			return false
		}
		markTexts(out, bit, v)
	default:
		return false
	}
	return true
}

func markValues[T comparable](out []uint8, bit uint8, v *vector.Vector, vals []T) {
	if v.Valid == nil && v.Enc == vector.Flat {
		vals = vals[:len(out)]
		for i := 1; i < len(vals); i++ {
			x := uint8(0)
			if vals[i] != vals[i-1] {
				x = bit
			}
			out[i] |= x
		}
		return
	}
	for i := 1; i < len(out); i++ {
		null := v.IsNull(i)
		if null != v.IsNull(i-1) || !null && vals[v.Index(i)] != vals[v.Index(i-1)] {
			out[i] |= bit
		}
	}
}

func markTexts(out []uint8, bit uint8, v *vector.Vector) {
	b := v.Base()
	for i := 1; i < len(out); i++ {
		null := v.IsNull(i)
		if null != v.IsNull(i-1) {
			out[i] |= bit
			continue
		}
		if null {
			continue
		}
		x, y := v.Index(i), v.Index(i-1)
		if x != y && !bytes.Equal(b.Data[b.Offsets[x]:b.Offsets[x+1]], b.Data[b.Offsets[y]:b.Offsets[y+1]]) {
			out[i] |= bit
		}
	}
}

// encoded compares columns whose equal values may differ in their bytes.
func (c *rowChanges) encoded(out []uint8, bit uint8, cols []*vector.Vector) error {
	for from := 0; from < len(out); from += vector.BatchSize {
		to := min(from+vector.BatchSize, len(out))
		if err := c.keys.Encode(cols, rowNumbers(from, to), 0); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			last := c.last
			if i > from {
				last = c.keys.Row(i - from - 1)
			}
			if i > 0 && !bytes.Equal(c.keys.Row(i-from), last) {
				out[i] |= bit
			}
		}
		c.last = append(c.last[:0], c.keys.Row(to-from-1)...)
	}
	return nil
}
