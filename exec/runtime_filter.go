package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// keyWriter is what an edgeWriter knows of a filter edge (physical.Edge.Keys): it passes keys on,
// without NULLs and neighbours that repeat, until there are too many. From then on it only keeps their range, which it
// sends at the end after a NULL: the sign that the keys are not all there.
type keyWriter struct {
	left     int // keys that may still be sent
	over     bool
	any      bool
	last     int64
	min, max int64 // of the keys that were not sent
	sel      []int32
}

func newKeyWriter(env *Env) *keyWriter {
	n := env.FilterKeys
	if n <= 0 {
		n = physical.MaxFilterKeys
	}
	return &keyWriter{left: n}
}

// writeKeys passes a batch's keys on.
func (w *edgeWriter) writeKeys(ctx context.Context, b *vector.Batch) error {
	k, v := w.keys, b.Cols[w.edge.Keys[0]]
	base, n := v.Base(), b.Count()
	k.sel = k.sel[:0]
	for i := range n {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		if v.IsNull(row) {
			continue
		}
		x := intAt(base, v.Index(row))
		switch {
		case k.over:
			k.min, k.max = min(k.min, x), max(k.max, x)
		case k.any && x == k.last:
		case k.left == 0:
			k.over, k.min, k.max = true, x, x
		default:
			k.any, k.last = true, x
			k.left--
			k.sel = append(k.sel, int32(row))
		}
	}
	if len(k.sel) == 0 {
		return nil
	}
	return w.add(ctx, 0, &vector.Batch{Rows: b.Rows, Cols: []*vector.Vector{v}}, k.sel)
}

// endKeys sends the range of the keys that were too many.
func (w *edgeWriter) endKeys(ctx context.Context) error {
	if !w.keys.over {
		return nil
	}
	v := vector.New(w.edge.Fields[0].Type, 3)
	v.Valid = []byte{0b110}
	for i, x := range []int64{0, w.keys.min, w.keys.max} {
		switch v.Type.Storage() {
		case types.StoreInt16:
			vector.Values[int16](v)[i] = int16(x)
		case types.StoreInt32:
			vector.Values[int32](v)[i] = int32(x)
		default:
			vector.Values[int64](v)[i] = x
		}
	}
	return w.add(ctx, 0, &vector.Batch{Rows: 3, Cols: []*vector.Vector{v}}, []int32{0, 1, 2})
}

// readKeyFilters reads the filters that other stages sent to the scan.
func (s *scanOp) readKeyFilters(ctx context.Context) error {
	for _, f := range s.node.KeyFilters {
		k := keyReader{scan: s}
		if err := k.read(ctx, f); err != nil {
			return err
		}
		if len(k.keys) == 0 {
			s.filters.nothing = true
			continue
		}
		filter := rangeFilter(f.Column, f.Field.Type, k.keys)
		if !k.partial {
			var err error
			filter, err = newKeyFilter(f.Column, f.Field.Type, k.keys, func(n int64) error { return s.hold(s.held + n) })
			if err != nil {
				return err
			}
		}
		if err := s.hold(s.held - k.held); err != nil {
			return err
		}
		s.filters.filters = append(s.filters.filters, filter)
	}
	return nil
}

// keyReader gathers the keys of a filter edge.
type keyReader struct {
	scan    *scanOp
	keys    []uint64
	partial bool  // only the range of the keys counts
	held    int64 // bytes reserved for keys
}

func (k *keyReader) read(ctx context.Context, f physical.KeyFilter) (err error) {
	sources, err := k.scan.env.Sources.Open(ctx, f.Edge, []types.Field{f.Field}, false)
	if err != nil {
		return err
	}
	defer func() {
		for _, s := range sources {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, s := range sources {
		for {
			b, err := s.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if err := k.add(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (k *keyReader) add(b *vector.Batch) error {
	v, n := b.Cols[0], b.Rows
	if need := len(k.keys) + n; need > cap(k.keys) {
		size := max(need, 2*cap(k.keys))
		more := 8*int64(size) - k.held
		if err := k.scan.hold(k.scan.held + more); err != nil {
			return err
		}
		k.held += more
		k.keys = append(make([]uint64, 0, size), k.keys...)
	}
	from := 0
	for i := range n {
		if v.IsNull(i) {
			k.partial = true
			k.widen(v, from, i)
			from = i + 1
		}
	}
	k.widen(v, from, n)
	return nil
}

// widen adds the keys of rows [from, to), which are not NULL.
func (k *keyReader) widen(v *vector.Vector, from, to int) {
	if from >= to {
		return
	}
	at := len(k.keys)
	k.keys = k.keys[:at+to-from]
	if from == 0 {
		widen(k.keys[at:], v, nil)
		return
	}
	widen(k.keys[at:], v, rowNumbers(from, to))
}
