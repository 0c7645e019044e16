package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// denseIndex finds groups by direct addressing: each column maps its values to
// small codes (0 is NULL), and the codes together index an array of group numbers. It gives up on the first
// value that does not fit.
type denseIndex struct {
	cols  []denseColumn
	slots []int32 // group + 1
	combo []int32
}

type denseColumn struct {
	limit  int32
	stride int32
	isInt  bool
	set    bool
	base   int64            // integers: value of code 1
	values map[string]int32 // strings: code of each value seen
	single [256]int32       // strings of one byte: their codes
	dicts  map[*vector.Vector][]int32
	last   *vector.Vector
	codes  []int32 // of last
}

// newDenseIndex returns nil where the types can't be addressed directly.
func newDenseIndex(ts []types.Type) *denseIndex {
	if len(ts) == 0 || len(ts) > 5 {
		return nil
	}
	limits := [...]int32{0, 1 << 16, 256, 40, 16, 9}
	d := &denseIndex{cols: make([]denseColumn, len(ts))}
	stride := int32(1)
	for c, t := range ts {
		col := &d.cols[c]
		col.limit, col.stride = limits[len(ts)], stride
		switch t.Storage() {
		case types.StoreBool, types.StoreInt16, types.StoreInt32, types.StoreInt64:
			col.isInt = true
		case types.StoreBytes:
			if t.Kind == types.Char {
				return nil // blanks at the end don't count: leave it to the encoder
			}
			col.values, col.dicts = map[string]int32{}, map[*vector.Vector][]int32{}
		default:
			return nil
		}
		stride *= col.limit
	}
	d.slots = make([]int32, stride)
	return d
}

// assign is groupTable.Assign's first attempt; next is the number of groups so
// far. ok is false when the values don't fit; then nothing was changed that matters.
func (d *denseIndex) assign(cols []*vector.Vector, sel []int32, n, next int, groups, fresh []int32) ([]int32, bool) {
	if cap(d.combo) < n {
		d.combo = make([]int32, n)
	}
	combo := d.combo[:n]
	for c, v := range cols {
		if !d.cols[c].add(v, sel, combo, c == 0) {
			return nil, false
		}
	}
	slots := d.slots
	for k, x := range combo {
		g := slots[x]
		if g == 0 {
			next++
			g = int32(next)
			slots[x] = g
			fresh = append(fresh, int32(k))
		}
		groups[k] = g - 1
	}
	return fresh, true
}

// add adds code × stride of each row to combo.
func (c *denseColumn) add(v *vector.Vector, sel []int32, combo []int32, first bool) bool {
	if first {
		clear(combo)
	}
	if v.Valid == nil && v.Enc != vector.Const {
		switch {
		case v.Enc == vector.Dict:
			return c.addDict(v, sel, combo)
		case c.isInt:
			return c.addInts(v, sel, combo)
		case c.addSingle(v, sel, combo):
			return true
		}
		return false
	}
	return c.addSlow(v, sel, combo)
}

func (c *denseColumn) addInts(v *vector.Vector, sel []int32, combo []int32) bool {
	switch v.Type.Storage() {
	case types.StoreBool:
		return addInts(c, vector.Values[uint8](v), sel, combo)
	case types.StoreInt16:
		return addInts(c, vector.Values[int16](v), sel, combo)
	case types.StoreInt32:
		return addInts(c, vector.Values[int32](v), sel, combo)
	}
	return addInts(c, vector.Values[int64](v), sel, combo)
}

func addInts[T uint8 | int16 | int32 | int64](c *denseColumn, vals []T, sel []int32, combo []int32) bool {
	if !c.set {
		c.learn(minOf(vals, sel, len(combo)))
	}
	span, stride, base := uint64(c.limit-1), c.stride, c.base
	bad := false
	for k := range combo {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		x := uint64(int64(vals[i]) - base)
		bad = bad || x >= span
		combo[k] += int32(x+1) * stride
	}
	return !bad
}

func minOf[T uint8 | int16 | int32 | int64](vals []T, sel []int32, n int) int64 {
	if n == 0 {
		return 0
	}
	if sel == nil {
		m := vals[0]
		for _, x := range vals[:n] {
			m = min(m, x)
		}
		return int64(m)
	}
	m := vals[sel[0]]
	for _, i := range sel {
		m = min(m, vals[i])
	}
	return int64(m)
}

// learn places the window of integers around the least value of the first batch.
func (c *denseColumn) learn(least int64) {
	c.set = true
	c.base = least - int64(c.limit/4)
	if least >= 0 && least < int64(c.limit/2) {
		c.base = 0
	}
	if c.base > least { // wrapped around
		c.base = least
	}
}

// addDict maps a dictionary once and then only looks codes up.
func (c *denseColumn) addDict(v *vector.Vector, sel []int32, combo []int32) bool {
	if !c.mapDict(v.Dictionary) {
		return false
	}
	codes, stride := c.codes, c.stride
	if sel == nil {
		for k, x := range v.Codes[:len(combo)] {
			combo[k] += codes[x] * stride
		}
		return true
	}
	for k, i := range sel {
		combo[k] += codes[v.Codes[i]] * stride
	}
	return true
}

func (c *denseColumn) mapDict(d *vector.Vector) bool {
	if d == c.last {
		return true
	}
	if c.isInt || d.Len >= int(c.limit) {
		return false
	}
	m, ok := c.dicts[d]
	if !ok {
		m = make([]int32, d.Len)
		for i := range m {
			if m[i] = c.code(d.Bytes(i)); m[i] < 0 {
				return false
			}
		}
		if len(c.dicts) > 64 { // dictionaries of earlier row groups; don't pin them all
			clear(c.dicts)
		}
		c.dicts[d] = m
	}
	c.last, c.codes = d, m
	return true
}

// code returns the code of a string, a new one if need be, or -1 if there are
// too many.
func (c *denseColumn) code(b []byte) int32 {
	if x, ok := c.values[string(b)]; ok {
		return x
	}
	x := int32(len(c.values)) + 1
	if x >= c.limit {
		return -1
	}
	c.values[string(b)] = x
	return x
}

// addSingle serves Flat columns of strings of one byte, such as flags.
func (c *denseColumn) addSingle(v *vector.Vector, sel []int32, combo []int32) bool {
	off, data, stride := v.Offsets, v.Data, c.stride
	for k := range combo {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		at := off[i]
		if off[i+1]-at != 1 {
			return false
		}
		b := data[at]
		x := c.single[b]
		if x == 0 {
			if x = c.code(data[at : at+1]); x < 0 {
				return false
			}
			c.single[b] = x
		}
		combo[k] += x * stride
	}
	return true
}

// addSlow serves columns with NULLs and constants.
func (c *denseColumn) addSlow(v *vector.Vector, sel []int32, combo []int32) bool {
	b := v.Base()
	if v.Enc == vector.Dict && !c.mapDict(b) {
		return false
	}
	for k := range combo {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if v.IsNull(i) {
			continue
		}
		x := int32(0)
		switch i = v.Index(i); {
		case v.Enc == vector.Dict:
			x = c.codes[i]
		case c.isInt:
			y := intAt(b, i)
			if !c.set {
				c.learn(y)
			}
			if uint64(y-c.base) >= uint64(c.limit-1) {
				return false
			}
			x = int32(y-c.base) + 1
		default:
			s := b.Bytes(i)
			if len(s) > 1 && v.Enc == vector.Flat {
				return false
			}
			if x = c.code(s); x < 0 {
				return false
			}
		}
		combo[k] += x * c.stride
	}
	return true
}

// intAt reads an integer of any width from a Flat vector.
func intAt(v *vector.Vector, i int) int64 {
	switch v.Type.Storage() {
	case types.StoreBool:
		return int64(v.Data[i])
	case types.StoreInt16:
		return int64(vector.Values[int16](v)[i])
	case types.StoreInt32:
		return int64(vector.Values[int32](v)[i])
	}
	return vector.Values[int64](v)[i]
}
