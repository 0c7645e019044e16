package exec

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// tableFuncOp calls a set-returning function for each input row. The function
// pushes its rows, so it runs as a coroutine that is stopped when nobody wants more.
type tableFuncOp struct {
	base
	in    Operator
	node  *physical.TableFunc
	args  *program
	types []types.Type // the function's columns
	next  func() (*vector.Batch, bool)
	stop  func()
	err   error
}

var errStopped = errors.New("table function: no more rows are wanted")

func newTableFunc(b *builder, n *physical.TableFunc, in Operator) (Operator, error) {
	t := &tableFuncOp{base: newBase(b.env, n, "TableFunction"), in: in, node: n}
	p, err := compile(b.env, n.Args, inputTypes(n.Input))
	t.args = p
	argTypes := exprTypes(n.Args)
	t.types = fieldTypes(n.Func.Columns(argTypes))
	return t, err
}

func (t *tableFuncOp) Open(ctx context.Context) error {
	t.next, t.stop = iter.Pull(func(yield func(*vector.Batch) bool) {
		if err := t.run(ctx, yield); err != errStopped {
			t.err = err
		}
	})
	return t.in.Open(ctx)
}

func (t *tableFuncOp) Next(context.Context) (*vector.Batch, error) {
	if b, ok := t.next(); ok {
		return b, nil
	}
	if t.err != nil {
		return nil, t.err
	}
	return nil, io.EOF
}

// run reads the whole input; it is the body of the coroutine.
func (t *tableFuncOp) run(ctx context.Context, yield func(*vector.Batch) bool) error {
	out := &tableOutput{op: t, ctx: ctx, yield: yield}
	out.reset()
	err := drain(ctx, t.in, func(b *vector.Batch) error {
		args, err := t.args.Eval(b)
		if err != nil {
			return err
		}
		flat := make([]*vector.Vector, len(args))
		for i, a := range args {
			if flat[i] = a; a.Enc == vector.Dict {
				flat[i] = vector.Flatten(a)
			}
		}
		for k := 0; k < b.Count(); k++ {
			i := int32(k)
			if b.Sel != nil {
				i = b.Sel[k]
			}
			if err := out.row(b, flat, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.flush()
}

func (t *tableFuncOp) Close() error {
	if t.stop != nil {
		t.stop()
		t.next, t.stop = func() (*vector.Batch, bool) { return nil, false }, nil
	}
	t.release()
	return t.in.Close()
}

// tableOutput gathers a table function's rows, each behind its input row.
type tableOutput struct {
	op    *tableFuncOp
	ctx   context.Context
	yield func(*vector.Batch) bool
	set   *rowSet
}

func (o *tableOutput) reset() {
	ts := append(append([]types.Type(nil), inputTypes(o.op.node.Input)...), o.op.types...)
	if o.op.node.WithOrdinality {
		ts = append(ts, types.Of(types.Int8))
	}
	o.set = newRowSet(ts)
}

// row adds the function's rows for input row i.
func (o *tableOutput) row(b *vector.Batch, args []*vector.Vector, i int32) error {
	number := int64(0)
	err := o.op.node.Func.Call(o.op.env.Context, args, int(i), func(r *vector.Batch) error {
		n := r.Count()
		if n == 0 {
			return nil
		}
		cols := make([]*vector.Vector, len(r.Cols))
		for c, v := range r.Cols {
			if cols[c] = v; r.Sel != nil {
				cols[c] = vector.Take(v, r.Sel)
			}
		}
		err := o.add(b, i, cols, n, number)
		number += int64(n)
		return err
	})
	if err != nil {
		return err
	}
	if number > 0 || !o.op.node.Outer {
		return nil
	}
	cols := make([]*vector.Vector, len(o.op.types))
	for c, t := range o.op.types {
		cols[c] = vector.NullConst(t, 1)
	}
	return o.add(b, i, cols, 1, -1)
}

// add appends n rows; number is the rows that came before, -1 for the NULL row.
func (o *tableOutput) add(b *vector.Batch, i int32, cols []*vector.Vector, n int, number int64) error {
	same := make([]int32, n)
	fillInt32(same, i)
	at := 0
	for _, v := range b.Cols {
		if err := o.set.cols[at].Append(v, same, n); err != nil {
			return err
		}
		at++
	}
	if o.op.node.WithOrdinality {
		ord := make([]int64, n)
		for k := range ord {
			ord[k] = number + int64(k) + 1
		}
		v := vector.FromSlice(types.Of(types.Int8), ord)
		if number < 0 {
			v = vector.NullConst(types.Of(types.Int8), n)
		}
		cols = append(cols, v)
	}
	for _, v := range cols {
		if err := o.set.cols[at].Append(v, nil, n); err != nil {
			return err
		}
		at++
	}
	if o.set.rows += n; o.set.rows >= o.op.size {
		return o.flush()
	}
	return nil
}

func (o *tableOutput) flush() error {
	if o.ctx.Err() != nil {
		return context.Cause(o.ctx)
	}
	if o.set.rows == 0 {
		return nil
	}
	b := &vector.Batch{Rows: o.set.rows, Cols: o.set.view(), Owned: true}
	o.reset()
	if err := o.op.hold(b.Size()); err != nil {
		return err
	}
	if !o.yield(b) {
		return errStopped
	}
	return nil
}
