package exec

import (
	"context"
	"sort"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// divideByRange sends each row to the task whose range its key lies in (physical.Range).
func (w *edgeWriter) divideByRange(ctx context.Context, b *vector.Batch) error {
	v := b.Cols[w.edge.Partitioning.Keys[0]]
	to := w.rows.begin(b.Count())
	base, bounds := v.Base(), w.edge.Partitioning.Bounds
	switch base.Type.Storage() {
	case types.StoreInt16:
		rangesOf(vector.Values[int16](base), v, b.Sel, bounds, to)
	case types.StoreInt32:
		rangesOf(vector.Values[int32](base), v, b.Sel, bounds, to)
	default:
		rangesOf(vector.Values[int64](base), v, b.Sel, bounds, to)
	}
	return w.addEach(ctx, b)
}

// rangesOf finds the ranges that the selected rows' keys lie in. values are of v.Base(); NULLs are in the first.
func rangesOf[T int16 | int32 | int64](values []T, v *vector.Vector, sel []int32, bounds []int64, to []uint32) {
	flat := v.Enc == vector.Flat && v.Valid == nil
	for k := range to {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		switch {
		case flat:
			to[k] = rangeNumber(int64(values[i]), bounds)
		case v.IsNull(i):
			to[k] = 0
		default:
			to[k] = rangeNumber(int64(values[v.Index(i)]), bounds)
		}
	}
}

// fewBounds are looked through one by one, without branches that depend on the key.
const fewBounds = 8

// rangeNumber returns how many of the bounds are no greater than x.
func rangeNumber(x int64, bounds []int64) uint32 {
	if len(bounds) > fewBounds {
		return uint32(sort.Search(len(bounds), func(i int) bool { return bounds[i] > x }))
	}
	n := uint32(0)
	for _, b := range bounds {
		past := uint32(0)
		if x >= b {
			past = 1
		}
		n += past
	}
	return n
}
