package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

const (
	// topnKeyBytes is about what sorting takes for each row: its number and its key.
	topnKeyBytes = 24
	// topnSpare is what handing many rows over to a sort takes to begin with.
	topnSpare = 1 << 20
)

// spare is what is reserved beside the rows so that they can go to disk.
func (t *topnOp) spare() int64 {
	if t.env.Spill == nil || t.rows.bytes() < topnSpare {
		return 0
	}
	return topnSpare
}

// toSort hands the rows over to a sort, which can move them to disk: more rows are wanted than fit into memory. The
// threshold found so far goes on rejecting rows.
func (t *topnOp) toSort(ctx context.Context) error {
	s := &sortOp{base: t.base, in: t.in, types: inputTypes(t.node.Input),
		node: &physical.Sort{Base: t.node.Base, Input: t.node.Input, Keys: t.node.Keys}}
	s.account, s.held = nil, 0
	s.rows, s.enc, s.skip = newRowSet(s.types), newKeyEncoder(t.node.Keys, s.types), t.node.Offset
	t.sort, t.left = s, t.node.Count
	rows := t.rows
	cols := rows.view()
	t.rows = newRowSet(s.types)
	if err := t.hold(rows.bytes()); err != nil {
		return err
	}
	step := max(1, min(t.size, int(runBatchBytes*int64(rows.rows)/max(1, rows.bytes()))))
	for from := 0; from < rows.rows; from += step {
		to := min(from+step, rows.rows)
		b := &vector.Batch{Rows: to - from, Cols: make([]*vector.Vector, len(cols))}
		for i, v := range cols {
			b.Cols[i] = vector.Slice(v, from, to)
		}
		if err := s.add(ctx, b); err != nil {
			return err
		}
	}
	return t.hold(0)
}

// fromSort returns the next of the wanted rows.
func (t *topnOp) fromSort(ctx context.Context) (*vector.Batch, error) {
	if t.left <= 0 {
		return nil, io.EOF
	}
	if !t.sort.sorted {
		if err := t.sort.finish(ctx); err != nil {
			return nil, err
		}
	}
	b, err := t.sort.Next(ctx)
	if err != nil {
		return nil, err
	}
	if n := int64(b.Count()); n > t.left {
		cut := *b
		if cut.Sel == nil {
			cut.Sel = rowNumbers(0, cut.Rows)
		}
		cut.Sel = cut.Sel[:t.left]
		b = &cut
	}
	t.left -= int64(b.Count())
	return b, nil
}
