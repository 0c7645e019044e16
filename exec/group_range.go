package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// rangeIndex finds the groups of a single integer key in an array over the
// range of the keys seen, which grows with it. Keys of tables are often dense numbers in nearly ascending order;
// then an array is several times faster than hashing. It gives up when the range is too sparse.
type rangeIndex struct {
	base  int64
	slots []int32 // key - base → group + 1

	seen   *vector.Vector // whose extent growth found
	lo, hi int64
}

// The range may have rangePerGroup slots a group, plus rangeFree, at most rangeLimit.
const (
	rangePerGroup = 32
	rangeFree     = 1 << 16
	rangeLimit    = 1 << 28
)

// newRangeIndex returns nil where the key is not one integer.
func newRangeIndex(ts []types.Type) *rangeIndex {
	if len(ts) != 1 || !integerStorage(ts[0]) {
		return nil
	}
	return &rangeIndex{}
}

// assign is denseIndex.assign for one integer column. NULLs, and encodings
// other than Flat, do not fit.
func (x *rangeIndex) assign(v *vector.Vector, sel []int32, n, next int, groups, fresh []int32) ([]int32, bool) {
	if !x.extent(v, sel, n) {
		return nil, false
	}
	x.seen = nil
	if n > 0 && !x.cover(x.lo, x.hi, next+n) {
		return nil, false
	}
	switch v.Type.Storage() {
	case types.StoreInt16:
		return assignRange(x, vector.Values[int16](v), sel, n, next, groups, fresh)
	case types.StoreInt32:
		return assignRange(x, vector.Values[int32](v), sel, n, next, groups, fresh)
	}
	return assignRange(x, vector.Values[int64](v), sel, n, next, groups, fresh)
}

// extent finds the least and the greatest key of the n listed rows; false if they don't fit.
func (x *rangeIndex) extent(v *vector.Vector, sel []int32, n int) bool {
	if v.Enc != vector.Flat || v.Valid != nil {
		return false
	}
	if n == 0 || x.seen == v {
		return true
	}
	switch x.seen = v; v.Type.Storage() {
	case types.StoreInt16:
		x.lo, x.hi = extent(vector.Values[int16](v), sel, n)
	case types.StoreInt32:
		x.lo, x.hi = extent(vector.Values[int32](v), sel, n)
	default:
		x.lo, x.hi = extent(vector.Values[int64](v), sel, n)
	}
	return true
}

// growth is what assign will allocate for the rows, which come to it next; false
// if it won't take them.
func (x *rangeIndex) growth(v *vector.Vector, sel []int32, n, next int) (int64, bool) {
	x.seen = nil
	if !x.extent(v, sel, n) {
		return 0, false
	}
	if n == 0 {
		return 0, true
	}
	_, size, ok := x.plan(x.lo, x.hi, next+n)
	return 4 * int64(size), ok
}

func assignRange[T int16 | int32 | int64](x *rangeIndex, vals []T, sel []int32, n, next int, groups, fresh []int32) ([]int32, bool) {
	slots, base := x.slots, x.base
	for k := range groups[:n] {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		p := &slots[int64(vals[i])-base]
		g := *p
		if g == 0 {
			next++
			g = int32(next)
			*p = g
			fresh = append(fresh, int32(k))
		}
		groups[k] = g - 1
	}
	return fresh, true
}

// extent returns the least and the greatest of n > 0 listed values.
func extent[T int16 | int32 | int64](vals []T, sel []int32, n int) (lo, hi int64) {
	if sel == nil {
		l, h := vals[0], vals[0]
		for _, x := range vals[:n] {
			l, h = min(l, x), max(h, x)
		}
		return int64(l), int64(h)
	}
	l, h := vals[sel[0]], vals[sel[0]]
	for _, i := range sel {
		l, h = min(l, vals[i]), max(h, vals[i])
	}
	return int64(l), int64(h)
}

// plan says where an array from lo to hi would begin and how many slots it
// would get, none if the present one will do; false if a range with that many groups deserves none.
func (x *rangeIndex) plan(lo, hi int64, groups int) (base int64, size uint64, ok bool) {
	if len(x.slots) > 0 {
		if lo >= x.base && uint64(hi)-uint64(x.base) < uint64(len(x.slots)) {
			return x.base, 0, true
		}
		lo, hi = min(lo, x.base), max(hi, x.base+int64(len(x.slots))-1)
	}
	span := uint64(hi) - uint64(lo)
	if span >= rangeLimit || span > uint64(groups)*rangePerGroup+rangeFree {
		return 0, 0, false
	}
	size = span + 1
	if hi <= 1<<62 { // keys mostly ascend
		size += min(span, uint64(groups)*rangePerGroup/2)
	}
	return lo, size, true
}

// cover makes the array reach from lo to hi.
func (x *rangeIndex) cover(lo, hi int64, groups int) bool {
	base, size, ok := x.plan(lo, hi, groups)
	if !ok || size == 0 {
		return ok
	}
	slots := make([]int32, size)
	if len(x.slots) > 0 {
		copy(slots[x.base-base:], x.slots)
	}
	x.base, x.slots = base, slots
	return true
}

func (x *rangeIndex) bytes() int64 {
	if x == nil {
		return 0
	}
	return int64(4 * cap(x.slots))
}
