package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// sortOp sorts its input in chunks that fit into the processor's cache, then
// orders the rows of all chunks a round at a time, when they are asked for. Rows that don't fit into memory become
// sorted runs on disk, merged at the end.
type sortOp struct {
	base
	in     Operator
	node   *physical.Sort
	types  []types.Type
	enc    keyEncoder
	rows   *rowSet // of the chunk to come
	sorted bool

	chunks    []*sortedPart
	chunkRows int
	kept      int64 // bytes of the chunks
	keyBytes  int64 // of the chunks' byte strings
	merge     *chunkMerger
	skip      int64

	runs     []*spill.Run
	runRows  int   // most rows in a batch of a run
	runBytes int64 // and bytes, about
	merger   *streamMerger
	free     func() // of merger
}

// A chunk has so many rows or bytes, whichever comes first.
const (
	sortChunkRows  = 1 << 16
	sortChunkBytes = 8 << 20
)

func newSort(b *builder, n *physical.Sort, in Operator) *sortOp {
	return &sortOp{base: newBase(b.env, n, "Sort"), in: in, node: n, types: inputTypes(n.Input)}
}

func (s *sortOp) Open(ctx context.Context) error {
	s.rows = newRowSet(s.types)
	s.enc = newKeyEncoder(s.node.Keys, s.types)
	return s.in.Open(ctx)
}

// skipRows leaves out the first n rows; called before the first Next.
func (s *sortOp) skipRows(n int64) bool {
	s.skip = n
	return true
}

func (s *sortOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !s.sorted {
		if err := s.sort(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case s.merger != nil:
		return s.merger.next(ctx, s.size)
	case s.merge != nil:
		return s.merge.next(s.size)
	}
	return nil, io.EOF
}

func (s *sortOp) sort(ctx context.Context) error {
	if err := drain(ctx, s.in, func(b *vector.Batch) error { return s.add(ctx, b) }); err != nil {
		return err
	}
	return s.finish(ctx)
}

// finish makes the order of all rows ready, once the input has ended.
func (s *sortOp) finish(ctx context.Context) error {
	s.sorted = true
	if len(s.runs) > 0 {
		err := s.startMerge(ctx)
		s.enc.dropBuffers() // they are not among what merging holds
		return err
	}
	if err := s.seal(ctx); err != nil {
		return err
	}
	if len(s.runs) > 0 { // there was no room for wider keys
		return s.startMerge(ctx)
	}
	s.rows = nil
	s.enc.dropBuffers()
	s.merge = newChunkMerger(s, false)
	return s.hold(s.kept + s.mergeBytes(0, 0))
}

// add keeps the rows of a batch; those there already make room for them on disk.
func (s *sortOp) add(ctx context.Context, b *vector.Batch) error {
	if s.rows.rows >= sortChunkRows/4 && s.newDictionary(b) {
		if err := s.seal(ctx); err != nil {
			return err
		}
	}
	if err := s.reserve(b); err != nil {
		if !s.maySpill(s.rowsHeld(), err) {
			return err
		}
		if err := s.spill(ctx); err != nil {
			return err
		}
		if err := s.reserve(b); err != nil {
			return err
		}
	}
	if err := s.rows.add(b.Cols, b.Sel, b.Rows); err != nil {
		return err
	}
	if s.mustSpill(s.rowsHeld()) {
		return s.spill(ctx)
	}
	if s.rows.rows >= sortChunkRows || s.rows.rows >= s.size && s.rows.bytes() >= sortChunkBytes {
		return s.seal(ctx)
	}
	return nil
}

// newDictionary reports whether codes of the chunk to come would become values.
func (s *sortOp) newDictionary(b *vector.Batch) bool {
	for i, c := range s.rows.cols {
		if d := c.Dictionary(); d != nil && b.Cols[i].Dictionary != d {
			return true
		}
	}
	return false
}

// rowsHeld counts the rows in memory.
func (s *sortOp) rowsHeld() int { return s.chunkRows + s.rows.rows }

// seal sorts the rows of the chunk to come; what that takes is reserved.
func (s *sortOp) seal(ctx context.Context) error {
	n := s.rows.rows
	if n == 0 {
		return nil
	}
	cols := s.rows.view()
	if s.enc.prepare(cols, n) {
		if err := s.widen(ctx); err != nil {
			return err
		}
		s.enc.prepare(cols, n)
	}
	keys, err := s.enc.prepared(cols, n, s.enc.old)
	s.enc.old = sortKeys{}
	if err != nil {
		return err
	}
	keys, order := s.enc.sort(keys)
	p := &sortedPart{cols: make([]*vector.Vector, len(cols)), keys: keys, rows: n}
	for i, v := range cols {
		v = vector.Take(v, order)
		if v.Enc == vector.Dict && (v.Type.Storage() != types.StoreBytes || v.Dictionary.Len > n) {
			v = vector.Flatten(v)
		}
		p.cols[i] = v
		s.kept += v.Size()
	}
	s.kept += p.keys.bytes()
	if p.keys.full != nil {
		s.keyBytes += int64(len(p.keys.full.Data))
	}
	s.chunks = append(s.chunks, p)
	s.chunkRows += n
	for _, c := range s.rows.cols {
		c.Reset()
	}
	s.rows.rows = 0
	return nil
}

// widen makes the chunks' keys again in a new layout, or moves the chunks to disk.
func (s *sortOp) widen(ctx context.Context) error {
	if len(s.chunks) == 0 {
		return nil
	}
	_, width := s.keyWidth(nil)
	if err := s.hold(s.held + int64(s.chunkRows)*width + sealKeyBytes*int64(len(s.enc.columns))*sortChunkRows); err != nil {
		if !s.maySpill(s.rowsHeld(), err) {
			return err
		}
		return s.writeChunks(ctx)
	}
	for _, p := range s.chunks {
		s.kept -= p.keys.bytes()
		keys, err := s.enc.encode(p.cols, p.rows, sortKeys{})
		if err != nil {
			return err
		}
		p.keys = keys
		s.kept += keys.bytes()
		if keys.full != nil {
			s.keyBytes += int64(len(keys.full.Data))
		}
	}
	return nil
}

// chunkMerger orders the rows of a sort's chunks.
type chunkMerger struct {
	round  roundSorter
	bounds []sortBound
	ended  bool
}

// newChunkMerger orders the rows; reuse lets a batch be valid until the next one only.
func newChunkMerger(s *sortOp, reuse bool) *chunkMerger {
	m := &chunkMerger{round: roundSorter{parts: s.chunks, skip: s.skip, reuse: reuse}}
	m.bounds = splitters(s.chunks, s.roundTarget())
	m.round.bind(s.types)
	return m
}

func (m *chunkMerger) next(size int) (*vector.Batch, error) {
	for m.round.left() == 0 {
		var b *sortBound
		switch {
		case len(m.bounds) > 0:
			b, m.bounds = &m.bounds[0], m.bounds[1:]
		case m.ended:
			return nil, io.EOF
		default:
			m.ended = true
		}
		if err := m.round.load(b); err != nil {
			return nil, err
		}
	}
	return m.round.take(size)
}

func (s *sortOp) Close() error {
	s.rows, s.chunks, s.merge = nil, nil, nil
	s.chunkRows, s.kept, s.keyBytes = 0, 0, 0
	s.sorted = true
	err := s.closeRuns()
	s.release()
	if e := s.in.Close(); e != nil {
		return e
	}
	return err
}
