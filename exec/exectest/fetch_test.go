package exectest

import (
	"context"
	"io"
	"math/rand"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// rowConn gives rows by their numbers, in batches with rows between that were
// not asked for.
type rowConn struct {
	catalog.Connector
	t      *testing.T
	fields []types.Field
	rows   []Row
	lose   int64 // this row is not found again
}

type rowReader struct {
	c    *rowConn
	req  catalog.ReadRequest
	left []int64
}

func (c *rowConn) Open(_ context.Context, s catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	once := slices.Compact(slices.Clone(req.Rows))
	if string(s.Payload) != "whole" || len(req.Rows) == 0 || req.Predicate != nil || req.Account == nil || !slices.IsSorted(req.Rows) || len(once) != len(req.Rows) {
		c.t.Errorf("asked for %+v of %q", req, s.Payload)
	}
	return &rowReader{c, req, slices.DeleteFunc(once, func(x int64) bool { return x == c.lose })}, nil
}

func (r *rowReader) Applied() bool { return false }
func (r *rowReader) Close() error  { return nil }

func (r *rowReader) Next(context.Context) (*vector.Batch, error) {
	if len(r.left) == 0 {
		return nil, io.EOF
	}
	from := r.left[0]
	end := min(from+5, int64(len(r.c.rows)))
	b := Batch(r.c.fields, r.c.rows[from:end])
	for len(r.left) > 0 && r.left[0] < end {
		b.Sel = append(b.Sel, int32(r.left[0]-from))
		r.left = r.left[1:]
	}
	cols := make([]*vector.Vector, len(r.req.Columns))
	for i, c := range r.req.Columns {
		cols[i] = b.Cols[c]
	}
	b.Cols = cols
	return b, nil
}

// TestFetch reads columns by locators that repeat and come in any order.
func TestFetch(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	fields := Fields(tText, tInt4, types.Of(types.Numeric), tInt8)
	conn := &rowConn{t: t, fields: fields, rows: Random(rng, fields, 300, 50, 0.2), lose: -1}
	in := Input{Fields: Fields(tText, tInt8)}
	var want []Row
	for range 400 {
		at := rng.Intn(len(conn.rows))
		r := Row{RandomValue(rng, tText, 9, 0.1), value.Int8(int64(at))}
		in.Rows = append(in.Rows, r)
		want = append(want, append(slices.Clone(r), conn.rows[at][2], conn.rows[at][0]))
	}
	build := func(in ...physical.Node) physical.Node {
		return &physical.Fetch{Base: physical.Base{ID: 1, Out: Fields(tText, tInt8, types.Of(types.Numeric), tText)}, Input: in[0],
			Catalog: "c", Locator: 1, Columns: []int{2, 0}, Whole: catalog.Split{Payload: []byte("whole")}}
	}
	Run(t, build, []Input{in}, want, Options{Ordered: true, Catalog: conn})
	Run(t, build, []Input{{Fields: in.Fields}}, nil, Options{Catalog: conn})
	conn.lose = in.Rows[17][1].I
	Run(t, build, []Input{in}, nil, Options{Catalog: conn, Error: "XX000"})
	in.Rows[3][1].Null = true
	Run(t, build, []Input{in}, nil, Options{Catalog: conn, Error: "XX000"})
	Run(t, build, []Input{in}, nil, Options{Error: "3D000"})
}
