package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
)

// windowOp sorts its input once by partition and order, finds partitions and
// peers, and computes every call over the sorted columns.
type windowOp struct {
	base
	in    Operator
	node  *physical.Window
	calls []*windowCall
	exprs *program // each call's arguments, then its filter
	cols  []*vector.Vector
	rows  int
	next  int
	done  bool
}

func newWindow(b *builder, n *physical.Window, in Operator) (Operator, error) {
	w := &windowOp{base: newBase(b.env, n, "Window"), in: in, node: n}
	var list []expr.Expr
	for i := range n.Calls {
		c := &windowCall{node: &n.Calls[i], op: w, filter: -1}
		for _, a := range n.Calls[i].Args {
			c.args = append(c.args, len(list))
			list = append(list, a)
		}
		if f := n.Calls[i].Filter; f != nil {
			c.filter = len(list)
			list = append(list, f)
		}
		w.calls = append(w.calls, c)
	}
	p, err := compile(b.env, list, inputTypes(n.Input))
	w.exprs = p
	return w, err
}

func (w *windowOp) Open(ctx context.Context) error { return w.in.Open(ctx) }

func (w *windowOp) Next(ctx context.Context) (*vector.Batch, error) {
	if !w.done {
		if err := w.compute(ctx); err != nil {
			return nil, err
		}
		w.done = true
	}
	from := w.next
	to := min(from+w.size, w.rows)
	if from >= to {
		return nil, io.EOF
	}
	w.next = to
	cols := make([]*vector.Vector, len(w.cols))
	for i, v := range w.cols {
		cols[i] = vector.Slice(v, from, to)
	}
	return &vector.Batch{Rows: to - from, Cols: cols, Owned: true}, nil
}

func (w *windowOp) compute(ctx context.Context) error {
	set := newRowSet(inputTypes(w.node.Input))
	err := drain(ctx, w.in, func(b *vector.Batch) error {
		if err := w.hold(set.bytes() + b.Size()); err != nil {
			return err
		}
		return set.add(b.Cols, b.Sel, b.Rows)
	})
	if err != nil {
		return err
	}
	w.rows = set.rows
	// The sorted copy, keys, positions and results.
	if err := w.hold(2*set.bytes() + int64(w.rows)*int64(64+24*len(w.calls))); err != nil {
		return err
	}
	if err := w.sort(set); err != nil {
		return err
	}
	parts, err := w.partitions()
	if err != nil {
		return err
	}
	sorted := &vector.Batch{Rows: w.rows, Cols: w.cols}
	vals, err := w.exprs.Eval(sorted)
	if err != nil {
		return err
	}
	args := make([]*vector.Vector, len(vals))
	for i, v := range vals {
		args[i] = v
		if v.Enc == vector.Dict {
			args[i] = vector.Flatten(v)
		}
	}
	out := w.cols
	for _, c := range w.calls {
		v, err := c.compute(ctx, parts, args)
		if err != nil {
			return err
		}
		out = append(out, v)
	}
	w.cols = out
	return nil
}

// sort orders the rows by partition, then order.
func (w *windowOp) sort(set *rowSet) error {
	cols := set.view()
	var keys []*vector.Vector
	orders := make([]vector.KeyOrder, len(w.node.Partition), len(w.node.Partition)+len(w.node.Order))
	for _, c := range w.node.Partition {
		keys = append(keys, cols[c])
	}
	for _, k := range w.node.Order {
		keys = append(keys, cols[k.Column])
	}
	order, err := sortRows(keys, append(orders, sortOrders(w.node.Order)...), w.rows)
	if err != nil {
		return err
	}
	w.cols = takeAll(cols, order)
	return nil
}

// windowPart is a partition of the sorted rows with its peer groups.
type windowPart struct {
	from, to         int
	peerFrom, peerTo []int32 // by row - from
}

// partitions finds where partitions and peer groups begin.
func (w *windowOp) partitions() ([]windowPart, error) {
	newPart, err := w.changes(emitColumns(w.cols, w.node.Partition), len(w.node.Partition))
	if err != nil {
		return nil, err
	}
	order := make([]int, len(w.node.Order))
	for i, k := range w.node.Order {
		order[i] = k.Column
	}
	newPeer, err := w.changes(emitColumns(w.cols, order), len(order))
	if err != nil {
		return nil, err
	}
	peerFrom, peerTo := make([]int32, w.rows), make([]int32, w.rows)
	var parts []windowPart
	start, peer := 0, 0
	end := func(i int) {
		for k := peer; k < i; k++ {
			peerFrom[k], peerTo[k] = int32(peer), int32(i)
		}
		peer = i
	}
	for i := 1; i <= w.rows; i++ {
		if i < w.rows && !newPart[i] && !newPeer[i] {
			continue
		}
		end(i)
		if i == w.rows || newPart[i] {
			parts = append(parts, windowPart{start, i, peerFrom[start:i], peerTo[start:i]})
			start = i
		}
	}
	return parts, nil
}

// changes marks the rows whose columns differ from the row before.
func (w *windowOp) changes(cols []*vector.Vector, n int) ([]bool, error) {
	out := make([]bool, w.rows)
	if n == 0 {
		return out, nil
	}
	var keys vector.RowKeys
	var last []byte
	for from := 0; from < w.rows; from += vector.BatchSize {
		to := min(from+vector.BatchSize, w.rows)
		if err := keys.Encode(cols, rowNumbers(from, to), 0); err != nil {
			return nil, err
		}
		for i := from; i < to; i++ {
			k := keys.Row(i - from)
			if i > from {
				out[i] = string(k) != string(keys.Row(i-from-1))
			} else if i > 0 {
				out[i] = string(k) != string(last)
			}
		}
		last = append(last[:0], keys.Row(to-from-1)...)
	}
	return out, nil
}

func (w *windowOp) Close() error {
	w.cols, w.rows, w.done = nil, 0, true
	w.release()
	return w.in.Close()
}
