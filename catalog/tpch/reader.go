package tpch

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/vector"
)

// mostPerUnit is the largest number of rows of a unit. Batches smaller than
// that are cut out of a generated chunk.
const mostPerUnit = 7

// reader generates the rows of a split. It makes the predicate's columns
// first and the others only for chunks where a row passed; comments only for
// the rows that passed.
type reader struct {
	layout *layout
	pool   *pool
	gen    *dbgen.Generator
	req    catalog.ReadRequest

	chunk  int // rows to generate at once
	early  []int
	late   []int
	values []dbgen.Vector
	cols   []vector.Vector
	batch  vector.Batch
	out    vector.Batch
	held   int64
	left   int64 // rows that still suffice, -1 = all

	small   bool // batches are cut out of chunks
	cut     int  // rows of the chunk that were returned
	chunked int  // rows of the chunk
}

// Open starts generating a split.
func (c *Connector) Open(_ context.Context, split catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	p, err := decodePayload(split.Payload)
	if err != nil {
		return nil, err
	}
	l, err := c.layout(p.table)
	if err != nil {
		return nil, err
	}
	for _, column := range req.Columns {
		if column < 0 || column >= len(l.fields) {
			return nil, fmt.Errorf("tpch split %q: no column %d", split.Payload, column)
		}
	}
	gen, err := dbgen.NewGenerator(l.table, p.scale, p.first, p.end, c.pool.text)
	if err != nil {
		return nil, err
	}
	if req.BatchSize <= 0 {
		req.BatchSize = vector.BatchSize
	}
	r := &reader{
		layout: l, pool: c.pool, gen: gen, req: req, left: req.Limit,
		chunk: req.BatchSize, small: req.BatchSize < mostPerUnit,
		values: make([]dbgen.Vector, len(req.Columns)), cols: make([]vector.Vector, len(req.Columns)),
	}
	r.orderColumns()
	if err := r.account(r.estimate()); err != nil {
		return nil, err
	}
	return r, nil
}

// orderColumns divides the columns into those that the predicate reads and
// the others.
func (r *reader) orderColumns() {
	r.batch.Cols = make([]*vector.Vector, len(r.req.Columns))
	r.out.Cols = make([]*vector.Vector, len(r.req.Columns))
	if r.Applied() {
		r.early = r.req.Predicate.Columns()
	}
	for i := range r.req.Columns {
		if !slices.Contains(r.early, i) {
			r.late = append(r.late, i)
		}
	}
}

// Applied reports that the predicate was applied: always, except for batches
// of fewer rows than an order can have.
func (r *reader) Applied() bool { return r.req.Predicate != nil && !r.small }

// Next returns the next batch with at least one row. Its buffers are reused.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	if r.small {
		return r.nextCut(ctx)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ok, err := r.nextChunk()
		if err != nil {
			return nil, err
		}
		if ok {
			return &r.batch, nil
		}
	}
}

// nextChunk makes the next chunk in r.batch and reports whether any row of it
// passed; io.EOF ends.
func (r *reader) nextChunk() (bool, error) {
	if r.left == 0 || r.gen == nil {
		return false, io.EOF
	}
	r.narrow()
	want := r.chunk
	if r.left >= 0 && r.req.Predicate == nil {
		want = int(min(int64(want), r.left))
	}
	n := r.gen.Next(want)
	if n == 0 {
		return false, io.EOF
	}
	r.batch.Rows, r.batch.Sel = n, nil
	clear(r.batch.Cols)
	for _, i := range r.early {
		if err := r.fill(i, nil, n); err != nil {
			return false, err
		}
	}
	if r.Applied() {
		sel, all, err := r.req.Predicate.Select(&r.batch)
		if err != nil || !all && len(sel) == 0 {
			return false, err
		}
		if !all {
			r.batch.Sel = sel
		}
	}
	for _, i := range r.late {
		if err := r.fill(i, r.batch.Sel, n); err != nil {
			return false, err
		}
	}
	if r.left >= 0 && (r.Applied() || r.req.Predicate == nil) {
		r.left = max(0, r.left-int64(r.batch.Count()))
	}
	return true, r.account(r.size())
}

// narrow skips the units that the predicate's ranges exclude by now.
func (r *reader) narrow() {
	if r.req.Predicate == nil {
		return
	}
	for _, rng := range r.req.Predicate.Ranges() {
		if rng.Column < 0 || rng.Column >= len(r.req.Columns) {
			continue
		}
		rng.Column = r.req.Columns[rng.Column]
		if low, high, ok := r.layout.keyBounds(rng); ok {
			if first, end, ok := r.layout.table.UnitsOfKeys(rng.Column, low, high); ok {
				r.gen.Narrow(first, end)
			}
		}
	}
}

// nextCut returns the next rows of the chunk, as few as asked for.
func (r *reader) nextCut(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.cut == r.chunked {
		if _, err := r.nextChunk(); err != nil {
			return nil, err
		}
		r.cut, r.chunked = 0, r.batch.Rows
	}
	end := min(r.cut+r.req.BatchSize, r.chunked)
	r.out.Rows = end - r.cut
	for i, c := range r.batch.Cols {
		r.out.Cols[i] = vector.Slice(c, r.cut, end)
	}
	r.cut = end
	return &r.out, nil
}

// Close frees the buffers.
func (r *reader) Close() error {
	r.gen, r.values, r.cols = nil, nil, nil
	return r.account(0)
}
