package exec

import (
	"context"
	"io"
	"testing"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// emptyInput gives one batch without rows.
type emptyInput struct{ done bool }

func (*emptyInput) Open(context.Context) error { return nil }
func (*emptyInput) Close() error               { return nil }

func (in *emptyInput) Next(context.Context) (*vector.Batch, error) {
	if in.done {
		return nil, io.EOF
	}
	in.done = true
	return &vector.Batch{Cols: []*vector.Vector{vector.New(types.Of(types.Int8), 0)}}, nil
}

// No rows are asked for where a batch has none: a reader without a list of rows gives all.
func TestFetchNothing(t *testing.T) {
	out := []types.Field{{Type: types.Of(types.Int8)}, {Type: types.Of(types.Text)}}
	n := &physical.Fetch{Base: physical.Base{Out: out}, Columns: []int{0}}
	env := &Env{Account: memory.NewRoot("test", 0)}
	f := newFetch(&builder{env: env}, n, &emptyInput{}) // not opened: it has no connector
	if _, err := f.Next(t.Context()); err != io.EOF {
		t.Errorf("%v instead of the end", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
