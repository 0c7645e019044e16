package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Rows is the outcome of a statement: rows, a tag, or both. It belongs to the
// session's goroutine.
type Rows interface {
	Columns() []Column // nil if the statement gives no rows
	Next(ctx context.Context) (*vector.Batch, error)
	Tag() string // CommandComplete's tag, after io.EOF
	Close() error
}

// queryRows streams a running query.
type queryRows struct {
	columns []Column
	res     cluster.Result
	rows    int64
	learn   func(cluster.Result) // called once the result is complete; may be nil
}

func (r *queryRows) Columns() []Column { return r.columns }

func (r *queryRows) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.res.Next(ctx)
	if err == nil {
		r.rows += int64(b.Count())
	}
	if errors.Is(err, io.EOF) && r.learn != nil {
		r.learn(r.res)
		r.learn = nil
	}
	return b, err
}

func (r *queryRows) Tag() string  { return fmt.Sprintf("SELECT %d", r.rows) }
func (r *queryRows) Close() error { return r.res.Close() }

// staticRows is a result that is at hand.
type staticRows struct {
	columns []Column
	batch   *vector.Batch
	tag     string
}

func (r *staticRows) Columns() []Column { return r.columns }

func (r *staticRows) Next(context.Context) (*vector.Batch, error) {
	b := r.batch
	r.batch = nil
	if b == nil || b.Rows == 0 {
		return nil, io.EOF
	}
	return b, nil
}

func (r *staticRows) Tag() string  { return r.tag }
func (r *staticRows) Close() error { return nil }

// done is the result of a command that gives no rows.
func done(tag string) Rows { return &staticRows{tag: tag} }

// textColumns describes columns of text.
func textColumns(names ...string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{Name: n, Type: types.Of(types.Text), Typmod: -1}
	}
	return out
}

// textRows makes a result of text columns from rows.
func textRows(tag string, columns []Column, rows [][]string) Rows {
	b := &vector.Batch{Rows: len(rows), Owned: true}
	for i := range columns {
		col := make([]string, len(rows))
		for k, r := range rows {
			col[k] = r[i]
		}
		b.Cols = append(b.Cols, vector.FromStrings(columns[i].Type, col))
	}
	return &staticRows{columns, b, tag}
}
