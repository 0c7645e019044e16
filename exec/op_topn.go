package exec

import (
	"bytes"
	"context"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// topnMost bounds the rows asked for: no task holds more.
const topnMost = 1 << 31

// topnSlack is how many more rows than twice those needed are gathered at most before they are cut.
const topnSlack = 1024

// topnOp keeps the least Offset+Count rows. Once it has that many it knows a
// threshold, and rows that sort after it are rejected by their keys alone.
type topnOp struct {
	base
	in      Operator
	node    *physical.TopN
	want    int
	columns []int
	keys    vector.RowKeys
	rows    *rowSet
	slack   int       // rows kept beyond want before the next cut
	limit   []byte    // the want-th least key so far, nil = not yet known
	bound   *topBound // nil: no scan to tell
	out     []*vector.Vector
	count   int
	next    int
	done    bool

	sort *sortOp // takes over when the rows leave the memory
	left int64   // rows it still has to give
}

func newTopN(b *builder, n *physical.TopN, in Operator, bound *topBound) Operator {
	t := &topnOp{bound: bound, base: newBase(b.env, n, "TopN"), in: in, node: n, want: int(min(n.Offset, topnMost) + min(n.Count, topnMost))}
	for _, k := range n.Keys {
		t.columns = append(t.columns, k.Column)
	}
	t.keys.Orders = sortOrders(n.Keys)
	return t
}

func (t *topnOp) Open(ctx context.Context) error {
	t.rows = newRowSet(inputTypes(t.node.Input))
	if t.node.Count == 0 {
		t.done = true
		return nil
	}
	return t.in.Open(ctx)
}

func (t *topnOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !t.done {
		if err := drain(ctx, t.in, func(b *vector.Batch) error { return t.add(ctx, b) }); err != nil {
			return nil, err
		}
		if err := t.prune(ctx); err != nil {
			return nil, err
		}
		t.done = true
		if t.sort == nil {
			t.out, t.count, t.next = t.rows.view(), t.rows.rows, int(t.node.Offset)
		}
	}
	if t.sort != nil {
		return t.fromSort(ctx)
	}
	from := t.next
	to := min(from+t.size, t.count)
	if from >= to {
		return nil, io.EOF
	}
	t.next = to
	return &vector.Batch{Rows: to - from, Cols: takeAll(t.out, rowNumbers(from, to)), Owned: true}, nil
}

// add keeps the rows of a batch that may be among the least.
func (t *topnOp) add(ctx context.Context, b *vector.Batch) error {
	keys := emitColumns(b.Cols, t.columns)
	sel := b.Sel
	if t.limit != nil {
		if sel = t.reject(keys[0], sel, b.Rows); len(sel) == 0 {
			return nil
		}
		if err := t.keys.Encode(keys, sel, b.Rows); err != nil {
			return err
		}
		kept := make([]int32, 0, len(sel))
		for k, i := range sel {
			// Of rows with equal keys the first ones are kept, so that the result is that of a stable sort.
			if bytes.Compare(t.keys.Row(k), t.limit) < 0 {
				kept = append(kept, i)
			}
		}
		if sel = kept; len(sel) == 0 {
			return nil
		}
	}
	if t.sort == nil {
		err := t.hold(t.rows.bytes() + b.Size() + t.spare())
		if err != nil && !t.maySpill(t.rows.rows, err) {
			return err
		}
		if err != nil || t.mustSpill(t.rows.rows) {
			if err := t.toSort(ctx); err != nil {
				return err
			}
		}
	}
	if t.sort != nil {
		return t.sort.add(ctx, &vector.Batch{Rows: b.Rows, Sel: sel, Cols: b.Cols})
	}
	if err := t.rows.add(b.Cols, sel, b.Rows); err != nil {
		return err
	}
	if t.rows.rows >= t.want+t.slack {
		t.slack = min(max(2*t.slack, t.want/2, 64), t.want+topnSlack) // often at first, when the threshold falls fast
		return t.prune(ctx)
	}
	return nil
}

// reject drops the rows whose first key alone sorts after the threshold.
func (t *topnOp) reject(v *vector.Vector, sel []int32, n int) []int32 {
	if sel == nil {
		sel = rowNumbers(0, n)
	}
	if len(t.columns) == 1 || v.Enc != vector.Flat {
		return sel
	}
	one := vector.RowKeys{Orders: t.keys.Orders[:1]}
	if v.Type.Storage().Width() == 0 || one.Encode([]*vector.Vector{v}, sel, n) != nil {
		return sel
	}
	kept := make([]int32, 0, len(sel))
	for k, i := range sel {
		r := one.Row(k)
		if bytes.Compare(r, t.limit[:min(len(r), len(t.limit))]) <= 0 {
			kept = append(kept, i)
		}
	}
	return kept
}

// prune sorts what is kept and cuts it to the wanted number of rows.
func (t *topnOp) prune(ctx context.Context) error {
	if t.sort != nil {
		return nil
	}
	if err := t.hold(2*t.rows.bytes() + int64(t.rows.rows)*topnKeyBytes); err != nil {
		if !t.maySpill(t.rows.rows, err) {
			return err
		}
		return t.toSort(ctx)
	}
	cols := t.rows.view()
	keys := emitColumns(cols, t.columns)
	order, err := sortRows(keys, t.keys.Orders, t.rows.rows)
	if err != nil {
		return err
	}
	if len(order) > t.want {
		order = order[:t.want]
	}
	rows := newRowSet(inputTypes(t.node.Input))
	if err := rows.add(cols, order, 0); err != nil {
		return err
	}
	t.rows = rows
	if len(order) == t.want && t.want > 0 {
		if err := t.keys.Encode(keys, order[t.want-1:], 0); err != nil {
			return err
		}
		t.limit = append(t.limit[:0], t.keys.Row(0)...)
		if t.bound != nil {
			if err := t.bound.set(keys[0], int(order[t.want-1])); err != nil {
				return err
			}
		}
	}
	return t.hold(rows.bytes())
}

func (t *topnOp) Close() error {
	t.rows, t.out, t.count, t.done = nil, nil, 0, true
	if t.sort != nil { // it closes the input
		t.release()
		return t.sort.Close()
	}
	t.release()
	return t.in.Close()
}
