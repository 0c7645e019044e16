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
	// runBatchShare is which part of a sort's share of the memory a batch of a run is, at most mostRunBatch bytes.
	runBatchShare = 1 << 10
	mostRunBatch  = 512 << 10
	runBatchRows  = 4096 // most rows in a batch of a run
	runsAtOnce    = 128  // that are merged in one pass
	// roundRowBytes is what ordering takes for a row of a round besides its byte string.
	roundRowBytes = 64
	// roundRows is how many rows of a sort's chunks are ordered at a time, about.
	roundRows = 1 << 15
	// sealRowBytes is what sorting a chunk takes for a row besides its keys, sealKeyBytes what it takes for each column of them.
	sealRowBytes = 44
	sealKeyBytes = 8
)

// reserve holds what is there and a batch to come, with what sorting and
// writing it out will take, since there would be no way to get it then.
func (s *sortOp) reserve(b *vector.Batch) error {
	byteKeys, width := s.keyWidth(b)
	chunk := s.rows.grown(b)
	n := int64(s.rows.rows + b.Count())
	seal := 2*chunk + n*(sealRowBytes+2*width+8+sealKeyBytes*int64(len(s.enc.columns)))
	if byteKeys {
		seal += n * width
	}
	return s.hold(s.kept + seal + s.mergeBytes(n, n*width))
}

// keyWidth is about how long the keys of the chunk to come are, and whether they are byte strings.
func (s *sortOp) keyWidth(b *vector.Batch) (byteKeys bool, width int64) {
	if s.enc.ranges != nil {
		return false, s.enc.width()
	}
	for _, c := range s.enc.columns {
		w := int64(s.types[c].Storage().Width())
		if w == 0 {
			w = 4
			if s.rows.rows > 0 {
				w = 2 + s.rows.cols[c].View().Size()/int64(s.rows.rows)
			}
			if b != nil && b.Rows > 0 {
				w = max(w, 2+b.Cols[c].Size()/int64(b.Rows))
			}
		}
		width += 1 + w
	}
	return true, width + 12
}

// roundTarget is how many rows of the chunks make a round, about.
func (s *sortOp) roundTarget() int {
	n := int64(roundRows)
	if s.keyBytes > 0 { // not too many bytes of keys either
		n = min(n, max(sampleStep, int64(s.chunkRows)*(4<<20)/s.keyBytes))
	}
	return int(n)
}

// mergeBytes is about what ordering the chunks, and one to come of n rows with
// so many bytes of keys, takes: a round, and the rows of a batch.
func (s *sortOp) mergeBytes(n, keys int64) int64 {
	rows := int64(s.chunkRows) + n
	if rows == 0 {
		return 0
	}
	round := min(rows, int64(s.roundTarget()+sampleStep*(len(s.chunks)+1)))
	perRow := 2*(s.keyBytes+keys)/rows + roundRowBytes
	batch := min(rows, int64(s.size)) * s.kept / max(1, int64(s.chunkRows))
	perChunk := int64(len(s.chunks)) * int64(32*len(s.types)) // gatherers
	return round*perRow + min(batch, 2*sortChunkBytes) + perChunk + rows/sampleStep*64
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
	if err := s.seal(ctx); err != nil {
		return err
	}
	return s.writeChunks(ctx)
}

// writeChunks makes the chunks a run on disk; what has been added since they were sealed stays.
func (s *sortOp) writeChunks(ctx context.Context) error {
	step := max(1, min(s.size, runBatchRows, int(s.batchBytes()*int64(s.chunkRows)/max(1, s.kept))))
	m := newChunkMerger(s, true)
	m.round.skip = 0
	run, err := s.write(ctx, func() (*vector.Batch, error) { return m.next(step) })
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	s.runRows = max(s.runRows, step)
	s.chunks, s.chunkRows, s.kept, s.keyBytes = nil, 0, 0, 0
	if s.rows.rows > 0 {
		return nil
	}
	s.rows = newRowSet(s.types)
	return s.hold(0)
}

// batchBytes is about how large a batch of a run is: larger ones mean fewer and larger rounds of the
// merge, and take more memory then.
func (s *sortOp) batchBytes() int64 {
	n := min(s.account.Share(s.env.holders)/runBatchShare, mostRunBatch)
	s.runBytes = max(s.runBytes, n, runBatchBytes)
	return s.runBytes
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
	if s.rowsHeld() > 0 {
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
			s.merger, s.free = newRunMerger(s.runs, s.node)
			s.merger.skipRows(s.skip)
			return nil
		}
		if err := s.mergePass(ctx, n); err != nil {
			return err
		}
	}
}

// holdRuns reserves memory to read as many runs as the share allows, and the rows merged.
func (s *sortOp) holdRuns() (int, error) {
	n, each := min(len(s.runs), runsAtOnce), 3*max(s.runBytes, runBatchBytes)+roundRowBytes*int64(s.runRows)
	if share := s.env.SpillShare; share > 0 {
		n = min(n, max(2, int(share/each)-2))
	}
	for {
		err := s.hold(int64(n+2) * each)
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
		m, free := newRunMerger(group, s.node)
		run, err := s.write(ctx, func() (*vector.Batch, error) { return m.next(ctx, min(s.size, max(1, s.runRows))) })
		free()
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
		s.free()
		s.merger, s.free = nil, nil
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
