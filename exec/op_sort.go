package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// sortOp collects its input, sorts it by normalized keys, and gathers the rows.
// Rows that don't fit into memory become sorted runs on disk, merged at the end.
type sortOp struct {
	base
	in     Operator
	node   *physical.Sort
	rows   *rowSet
	cols   []*vector.Vector
	order  []int32
	next   int
	sorted bool

	runs   []*spill.Run
	merger *runMerger // not nil: rows come from runs
}

func newSort(b *builder, n *physical.Sort, in Operator) Operator {
	return &sortOp{base: newBase(b.env, n, "Sort"), in: in, node: n}
}

func (s *sortOp) Open(ctx context.Context) error {
	s.rows = newRowSet(inputTypes(s.node.Input))
	return s.in.Open(ctx)
}

func (s *sortOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !s.sorted {
		if err := s.sort(ctx); err != nil {
			return nil, err
		}
	}
	if s.merger != nil {
		return s.merger.next(s.size)
	}
	from := s.next
	to := min(from+s.size, len(s.order))
	if from == to {
		return nil, io.EOF
	}
	s.next = to
	return &vector.Batch{Rows: to - from, Cols: takeAll(s.cols, s.order[from:to]), Owned: true}, nil
}

func (s *sortOp) sort(ctx context.Context) error {
	if err := drain(ctx, s.in, func(b *vector.Batch) error { return s.add(ctx, b) }); err != nil {
		return err
	}
	s.sorted = true
	if len(s.runs) > 0 {
		return s.startMerge(ctx)
	}
	if err := s.arrange(); err != nil {
		return err
	}
	return s.hold(s.rows.bytes() + int64(4*len(s.order)))
}

// add keeps the rows of a batch; those there already make room for them on disk.
func (s *sortOp) add(ctx context.Context, b *vector.Batch) error {
	if err := s.reserve(b); err != nil {
		if !s.maySpill(s.rows.rows, err) {
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
	if s.mustSpill(s.rows.rows) {
		return s.spill(ctx)
	}
	return nil
}

// arrange sorts the rows held.
func (s *sortOp) arrange() (err error) {
	s.cols = s.rows.view()
	keys, width := sortColumns(s.cols, s.node.Keys)
	if err := s.hold(s.rows.bytes() + int64(s.rows.rows)*(width+sortEntryBytes)); err != nil {
		return err
	}
	s.order, err = sortRows(keys, sortOrders(s.node.Keys), s.rows.rows)
	return err
}

// sortEntryBytes is what sorting needs for a row besides its key.
const sortEntryBytes = 36

// sortColumns picks the key columns and estimates the bytes of a normalized key.
func sortColumns(cols []*vector.Vector, keys []physical.SortKey) ([]*vector.Vector, int64) {
	out := make([]*vector.Vector, len(keys))
	width := int64(0)
	for i, k := range keys {
		v := cols[k.Column]
		out[i] = v
		w := int64(v.Type.Storage().Width())
		if w == 0 && v.Len > 0 {
			w = int64(len(v.Base().Data))/max(1, int64(v.Base().Len)) + 2
		}
		width += 1 + w
	}
	return out, width
}

func (s *sortOp) Close() error {
	s.rows, s.cols, s.order, s.next = nil, nil, nil, 0
	s.sorted = true
	err := s.closeRuns()
	s.release()
	if e := s.in.Close(); e != nil {
		return e
	}
	return err
}
