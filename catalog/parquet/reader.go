package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// reader reads the row groups of a split. In each it finds the rows that page
// indexes leave, decodes the predicate's columns batch by batch, and the others
// only for batches where a row passed.
type reader struct {
	conn   *Connector
	req    catalog.ReadRequest
	fields []payloadField
	pieces []piece // to be read; the first is open when file is set
	budget budget

	handle  *os.File
	file    *file
	group   int // the next row group of the piece
	ahead   int // row groups of the piece before this one were prefetched, or never will be
	columns []readColumn
	asked   askedRows
	early   []int
	late    []int

	ranges []rowRange // of the row group, still to be read
	row    int        // position in the row group
	batch  vector.Batch
	left   int64 // rows that still suffice, -1 = all
	closed bool
}

// columnReader yields a column of one row group after the other.
type columnReader interface {
	// start begins with a row group.
	start(file io.ReaderAt, g *groupMeta) error
	// skip passes over rows.
	skip(n int)
	// read returns the next n rows, at least those in sel (nil = all), valid until the next read.
	read(n int, sel []int32) (*vector.Vector, error)
}

// readColumn is an output column.
type readColumn struct {
	typ    types.Type
	source int // column of the file, -1 = a constant
	reader columnReader
	at     int // rows of the row group that the reader has passed
}

// Open starts reading a split, in any process that has the same folder.
func (c *Connector) Open(_ context.Context, split catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	p, err := decodePayload(split.Payload)
	if err != nil {
		return nil, err
	}
	for _, column := range req.Columns {
		if column != catalog.Locator && (column < 0 || column >= len(p.Fields)) {
			return nil, fmt.Errorf("parquet split: no column %d", column)
		}
	}
	if req.BatchSize <= 0 {
		req.BatchSize = vector.BatchSize
	}
	if req.Rows != nil {
		p.Pieces, req.Predicate, req.Limit = piecesOf(p.Pieces, req.Rows), nil, -1
	}
	r := &reader{conn: c, req: req, fields: p.Fields, pieces: p.Pieces, left: req.Limit, budget: budget{account: req.Account}}
	r.batch.Cols = make([]*vector.Vector, len(req.Columns))
	r.columns = make([]readColumn, len(req.Columns))
	if req.Predicate != nil {
		r.early = slices.Clone(req.Predicate.Columns())
	}
	for i := range req.Columns {
		if !slices.Contains(r.early, i) {
			r.late = append(r.late, i)
		}
	}
	return r, nil
}

// Applied reports that batches hold only rows that pass the predicate.
func (r *reader) Applied() bool { return r.req.Predicate != nil }

// Next returns the next batch with at least one row. Its buffers are reused.
func (r *reader) Next(ctx context.Context) (b *vector.Batch, err error) {
	if r.closed {
		return nil, io.EOF
	}
	defer func() {
		if err != nil && err != io.EOF && len(r.pieces) > 0 {
			err = r.explain(ctx, err)
		}
	}()
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if r.left == 0 {
			return nil, io.EOF
		}
		for len(r.ranges) == 0 {
			if err := r.nextGroup(ctx); err != nil {
				return nil, err
			}
		}
		ok, err := r.nextBatch()
		if err != nil {
			return nil, err
		}
		if ok {
			return &r.batch, nil
		}
	}
}

// explain adds the file's name to errors of its contents; where reading fails
// because the file changed under the reader, that is the error.
func (r *reader) explain(ctx context.Context, err error) error {
	var pe predicateError
	if errors.As(err, &pe) {
		return pe.cause
	}
	if ctx.Err() != nil {
		return err
	}
	p := &r.pieces[0]
	if r.handle != nil {
		if e := p.verify(r.handle); e != nil {
			return e
		}
	}
	return inFile(p.Path, err)
}

// nextBatch reads the next rows of the first range into r.batch and reports
// whether any row of them passed.
func (r *reader) nextBatch() (bool, error) {
	rng := &r.ranges[0]
	n := min(r.req.BatchSize, rng.end-rng.from)
	if r.left >= 0 && r.req.Predicate == nil {
		n = int(min(int64(n), r.left))
	}
	r.row = rng.from
	if rng.from += n; rng.from == rng.end {
		r.ranges = r.ranges[1:]
	}
	r.batch.Rows, r.batch.Sel = n, nil
	clear(r.batch.Cols)
	if ok, err := r.selectRows(n); err != nil || !ok {
		return false, err
	}
	if err := r.readAll(r.late, n, r.batch.Sel); err != nil {
		return false, err
	}
	if r.left >= 0 {
		r.left = max(0, r.left-int64(r.batch.Count()))
	}
	return true, nil
}

// selectRows leaves those of the batch's n rows selected that are wanted, and
// reports whether there are any.
func (r *reader) selectRows(n int) (bool, error) {
	if r.req.Rows != nil {
		r.batch.Sel = r.asked.within(r.row, n)
		return true, nil
	}
	if r.req.Predicate == nil {
		return true, nil
	}
	stepwise, ok := r.req.Predicate.(catalog.Stepwise)
	if !ok {
		return r.step(r.early, n, r.req.Predicate.Select)
	}
	for i, columns := range stepwise.Steps() {
		ok, err := r.step(columns, n, func(b *vector.Batch) ([]int32, bool, error) { return stepwise.SelectStep(i, b) })
		if err != nil || !ok {
			return false, err
		}
	}
	return true, r.readAll(r.early, n, r.batch.Sel) // what no step has read
}

// step reads the columns of a step of the predicate and applies it.
func (r *reader) step(columns []int, n int, apply func(*vector.Batch) ([]int32, bool, error)) (bool, error) {
	if err := r.readAll(columns, n, r.batch.Sel); err != nil {
		return false, err
	}
	sel, all, err := apply(&r.batch)
	if err != nil {
		return false, predicateError{err}
	}
	if !all {
		r.batch.Sel = sel
	}
	return all || len(sel) > 0, nil
}

// readAll reads the batch's n rows of those of the columns that are not read yet.
func (r *reader) readAll(columns []int, n int, sel []int32) (err error) {
	defer guard(&err)
	for _, i := range columns {
		c := &r.columns[i]
		if r.batch.Cols[i] != nil {
			continue
		}
		if c.at < r.row {
			c.reader.skip(r.row - c.at)
		}
		v, err := c.reader.read(n, sel)
		if err != nil {
			return err
		}
		c.at = r.row + n
		if v.Type != c.typ {
			if err := r.chargeWidened(n, c.typ); err != nil {
				return err
			}
			v = widen(v, c.typ)
		}
		r.batch.Cols[i] = v
	}
	return nil
}

// chargeWidened checks that there is memory for a column of a wider type; it
// is garbage after the batch.
func (r *reader) chargeWidened(n int, t types.Type) error {
	size := int64(n * t.Storage().Width())
	if err := r.budget.reserve(size); err != nil {
		return err
	}
	return r.budget.reserve(-size)
}

// predicateError marks an error of the query, which is no fault of the file.
type predicateError struct{ cause error }

func (e predicateError) Error() string { return e.cause.Error() }

// nextGroup moves to the next row group; io.EOF ends. r.ranges may be empty
// after it, when nothing in the row group can pass.
func (r *reader) nextGroup(ctx context.Context) (err error) {
	defer guard(&err)
	for {
		if len(r.pieces) == 0 {
			return io.EOF
		}
		if r.file == nil {
			if err := r.openPiece(ctx); err != nil {
				return err
			}
		}
		if r.group < r.pieces[0].End {
			break
		}
		r.closePiece()
		r.pieces = r.pieces[1:]
	}
	g := r.group
	r.group++
	m := &r.file.meta.groups[g]
	ranges, err := r.wanted(g)
	if err != nil || len(ranges) == 0 {
		return err
	}
	if r.conn.cold.take() {
		r.prefetch(r.file, r.handle, max(g, r.ahead), min(g+1+groupsAhead, r.pieces[0].End))
		r.ahead = min(g+1+groupsAhead, r.pieces[0].End)
	}
	for i := range r.columns {
		c := &r.columns[i]
		c.at = 0
		if err := c.reader.start(r.handle, m); err != nil {
			return err
		}
		if k, ok := c.reader.(*chunk); ok && (len(ranges) > 1 || ranges[0] != rowRange{0, int(m.rows)}) {
			if err := k.jumpTo(ranges); err != nil {
				return err
			}
		}
	}
	r.ranges = ranges
	return nil
}

// openPiece opens the first piece's file, which must be the planned version.
func (r *reader) openPiece(ctx context.Context) error {
	p := &r.pieces[0]
	h, err := r.conn.root.Open(p.Path)
	if errors.Is(err, os.ErrNotExist) {
		return changed(p.Path)
	}
	if err != nil {
		return inFile(p.Path, err)
	}
	r.handle = h
	if err := p.verify(h); err != nil {
		return err
	}
	f, err := r.conn.file(ctx, p.identity)
	if err != nil {
		return err
	}
	if p.First < 0 || p.End > len(f.meta.groups) {
		return fmt.Errorf("parquet split: no row groups %d to %d", p.First, p.End)
	}
	r.file, r.group, r.ahead = f, p.First, p.First
	return r.bind(p)
}

// bind finds the output columns in the file.
func (r *reader) bind(p *piece) error {
	keys := map[int]value.Value{}
	next := 0
	for i, f := range r.fields {
		if !f.Key {
			continue
		}
		v := value.NullOf(f.Type)
		if next < len(p.Keys) && p.Keys[next] != nil {
			v = partitionValue(f.Type, *p.Keys[next])
		}
		keys[i] = v
		next++
	}
	for i, column := range r.req.Columns {
		c := &r.columns[i]
		if column == catalog.Locator {
			c.typ, c.source, c.reader = types.Of(types.Int8), -1, locatorsOf(&r.budget, c.reader, p.File)
			continue
		}
		f := r.fields[column]
		c.typ = f.Type
		if v, ok := keys[column]; ok {
			c.source, c.reader = -1, &constant{value: v}
			continue
		}
		c.source = slices.IndexFunc(r.file.columns, func(c fileColumn) bool { return c.name == f.Name })
		if c.source < 0 {
			c.reader = &constant{value: value.NullOf(f.Type)}
			continue
		}
		c.reader = r.columnReader(c.reader, &r.file.columns[c.source])
	}
	return nil
}

// columnReader returns a reader of a file's column, with the buffers of old
// where it can have them.
func (r *reader) columnReader(old columnReader, c *fileColumn) columnReader {
	if c.leaf == nil {
		return newNested(&r.budget, r.conn, c)
	}
	k, ok := old.(*chunk)
	if !ok || k.leaf.typ != c.leaf.typ {
		k = r.conn.chunks.get(&r.budget, r.conn)
	}
	k.leaf, k.column, k.maxDef, k.maxRep = c.leaf, c.node.leafFrom, c.node.def, c.node.rep
	k.pages.most = r.window()
	k.pages.cold, k.pages.cache, k.pages.owner = &r.conn.cold, r.conn.cache, r.file
	return k
}

func (r *reader) closePiece() {
	if r.handle != nil {
		_ = r.handle.Close()
	}
	r.handle, r.file, r.ranges = nil, nil, nil
}

// Close frees the buffers and closes the file.
func (r *reader) Close() error {
	r.closePiece()
	r.closed = true
	for i := range r.columns {
		if c, ok := r.columns[i].reader.(*chunk); ok {
			r.conn.chunks.put(c)
		}
	}
	r.columns, r.pieces = nil, nil
	r.budget.close()
	return nil
}

// constant is a column whose rows all have one value.
type constant struct{ value value.Value }

func (c *constant) start(io.ReaderAt, *groupMeta) error { return nil }
func (c *constant) skip(int)                            {}

func (c *constant) read(n int, _ []int32) (*vector.Vector, error) {
	if c.value.Null {
		return vector.NullConst(c.value.Type, n), nil
	}
	return vector.FromValue(c.value, n), nil
}
