package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
)

// windowOp reads rows sorted by partition and order, and computes its calls a
// block of rows at a time. A block ends anywhere if all calls can go on from there, as running sums and ranks can; else
// it consists of whole partitions. A partition that is too large for that is read twice from disk where only its totals
// are missing (windowSpool).
type windowOp struct {
	base
	in    Operator
	node  *physical.Window
	calls []*windowCall
	exprs *program // each call's arguments, then its filter
	reach windowReach
	peers bool // calls ask for them

	set     *rowSet // rows before look are context: they were given out
	divider windowDivider
	numbers []int32 // 0, 1, 2, …
	look    int
	seen    int64         // rows given out of the partition that row look is in
	block   int           // rows wanted at least for the next block
	ended   bool          // no rows are to come for set
	pending *vector.Batch // read and not added yet
	spool   *windowSpool

	cols []*vector.Vector // of the block that is being given out
	rows int
	next int
}

// windowBlock is how many rows a block has, about.
const windowBlock = 8 * vector.BatchSize

func newWindow(b *builder, n *physical.Window, in Operator) (Operator, error) {
	w := &windowOp{base: newBase(b.env, n, "Window"), in: in, node: n}
	if keys := n.SortKeys(); len(keys) > 0 && !n.Sorted {
		s := newSort(b, &physical.Sort{Base: physical.Base{ID: n.ID, Out: n.Input.Info().Out}, Input: n.Input, Keys: keys}, in)
		s.name = w.name
		w.in = s
	}
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
		c.classify()
		w.reach.add(c.reach)
		w.calls = append(w.calls, c)
	}
	p, err := compile(b.env, list, inputTypes(n.Input))
	w.exprs = p
	return w, err
}

func (w *windowOp) Open(ctx context.Context) error {
	w.set = newRowSet(inputTypes(w.node.Input))
	w.block = w.least()
	return w.in.Open(ctx)
}

// least is how many rows a block has at least.
func (w *windowOp) least() int {
	if n := w.env.SpillRows; n > 0 {
		return n
	}
	return windowBlock
}

func (w *windowOp) Next(ctx context.Context) (*vector.Batch, error) {
	for w.next == w.rows {
		if err := w.advance(ctx); err != nil {
			return nil, err
		}
	}
	from := w.next
	to := min(from+w.size, w.rows)
	w.next = to
	cols := make([]*vector.Vector, len(w.cols))
	for i, v := range w.cols {
		cols[i] = vector.Slice(v, from, to)
	}
	return &vector.Batch{Rows: to - from, Cols: cols, Owned: true}, nil
}

// advance computes the next block; io.EOF if there is none.
func (w *windowOp) advance(ctx context.Context) error {
	w.cols, w.rows, w.next = nil, 0, 0
	short, err := w.fill(ctx)
	if err != nil {
		return err
	}
	if w.set.rows == w.look && w.ended {
		if w.spool == nil {
			return io.EOF
		}
		return w.endSpool()
	}
	sorted, parts, err := w.arrange()
	if err != nil {
		return err
	}
	to := w.safe(parts)
	switch {
	case to > w.look:
		w.block = w.least()
		return w.compute(ctx, sorted, parts, to)
	case short != nil && w.canSpool():
		return w.startSpool(ctx)
	case short != nil && !errors.Is(short, errWindowShare):
		return short
	}
	w.block = 2 * max(w.block, w.set.rows) // the last partition, or its last peers, are not complete
	return nil
}

// errWindowShare says that more is held than the operator's share.
var errWindowShare = errors.New("window: over its share")

// canSpool reports whether the current partition can be read twice.
func (w *windowOp) canSpool() bool {
	return w.env.Spill != nil && w.spool == nil && w.reach.whole && !w.reach.all
}

// arrange returns the rows held and their partitions; rows of an earlier
// partition than the block's first, kept to look back at, are dropped.
func (w *windowOp) arrange() ([]*vector.Vector, []windowPart, error) {
	sorted := w.set.view()
	parts, err := w.partitions(sorted)
	if err != nil || w.look == 0 || parts[0].to > w.look {
		return sorted, parts, err
	}
	rest := newRowSet(inputTypes(w.node.Input))
	if err := rest.add(sorted, rowNumbers(w.look, w.set.rows), 0); err != nil {
		return nil, nil, err
	}
	w.set, w.look, w.seen = rest, 0, 0
	sorted = w.set.view()
	parts, err = w.partitions(sorted)
	return sorted, parts, err
}

// fill reads rows for a block, or as many as memory allows: short says why it ended then.
func (w *windowOp) fill(ctx context.Context) (short, err error) {
	for !w.ended && w.set.rows-w.look < w.block {
		b, err := w.read(ctx)
		if errors.Is(err, io.EOF) {
			w.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		if err := w.reserve(b); err != nil {
			if w.set.rows == w.look || sqlerr.Code(err) != sqlerr.OutOfMemory {
				return nil, err
			}
			w.pending = b.Keep()
			return err, nil
		}
		if err := w.set.add(b.Cols, b.Sel, b.Rows); err != nil {
			return nil, err
		}
		if w.canSpool() && w.mustSpill(w.set.rows) {
			return errWindowShare, nil
		}
	}
	return nil, nil
}

// reserve holds the rows, those to come, and what computing takes: sorted
// positions and results.
func (w *windowOp) reserve(b *vector.Batch) error {
	bytes := w.set.grown(b)
	rows := int64(w.set.rows + b.Count())
	results := rows * int64(64+24*len(w.calls))
	for _, c := range w.calls {
		if c.node.Result.Storage().Width() == 0 {
			results += bytes
		}
	}
	return w.hold(2*bytes + results)
}

// read returns the next rows of the partition on disk, else of the input.
func (w *windowOp) read(ctx context.Context) (*vector.Batch, error) {
	if b := w.pending; b != nil {
		w.pending = nil
		return b, nil
	}
	if w.spool != nil {
		return w.spool.reader.Next()
	}
	return w.in.Next(ctx)
}

// safe is the end of the rows that can be given out: all their calls' results
// are settled by the rows in set.
func (w *windowOp) safe(parts []windowPart) int {
	if w.ended {
		return w.set.rows
	}
	last := parts[len(parts)-1]
	if w.reach.all || w.reach.whole && w.spool == nil {
		return max(w.look, last.from)
	}
	to := last.to - w.reach.ahead
	if w.reach.peers && to > last.from {
		to = int(last.peerFrom[min(to, last.to-1)-last.from])
	}
	return max(w.look, last.from, to)
}

// rowNumbers returns 0, 1, …, n-1, to be read only.
func (w *windowOp) rowNumbers(n int) []int32 {
	for len(w.numbers) < n {
		w.numbers = append(w.numbers, int32(len(w.numbers)))
	}
	return w.numbers[:n]
}

// compute makes the block of rows [look, to).
func (w *windowOp) compute(ctx context.Context, sorted []*vector.Vector, parts []windowPart, to int) error {
	vals, err := w.exprs.Eval(&vector.Batch{Rows: w.set.rows, Cols: sorted})
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
	blk := &windowBlockRows{sorted: sorted, n: w.set.rows, from: w.look, to: to, seen: w.seen}
	blk.open = !w.ended && parts[len(parts)-1].from < to
	for blk.parts = parts; blk.parts[len(blk.parts)-1].from >= to; {
		blk.parts = blk.parts[:len(blk.parts)-1]
	}
	var out []*vector.Vector
	for _, v := range sorted {
		out = append(out, vector.Slice(v, w.look, to))
	}
	var bytes int64
	for _, c := range w.calls {
		v, err := c.compute(ctx, blk, args)
		if err != nil {
			return err
		}
		bytes += v.Size()
		out = append(out, v)
	}
	if extra := bytes - int64(24*len(w.calls)*(to-w.look)); extra > 0 { // than was reserved
		if err := w.hold(w.held + extra); err != nil {
			return err
		}
	}
	w.cols, w.rows = out, to-w.look
	return w.trim(sorted, blk)
}

// trim drops the rows given out that later ones don't look back to.
func (w *windowOp) trim(sorted []*vector.Vector, blk *windowBlockRows) error {
	last := blk.parts[len(blk.parts)-1]
	keep, seen := blk.to, int64(0)
	if blk.open {
		keep = max(last.from, blk.to-max(1, w.reach.back)) // one tells whether peers go on
		seen = int64(blk.to - max(last.from, blk.from))
		if last.from <= blk.from {
			seen += w.seen
		}
	}
	rest := newRowSet(inputTypes(w.node.Input))
	if keep < w.set.rows {
		if err := rest.add(sorted, rowNumbers(keep, w.set.rows), 0); err != nil {
			return err
		}
	}
	w.set, w.look, w.seen = rest, blk.to-keep, seen
	return nil
}

func (w *windowOp) Close() error {
	w.set, w.cols, w.rows, w.next, w.pending = newRowSet(nil), nil, 0, 0, nil
	w.look, w.ended = 0, true
	err := w.endSpool()
	w.ended = true
	w.release()
	return errors.Join(err, w.in.Close())
}
