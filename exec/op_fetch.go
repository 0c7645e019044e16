package exec

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// fetchOp reads further columns of its input's rows by their locators, a batch
// at a time. The rows are read in the order of their locators, each once.
type fetchOp struct {
	base
	in    Operator
	node  *physical.Fetch
	clock *clock
	conn  catalog.Connector
	types []types.Type
	rows  []int64 // the batch's locators, ascending, without repetition
	place []int32 // where each of the batch's rows is among them
	order []int32
}

func newFetch(b *builder, n *physical.Fetch, in Operator) Operator {
	return &fetchOp{base: newBase(b.env, n, "Fetch"), in: in, node: n, clock: b.clock,
		types: fieldTypes(n.Out[len(n.Out)-len(n.Columns):])}
}

func (f *fetchOp) Open(ctx context.Context) error {
	conn, ok := f.env.Connector(f.node.Catalog)
	if !ok {
		return sqlerr.New(sqlerr.InvalidDatabase, "catalog %q does not exist", f.node.Catalog)
	}
	f.conn = conn
	return f.in.Open(ctx)
}

func (f *fetchOp) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := f.in.Next(ctx)
	for err == nil && b.Count() == 0 { // without rows the reader would not know that none are wanted
		b, err = f.in.Next(ctx)
	}
	if err != nil {
		return nil, err
	}
	out := &vector.Batch{Rows: b.Count(), Cols: slices.Clone(b.Cols), Owned: b.Owned}
	if b.Sel != nil {
		out.Cols, out.Owned = takeAll(b.Cols, b.Sel), true
	}
	if err := f.hold(int64(16 * out.Rows)); err != nil { // of the three lists
		return nil, err
	}
	if err := f.locate(out.Cols[f.node.Locator], out.Rows); err != nil {
		return nil, err
	}
	late, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range late.view() {
		out.Cols = append(out.Cols, vector.Take(v, f.place))
	}
	return out, nil
}

// locate sorts the locators of n rows.
func (f *fetchOp) locate(v *vector.Vector, n int) error {
	if cap(f.place) < n {
		f.rows, f.place, f.order = make([]int64, n), make([]int32, n), make([]int32, n)
	}
	base := v.Base()
	at := func(i int32) int64 { return intAt(base, v.Index(int(i))) }
	f.place, f.order = f.place[:n], f.order[:n]
	for i := range f.order {
		if v.IsNull(i) {
			return sqlerr.New(sqlerr.Internal, "a row to be fetched has no locator")
		}
		f.order[i] = int32(i)
	}
	slices.SortFunc(f.order, func(a, b int32) int { return cmp.Compare(at(a), at(b)) })
	f.rows = f.rows[:0]
	for _, i := range f.order {
		if x := at(i); len(f.rows) == 0 || f.rows[len(f.rows)-1] != x {
			f.rows = append(f.rows, x)
		}
		f.place[i] = int32(len(f.rows) - 1)
	}
	return nil
}

// read reads the located rows.
func (f *fetchOp) read(ctx context.Context) (late *rowSet, err error) {
	late = newRowSet(f.types)
	held := f.held
	start := time.Now()
	r, err := f.conn.Open(ctx, f.node.Whole, catalog.ReadRequest{Columns: f.node.Columns, Account: f.account, BatchSize: f.size, Limit: -1, Rows: f.rows})
	wait(f.clock, f.stats, start)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := r.Close(); err == nil {
			err = e
		}
	}()
	for {
		b, err := r.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		// The rows gathered, and as much again when they are put in the batch's order.
		if err := f.hold(held + 2*(late.bytes()+b.Size())); err != nil {
			return nil, err
		}
		if err := late.add(b.Cols, b.Sel, b.Rows); err != nil {
			return nil, err
		}
		breathe()
	}
	if late.rows != len(f.rows) {
		return nil, sqlerr.New(sqlerr.Internal, "%d of %d rows were found again", late.rows, len(f.rows))
	}
	return late, nil
}

func (f *fetchOp) Close() error {
	f.rows, f.place, f.order = nil, nil, nil
	f.release()
	return f.in.Close()
}
