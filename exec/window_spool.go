package exec

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/function"
)

// windowSpool is a partition on disk whose totals are known.
type windowSpool struct {
	run    *spill.Run
	reader *spill.Reader
	totals []*vector.Vector // by call; one row, nil for other calls
	rest   *vector.Batch    // of the input's rows after the partition; nil: there are none
}

// startSpool writes the partition whose first rows are held, and what there is
// of it in the input, to disk, and computes its totals on the way.
func (w *windowOp) startSpool(ctx context.Context) error {
	out, err := w.env.Spill.NewWriter(w.node.Input.Info().Out)
	if err != nil {
		return err
	}
	defer out.Close()
	totals := make([]function.Accumulator, len(w.calls))
	for i, c := range w.calls {
		if c.kind == windowWhole {
			totals[i] = c.node.Agg.New(c.node.ArgTypes)
			totals[i].Grow(1)
		}
	}
	b := &vector.Batch{Rows: w.set.rows, Cols: w.set.view()}
	var key []byte
	var rest *vector.Batch
	for {
		var part *vector.Batch
		if part, rest, err = w.samePartition(b, &key); err != nil {
			return err
		}
		if err := w.spoolRows(out, part, totals); err != nil {
			return err
		}
		if rest != nil {
			break
		}
		w.set = newRowSet(inputTypes(w.node.Input))
		if b, err = w.read(ctx); errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	run, err := out.Finish()
	if err != nil {
		return err
	}
	atomic.AddInt64(&w.stats.Spilled, run.Bytes())
	w.spool = &windowSpool{run: run, reader: run.Open(), totals: make([]*vector.Vector, len(w.calls)), rest: rest}
	for i, acc := range totals {
		if acc == nil {
			continue
		}
		if w.spool.totals[i], err = acc.Final(w.env.Context, 0, 1); err != nil {
			return err
		}
	}
	w.set, w.look, w.seen, w.block = newRowSet(inputTypes(w.node.Input)), 0, 0, w.least()
	return w.hold(0)
}

// samePartition splits off the rows of b after the partition of *key, which the
// first batch sets.
func (w *windowOp) samePartition(b *vector.Batch, key *[]byte) (part, rest *vector.Batch, err error) {
	if len(w.node.Partition) == 0 {
		return b, nil, nil
	}
	var keys vector.RowKeys
	if err := keys.Encode(emitColumns(b.Cols, w.node.Partition), b.Sel, b.Rows); err != nil {
		return nil, nil, err
	}
	if *key == nil {
		*key = append([]byte{}, keys.Row(0)...)
	}
	n := b.Count()
	to := 0
	for to < n && string(keys.Row(to)) == string(*key) {
		to++
	}
	if to < n {
		rest = cut(b, to, n).Keep()
	}
	return cut(b, 0, to), rest, nil
}

// spoolRows writes rows, a few at a time, and folds them into the totals.
func (w *windowOp) spoolRows(out *spill.Writer, b *vector.Batch, totals []function.Accumulator) error {
	n := b.Count()
	if n == 0 {
		return nil
	}
	step := max(1, min(n, runBatchRows, int(runBatchBytes*int64(n)/max(1, b.Size()))))
	for from := 0; from < n; from += step {
		piece := cut(b, from, min(from+step, n)).Compact()
		if err := out.Write(piece); err != nil {
			return err
		}
		vals, err := w.exprs.Eval(piece)
		if err != nil {
			return err
		}
		for i, acc := range totals {
			if acc == nil {
				continue
			}
			if err := w.calls[i].fold(acc, vals, piece.Rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// fold adds n rows to a total.
func (c *windowCall) fold(acc function.Accumulator, vals []*vector.Vector, n int) error {
	in := make([]*vector.Vector, len(c.args))
	for i, a := range c.args {
		if in[i] = vals[a]; in[i].Enc == vector.Dict {
			in[i] = vector.Flatten(in[i])
		}
	}
	sel := rowNumbers(0, n)
	if c.filter >= 0 {
		sel = sel[:0]
		f := vals[c.filter]
		data := f.Base().Data
		for i := 0; i < n; i++ {
			if !f.IsNull(i) && data[f.Index(i)] != 0 {
				sel = append(sel, int32(i))
			}
		}
	}
	if len(sel) == 0 {
		return nil
	}
	return acc.Update(c.op.env.Context, nil, in, sel, n)
}

// endSpool goes on with the input after the partition on disk; it may be called without one.
func (w *windowOp) endSpool() error {
	s := w.spool
	if s == nil {
		return nil
	}
	w.spool, w.pending, w.ended = nil, s.rest, s.rest == nil
	w.set, w.look, w.seen = newRowSet(inputTypes(w.node.Input)), 0, 0
	s.reader.Close()
	return s.run.Close()
}
