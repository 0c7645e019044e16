package exec

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

const (
	runBatchBytes = 128 << 10 // of a batch in a run, about
	runReadBytes  = 3 * runBatchBytes
	runsAtOnce    = 128 // that are merged in one pass
)

// reserve holds what is there and a batch to come: with a place to spill to
// also what sorting and writing it out will take, since there would be no way to
// get it then.
func (s *sortOp) reserve(b *vector.Batch) error {
	if s.env.Spill == nil {
		return s.hold(s.rows.bytes() + b.Size())
	}
	cols := b.Cols
	if s.rows.rows > 0 {
		cols = s.rows.view()
	}
	_, width := sortColumns(cols, s.node.Keys)
	n := s.rows.grown(b)
	return s.hold(n + n/8 + int64(s.rows.rows+b.Count())*(width+sortEntryBytes))
}

// grown is about what the columns take once a batch is added: they double.
func (s *rowSet) grown(b *vector.Batch) int64 {
	var n int64
	for i, c := range s.cols {
		have, used := c.Bytes(), int64(c.DataBytes())+b.Cols[i].Size()
		if b.Cols[i].Enc == vector.Const || b.Cols[i].Type.Storage().Width() == 0 {
			used += 4 * int64(s.rows)
		}
		if used > have {
			have = max(used, 2*have)
		}
		n += have
	}
	return n
}

// spill sorts the rows held and moves them to disk.
func (s *sortOp) spill(ctx context.Context) error {
	if err := s.arrange(); err != nil {
		return err
	}
	step := max(1, min(s.size, int(runBatchBytes*int64(s.rows.rows)/max(1, s.rows.bytes()))))
	from := 0
	run, err := s.write(ctx, func() (*vector.Batch, error) {
		to := min(from+step, len(s.order))
		if from == to {
			return nil, io.EOF
		}
		idx := s.order[from:to]
		from = to
		return &vector.Batch{Rows: len(idx), Cols: takeAll(s.cols, idx), Owned: true}, nil
	})
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	s.rows, s.cols, s.order = newRowSet(inputTypes(s.node.Input)), nil, nil
	return s.hold(0)
}

// write makes a run of batches until io.EOF.
func (s *sortOp) write(ctx context.Context, next func() (*vector.Batch, error)) (*spill.Run, error) {
	w, err := s.env.Spill.NewWriter(s.node.Input.Info().Out)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for {
		b, err := next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = w.Write(b)
		}
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	run, err := w.Finish()
	if err == nil {
		atomic.AddInt64(&s.stats.Spilled, run.Bytes())
	}
	return run, err
}

// startMerge merges neighbouring runs until memory suffices to read all at once.
// Runs stay in the order of the input, so that rows with equal keys do.
func (s *sortOp) startMerge(ctx context.Context) error {
	if s.rows.rows > 0 {
		if err := s.spill(ctx); err != nil {
			return err
		}
	}
	s.rows = nil
	for {
		n, err := s.holdRuns()
		if err != nil {
			return err
		}
		if n >= len(s.runs) {
			s.merger, err = newRunMerger(s.runs, s.node)
			return err
		}
		if err := s.mergePass(ctx, n); err != nil {
			return err
		}
	}
}

// holdRuns reserves memory to read as many runs as possible, and the rows merged.
func (s *sortOp) holdRuns() (int, error) {
	n := min(len(s.runs), runsAtOnce)
	for {
		err := s.hold(int64(n+2) * runReadBytes)
		if err == nil || n <= 2 || sqlerr.Code(err) != sqlerr.OutOfMemory {
			return n, err
		}
		n = max(2, n/2)
	}
}

// mergePass merges each n neighbouring runs into one.
func (s *sortOp) mergePass(ctx context.Context, n int) error {
	old := s.runs
	for k := 0; len(old) > k; k++ {
		group := old[k:min(k+n, len(old))]
		if len(group) == 1 {
			break
		}
		m, err := newRunMerger(group, s.node)
		if err != nil {
			return err
		}
		run, err := s.write(ctx, func() (*vector.Batch, error) { return m.next(s.size) })
		m.close()
		if err != nil {
			return err
		}
		for _, r := range group {
			err = errors.Join(err, r.Close())
		}
		old = append(append(old[:k:k], run), old[k+len(group):]...)
		s.runs = old
		if err != nil {
			return err
		}
	}
	return nil
}

// closeRuns frees readers and disk; it may be called again.
func (s *sortOp) closeRuns() (err error) {
	if s.merger != nil {
		s.merger.close()
		s.merger = nil
	}
	for _, r := range s.runs {
		err = errors.Join(err, r.Close())
	}
	s.runs = nil
	return err
}

func keyColumns(keys []physical.SortKey) []int {
	out := make([]int, len(keys))
	for i, k := range keys {
		out[i] = k.Column
	}
	return out
}
