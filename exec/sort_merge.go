package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// batchReader reads a sorted stream; its batches are compact and Owned.
type batchReader func(ctx context.Context) (*vector.Batch, error)

// streamMerger merges sorted streams; rows with equal keys come in the order of
// the streams. A round is all rows up to the least of the streams' current batches' last rows: whatever is not read yet
// comes after them.
type streamMerger struct {
	types   []types.Type
	enc     keyEncoder
	readers []batchReader
	ended   []bool
	round   roundSorter
}

func newStreamMerger(keys []physical.SortKey, in []types.Type, readers []batchReader) *streamMerger {
	m := &streamMerger{types: in, enc: newKeyEncoder(keys, in), readers: readers, ended: make([]bool, len(readers))}
	for range readers {
		m.round.parts = append(m.round.parts, &sortedPart{})
	}
	return m
}

// newRunMerger merges runs on disk.
func newRunMerger(runs []*spill.Run, node *physical.Sort) (m *streamMerger, free func()) {
	var readers []batchReader
	var open []*spill.Reader
	for _, run := range runs {
		r := run.Open()
		open = append(open, r)
		readers = append(readers, func(context.Context) (*vector.Batch, error) { return r.Next() })
	}
	return newStreamMerger(node.Keys, inputTypes(node.Input), readers), func() {
		for _, r := range open {
			r.Close()
		}
	}
}

// skipRows leaves out the next n rows.
func (m *streamMerger) skipRows(n int64) { m.round.skip += n }

// next returns the next rows, no more than size, or io.EOF.
func (m *streamMerger) next(ctx context.Context, size int) (*vector.Batch, error) {
	for m.round.left() == 0 {
		more, err := m.refill(ctx)
		if err != nil {
			return nil, err
		}
		if !more {
			return nil, io.EOF
		}
		if err := m.round.load(m.bound()); err != nil {
			return nil, err
		}
		if m.round.left() > 0 {
			m.round.bind(m.types)
		}
	}
	return m.round.take(size)
}

// refill reads a batch for each stream that is used up; false if no rows are left.
func (m *streamMerger) refill(ctx context.Context) (more bool, err error) {
	changed := false
	for i, p := range m.round.parts {
		if p.at < p.rows || m.ended[i] {
			continue
		}
		b, err := m.readers[i](ctx)
		for err == nil && b.Rows == 0 {
			b, err = m.readers[i](ctx)
		}
		if errors.Is(err, io.EOF) {
			m.ended[i] = true
			*p = sortedPart{}
			continue
		}
		if err != nil {
			return false, err
		}
		*p = sortedPart{cols: b.Cols, rows: b.Rows, old: p.keys}
		if m.enc.prepare(b.Cols, b.Rows) || changed {
			changed = true
			continue
		}
		if p.keys, err = m.enc.prepared(b.Cols, b.Rows, p.old); err != nil {
			return false, err
		}
	}
	for _, p := range m.round.parts {
		more = more || p.at < p.rows
		if p.rows > 0 && changed {
			old := p.old
			if p.keys.words != nil { // in the layout before
				old = p.keys
			}
			if p.keys, err = m.enc.encode(p.cols, p.rows, old); err != nil {
				return false, err
			}
		}
		p.old = sortKeys{}
		if p.rows == 0 && m.enc.ranges == nil && p.keys.full == nil {
			p.keys.full = &vector.RowKeys{Off: []int32{0}}
		}
	}
	return more, nil
}

// bound is the end of the current batch that ends first.
func (m *streamMerger) bound() *sortBound {
	var least *sortBound
	for i, p := range m.round.parts {
		if p.at == p.rows {
			continue
		}
		if b := boundAt(i, p, p.rows, p.rows-1); least == nil || compareBounds(b, *least) < 0 {
			least = &b
		}
	}
	return least
}
