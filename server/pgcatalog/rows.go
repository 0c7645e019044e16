package pgcatalog

import (
	"context"
	"io"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// rows collects the rows of a scan in the columns it wants.
type rows struct {
	r       *relation
	columns []int // wanted, in output order
	want    map[string]bool
	row     []value.Value // the row being made, by position in the table
	build   []*vector.Builder
	n, size int
	batches []*vector.Batch
}

func newRows(r *relation, req catalog.ReadRequest) *rows {
	w := &rows{r: r, columns: req.Columns, want: map[string]bool{}, row: make([]value.Value, len(r.all)), size: req.BatchSize}
	if w.size <= 0 {
		w.size = vector.BatchSize
	}
	for _, c := range req.Columns {
		w.want[r.all[c].Name] = true
	}
	w.begin()
	return w
}

func (w *rows) begin() {
	w.n, w.build = 0, make([]*vector.Builder, len(w.columns))
	for i, c := range w.columns {
		w.build[i] = vector.NewBuilder(w.r.all[c].Type, 64)
	}
	w.clear()
}

// clear sets a row of zeros, and of NULLs where a column may be NULL.
func (w *rows) clear() {
	for i, f := range w.r.all {
		w.row[i] = value.Value{Type: f.Type, Null: f.Nullable}
	}
	w.row[w.r.index["tableoid"]].I = int64(w.r.oid)
}

// wants reports whether any of the columns is read: costly ones need not be
// made otherwise.
func (w *rows) wants(cols ...string) bool {
	for _, c := range cols {
		if w.want[c] {
			return true
		}
	}
	return false
}

// set gives a column of the row a value; nil is NULL. Columns that the table
// lacks are left out, so that views can share what fills their tables.
func (w *rows) set(col string, v any) *rows {
	i, ok := w.r.index[col]
	if !ok || !w.want[col] {
		return w
	}
	w.row[i] = scalar(w.r.all[i].Type, v)
	return w
}

func scalar(t types.Type, v any) value.Value {
	x := value.Value{Type: t}
	switch v := v.(type) {
	case nil:
		x.Null = true
	case string:
		x.S = v
	case bool:
		x.I = value.Bool(v).I
	case int:
		x.I = int64(v)
	case int16:
		x.I = int64(v)
	case int32:
		x.I = int64(v)
	case int64:
		x.I = v
	case uint32:
		x.I = int64(v)
	case float64:
		x.F = v
	case time.Time:
		if x.Null = v.IsZero(); !x.Null {
			x.I = v.UnixMicro()
		}
	case []string:
		for _, s := range v {
			x.List = append(x.List, value.Value{Type: vector.ListElem(t), S: s})
		}
	case []float64:
		for _, f := range v {
			x.List = append(x.List, value.Value{Type: vector.ListElem(t), F: f})
		}
	case []uint32:
		for _, o := range v {
			x.List = append(x.List, value.Value{Type: vector.ListElem(t), I: int64(o)})
		}
	}
	return x
}

// add ends the row.
func (w *rows) add() {
	for i, c := range w.columns {
		w.build[i].Append(w.row[c])
	}
	w.n++
	w.clear()
	if w.n == w.size {
		w.flush()
	}
}

func (w *rows) flush() {
	if w.n == 0 {
		return
	}
	b := &vector.Batch{Rows: w.n, Owned: true, Cols: make([]*vector.Vector, len(w.build))}
	for i, x := range w.build {
		b.Cols[i] = x.Finish()
	}
	w.batches = append(w.batches, b)
	w.begin()
}

// reader hands out the rows of a system table, which account is charged for.
type reader struct {
	account *memory.Account
	held    int64
	batches []*vector.Batch
}

func (w *rows) reader(account *memory.Account) (*reader, error) {
	w.flush()
	r := &reader{account: account, batches: w.batches}
	for _, b := range w.batches {
		if err := account.Reserve(b.Size()); err != nil {
			return nil, errorsClose(err, r)
		}
		r.held += b.Size()
	}
	return r, nil
}

func errorsClose(err error, r *reader) error {
	_ = r.Close()
	return err
}

func (r *reader) Next(context.Context) (*vector.Batch, error) {
	if len(r.batches) == 0 {
		return nil, io.EOF
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	return b, nil
}

func (r *reader) Applied() bool { return false }

func (r *reader) Close() error {
	r.account.Release(r.held)
	r.held, r.batches = 0, nil
	return nil
}
