package exec

import (
	"context"
	"sort"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// divide sends each row to the task whose range its key lies in (physical.Range).
func (w *edgeWriter) divide(ctx context.Context, b *vector.Batch) error {
	v := b.Cols[w.edge.Partitioning.Keys[0]]
	for p := range w.sels {
		w.sels[p] = w.sels[p][:0]
	}
	base := v.Base()
	switch base.Type.Storage() {
	case types.StoreInt16:
		divideRows(w, v, vector.Values[int16](base), b)
	case types.StoreInt32:
		divideRows(w, v, vector.Values[int32](base), b)
	default:
		divideRows(w, v, vector.Values[int64](base), b)
	}
	return w.addEach(ctx, b)
}

// divideRows fills w.sels. values are of v.Base().
func divideRows[T int16 | int32 | int64](w *edgeWriter, v *vector.Vector, values []T, b *vector.Batch) {
	bounds := w.edge.Partitioning.Bounds
	n := b.Count()
	flat := v.Enc == vector.Flat && v.Valid == nil
	for k := range n {
		i := int32(k)
		if b.Sel != nil {
			i = b.Sel[k]
		}
		p := 0
		switch {
		case flat:
			p = partBetween(int64(values[i]), bounds)
		case !v.IsNull(int(i)):
			p = partBetween(int64(values[v.Index(int(i))]), bounds)
		}
		w.sels[p] = append(w.sels[p], i)
	}
}

// fewBounds are looked through one by one.
const fewBounds = 8

// partBetween returns how many of the bounds are no greater than x.
func partBetween(x int64, bounds []int64) int {
	if len(bounds) > fewBounds {
		return sort.Search(len(bounds), func(i int) bool { return bounds[i] > x })
	}
	p := 0
	for _, b := range bounds {
		if x >= b {
			p++
		}
	}
	return p
}
