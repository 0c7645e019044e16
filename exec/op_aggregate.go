package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// Partial aggregation that does not reduce is a waste: after partialProbe rows
// with more than partialRatio groups per row it passes rows through as states.
const (
	partialProbe = 1 << 17
	partialRatio = 0.7
)

// aggregateOp groups its input in a groupTable and folds each call's arguments
// into that call's accumulator.
type aggregateOp struct {
	base
	in     Operator
	node   *physical.HashAggregate
	exprs  *program // groups, then each call's arguments, filter and order keys
	table  *groupTable
	calls  []*aggCall
	fused  *fusedCalls // those of calls that share a loop, nil = none
	groups []int32
	same   []int32          // 0, 1, 2 …: each row its own group
	setID  []*vector.Vector // per grouping set, its number

	rows       int64
	next       int
	input      bool          // the input has not ended
	through    bool          // partial: pass rows through, or runs of rows
	runs       *runFinder    // partial: while probing, and then if through works by runs
	flushing   bool          // partial: groups so far go out before more input is read
	empty      bool          // an ungrouped aggregate has given its row
	waiting    *vector.Batch // input that found no room, with its columns; nil = none
	columns    []*vector.Vector
	spilled    aggSpill
	radix      *radixRows // not nil: rows are gathered by the hash of their keys
	radixAgain int        // groups from which on to try that again, after it was refused memory
	hasher     vector.Hasher
	hashes     []uint64
}

func newHashAggregate(b *builder, n *physical.HashAggregate, in Operator) (Operator, error) {
	a := &aggregateOp{base: newBase(b.env, n, "Aggregate"), in: in, node: n, input: true}
	inTypes := inputTypes(n.Input)
	list := append([]expr.Expr(nil), n.Groups...)
	groupTypes := make([]types.Type, len(n.Groups))
	for i, g := range n.Groups {
		groupTypes[i] = g.Type()
		if n.Phase.ReadsStates() { // whatever the expression was, its value is column i
			groupTypes[i] = inTypes[i]
			list[i] = &expr.Input{Index: i, Typ: inTypes[i]}
		}
	}
	if n.Sets != nil && n.Phase == physical.Final { // the set's number came along as a group
		groupTypes, list = a.setColumn(groupTypes, list, inTypes)
	} else if n.Sets != nil {
		groupTypes = append(groupTypes, types.Of(types.Int8))
		for s := range n.Sets {
			v := vector.FromSlice(types.Of(types.Int8), []int64{int64(s)})
			v.Enc = vector.Const
			a.setID = append(a.setID, v)
		}
	}
	a.table = newGroupTable(groupTypes)
	if n.Phase == physical.Partial && n.Sets == nil {
		a.table.finer = n.Rows / float64(max(1, b.env.Tasks))
	}
	if n.Phase == physical.Partial && n.Sets == nil && len(groupTypes) > 0 && a.table.packer.layout.words > 0 {
		a.runs = &runFinder{packer: keyPacker{layout: a.table.packer.layout}}
	}
	at, state := len(list), len(n.Groups)
	for _, c := range n.Calls {
		call := newAggCall(a, c, at, state)
		state += len(call.args)
		list = append(list, call.exprs...)
		at += len(call.exprs)
		a.calls = append(a.calls, call)
	}
	a.fused = fuseCalls(a.calls)
	p, err := compile(b.env, list, inTypes)
	a.exprs = p
	return a, err
}

// setColumn adds the last input column, the grouping set's number, as a group.
func (a *aggregateOp) setColumn(ts []types.Type, list []expr.Expr, in []types.Type) ([]types.Type, []expr.Expr) {
	last := len(in) - 1
	return append(ts, in[last]), append(list, &expr.Input{Index: last, Typ: in[last]})
}

func (a *aggregateOp) Open(ctx context.Context) error { return a.in.Open(ctx) }

func (a *aggregateOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if a.input && !a.flushing {
			b, err := a.consume(ctx)
			if b != nil || err != nil {
				return b, err
			}
		}
		if b, err := a.emit(); b != nil || err != nil {
			return b, err
		}
		if a.radix != nil {
			if more, err := a.nextRadix(ctx); err != nil {
				return nil, err
			} else if more {
				continue
			}
		}
		if a.input {
			if err := a.restart(); err != nil {
				return nil, err
			}
			continue
		}
		if more, err := a.load(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, io.EOF
		}
	}
}

// consume reads input until it ends or groups must go out. In pass-through it
// returns a batch for each of the input's.
func (a *aggregateOp) consume(ctx context.Context) (*vector.Batch, error) {
	for !a.flushing {
		b, cols, err := a.read(ctx)
		if err == io.EOF {
			a.input = false
			return nil, a.finishInput(ctx)
		}
		if err != nil {
			return nil, err
		}
		if a.through {
			return a.passThrough(b, cols)
		}
		if a.radix != nil {
			ok, err := a.gather(ctx, b, cols)
			if err != nil {
				return nil, err
			}
			if ok {
				continue
			}
			if a.flushing {
				a.waiting, a.columns = b, cols
				break
			}
		}
		if !a.table.takes(cols) {
			a.flushing, a.waiting, a.columns = true, b, cols
			break
		}
		ok, err := a.room(ctx, func() int64 { return a.growth(cols, b.Sel, b.Rows) })
		if err != nil {
			return nil, err
		}
		if !ok {
			a.waiting, a.columns = b, cols
			break
		}
		if err := a.fold(b, cols); err != nil {
			return nil, err
		}
		if err := a.judge(ctx, cols); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// read returns the next input with its columns, first what found no room before.
func (a *aggregateOp) read(ctx context.Context) (b *vector.Batch, cols []*vector.Vector, err error) {
	if b = a.waiting; b != nil {
		cols = a.columns
		a.waiting, a.columns = nil, nil
		return b, cols, nil
	}
	if b, err = a.in.Next(ctx); err != nil {
		return nil, nil, err
	}
	cols, err = a.exprs.Eval(b)
	return b, cols, err
}

// judge decides after a batch how to go on: a partial aggregation that reduces
// little, or has too much in memory, sends its groups out; others move theirs to disk. cols are the batch's.
func (a *aggregateOp) judge(ctx context.Context, cols []*vector.Vector) error {
	if a.runs != nil && a.rows >= runProbe {
		if a.independent() && a.runs.pays(a.rows, a.table.Len()) {
			a.flushing, a.through, a.rows = true, true, 0
			return nil
		}
		a.runs = nil
	}
	if !a.partial() {
		if a.full() {
			return a.shed(ctx)
		}
		if a.mayRadix(cols) && a.table.Len() >= max(a.radixFrom(), a.radixAgain) {
			return a.startRadix()
		}
		return nil
	}
	switch few := float64(a.table.Len()) <= partialRatio*float64(a.rows); {
	case a.full():
		a.flushing = true
	case a.reduces() && a.mayRadix(cols):
		if a.table.Len() >= max(a.radixFrom(), a.radixAgain) {
			return a.startRadix()
		}
	case a.rows >= partialProbe && !few:
		a.flushing, a.through = true, a.node.Sets == nil && a.independent()
		a.rows = 0
	}
	return nil
}

// independent reports that no call needs all rows of a group at once.
func (a *aggregateOp) independent() bool {
	for _, c := range a.calls {
		if c.distinct != nil || c.ordered != nil {
			return false
		}
	}
	return true
}

// fold adds a batch to the groups, once per grouping set.
func (a *aggregateOp) fold(b *vector.Batch, cols []*vector.Vector) error {
	n := b.Count()
	a.rows += int64(n)
	a.groupsFor(n)
	keys := cols[:len(a.table.types)-min(1, len(a.setID))]
	if a.setID == nil {
		return a.foldSet(keys, b, cols)
	}
	return a.foldSets(keys, b, cols)
}

func (a *aggregateOp) foldSet(keys []*vector.Vector, b *vector.Batch, cols []*vector.Vector) error {
	groups := a.groupsFor(b.Count())
	if len(keys) == 0 {
		groups = nil
	} else if _, err := a.table.Assign(keys, b.Sel, b.Rows, groups); err != nil {
		return err
	}
	return a.foldCalls(groups, b, cols)
}

// foldCalls folds a batch into its rows' groups.
func (a *aggregateOp) foldCalls(groups []int32, b *vector.Batch, cols []*vector.Vector) error {
	if a.runs != nil {
		a.runs.count(groups)
	}
	for _, c := range a.calls {
		c.grow(max(1, a.table.Len()))
	}
	fused, err := a.fused.update(a.table.Len(), groups, cols, b.Sel)
	if err != nil {
		return err
	}
	for _, c := range a.calls {
		if fused && c.fused {
			continue
		}
		if err := c.update(a, groups, cols, b.Sel, b.Rows); err != nil {
			return err
		}
	}
	return nil
}

// emit returns the next groups, nil when all went out.
func (a *aggregateOp) emit() (*vector.Batch, error) {
	total := a.table.Len()
	if len(a.table.types) == 0 {
		total = 1
		if a.empty {
			total = 0
		}
		a.empty = true
	}
	from := a.next
	to := min(from+a.size, total)
	if from >= to {
		return nil, nil
	}
	a.next = to
	cols := a.table.Columns(from, to)
	var set *vector.Vector
	if a.node.Sets != nil { // the set's number comes last
		set = cols[len(cols)-1]
		cols = cols[:len(cols)-1]
	}
	for _, c := range a.calls {
		if a.node.Phase.GivesStates() {
			s, err := c.acc.State(from, to)
			if err != nil {
				return nil, err
			}
			cols = append(cols, s...)
			continue
		}
		v, err := c.acc.Final(a.env.Context, from, to)
		if err != nil {
			return nil, err
		}
		cols = append(cols, v)
	}
	if set != nil {
		cols = append(cols, set)
	}
	return &vector.Batch{Rows: to - from, Cols: cols}, nil
}

// restart empties a partial aggregation whose groups went out.
func (a *aggregateOp) restart() error {
	if a.mustSpill(1) { // what the groups had counts as held
		a.renew()
		a.next, a.flushing = 0, false
		return a.reserve(0)
	}
	a.table.Reset()
	for _, c := range a.calls {
		c.acc.Reset()
	}
	a.next, a.flushing = 0, false
	return nil
}

// passThrough turns each row, or each run of rows, into a group of its own.
func (a *aggregateOp) passThrough(b *vector.Batch, cols []*vector.Vector) (*vector.Batch, error) {
	n := b.Count()
	groups, firsts := a.same, b.Sel
	if a.runs != nil {
		groups, firsts = a.runs.find(cols[:len(a.node.Groups)], b.Sel, b.Rows)
		n = len(firsts)
	} else if len(groups) < n {
		a.same = rowNumbers(0, n)
		groups = a.same
	} else {
		groups = groups[:n]
	}
	out := make([]*vector.Vector, 0, len(a.node.Out))
	for _, v := range cols[:len(a.node.Groups)] {
		if firsts != nil {
			v = vector.Take(v, firsts)
		}
		out = append(out, v)
	}
	dropSparse(out)
	for _, c := range a.calls {
		c.acc.Reset()
		c.grow(n)
		if err := c.update(a, groups, cols, b.Sel, b.Rows); err != nil {
			return nil, err
		}
		s, err := c.acc.State(0, n)
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
	return &vector.Batch{Rows: n, Cols: out}, nil
}

func (a *aggregateOp) Close() error {
	a.input = false
	a.next = a.table.Len()
	a.empty = true
	a.table, a.calls = newGroupTable(nil), nil
	a.waiting, a.columns, a.radix = nil, nil, nil
	err := a.spilled.close()
	a.release()
	if a.in != nil {
		err = errors.Join(err, a.in.Close())
	}
	return err
}
