package spill

import (
	"bufio"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Writer writes one run. Close it, also after Finish. It belongs to one goroutine.
//
// A run is a sequence of IPC streams and of blocks (block.go): a new stream begins where a column changes
// between flat and dictionary, or to another dictionary. One stream could
// replace dictionaries, but its writer takes those for equal that are
// approximately so.
type Writer struct {
	fields []types.Field
	file   *file
	buf    *bufio.Writer
	pos    int64

	ipc   *ipc.Writer
	dicts []*vector.Vector // of the stream; nil = flat
	data  []arrow.ArrayData

	*scratch                  // while a block is written
	coded    []*vector.Vector // each column's last dictionary in a block

	run *Run
}

// scratch is what writing a block takes besides the batch. Writers share it, since an operator may have
// many of them open.
type scratch struct {
	block, packed []byte
	low           []int64
	lengths       []int32
}

// takeScratch is given back to d.scratch.
func (d *Dir) takeScratch() *scratch {
	if s, ok := d.scratch.Get().(*scratch); ok {
		return s
	}
	return &scratch{}
}

// segment is one stream of a run.
type segment struct {
	from, to int64
	batches  int
	blocks   bool // not a stream
}

// NewWriter starts a run of batches with the given columns.
func (d *Dir) NewWriter(fields []types.Field) (*Writer, error) {
	f, err := d.newFile()
	if err != nil {
		return nil, err
	}
	return &Writer{fields: fields, file: f, buf: bufio.NewWriterSize(f, 64<<10), run: &Run{fields: fields, file: f}}, nil
}

// Write adds the selected rows of a batch, which it does not keep.
func (w *Writer) Write(b *vector.Batch) error {
	b = b.Compact()
	if b.Rows == 0 {
		return nil
	}
	if blocky(b) {
		return w.writeBlock(b)
	}
	rec, err := b.Record(w.fields)
	if err != nil {
		return err
	}
	if w.ipc == nil || !w.sameDicts(b) {
		if err := w.endStream(); err != nil {
			return err
		}
		w.startStream(b, rec)
	}
	if err := w.ipc.Write(w.shareDicts(rec)); err != nil {
		return failed("write to", err)
	}
	w.run.rows += int64(b.Rows)
	w.run.segments[len(w.run.segments)-1].batches++
	return nil
}

// writeBlock writes a batch as a block, in a segment of such.
func (w *Writer) writeBlock(b *vector.Batch) error {
	if err := w.endStream(); err != nil {
		return err
	}
	if n := len(w.run.segments); n == 0 || !w.run.segments[n-1].blocks {
		w.run.segments = append(w.run.segments, segment{from: w.pos, blocks: true})
	}
	w.scratch = w.file.dir.takeScratch()
	defer func() {
		w.file.dir.scratch.Put(w.scratch)
		w.scratch = nil
	}()
	w.block = w.appendBlock(w.block[:0], b)
	if _, err := (position{w}).Write(w.block); err != nil {
		return failed("write to", err)
	}
	w.run.rows += int64(b.Rows)
	s := &w.run.segments[len(w.run.segments)-1]
	s.batches++
	s.to = w.pos
	return nil
}

func (w *Writer) sameDicts(b *vector.Batch) bool {
	for i, v := range b.Cols {
		if dictOf(v) != w.dicts[i] {
			return false
		}
	}
	return true
}

func dictOf(v *vector.Vector) *vector.Vector {
	if v.Enc == vector.Dict {
		return v.Dictionary
	}
	return nil
}

func (w *Writer) startStream(b *vector.Batch, rec arrow.RecordBatch) {
	w.dicts, w.data = make([]*vector.Vector, len(b.Cols)), make([]arrow.ArrayData, len(b.Cols))
	for i, v := range b.Cols {
		if w.dicts[i] = dictOf(v); w.dicts[i] != nil {
			w.data[i] = rec.Column(i).Data().Dictionary()
		}
	}
	w.run.segments = append(w.run.segments, segment{from: w.pos})
	w.ipc = ipc.NewWriter(position{w}, ipc.WithSchema(rec.Schema()), ipc.WithLZ4(), ipc.WithAllocator(memory.NewGoAllocator()))
}

// shareDicts gives a record the very dictionaries of the stream's first, which
// the IPC writer knows to be written already.
func (w *Writer) shareDicts(rec arrow.RecordBatch) arrow.RecordBatch {
	cols := slices.Clone(rec.Columns())
	for i, dict := range w.data {
		if dict != nil {
			d := cols[i].Data()
			cols[i] = array.MakeFromData(array.NewDataWithDictionary(d.DataType(), d.Len(), d.Buffers(), d.NullN(), d.Offset(), dict.(*array.Data)))
		}
	}
	return array.NewRecordBatch(rec.Schema(), cols, rec.NumRows())
}

func (w *Writer) endStream() error {
	if w.ipc == nil {
		return nil
	}
	if err := w.ipc.Close(); err != nil {
		return failed("write to", err)
	}
	w.ipc = nil
	w.run.segments[len(w.run.segments)-1].to = w.pos
	return nil
}

// position counts what is written.
type position struct{ w *Writer }

func (p position) Write(b []byte) (int, error) {
	n, err := p.w.buf.Write(b)
	p.w.pos += int64(n)
	return n, err
}

// Finish ends the run and returns it; the caller closes it.
func (w *Writer) Finish() (*Run, error) {
	if err := w.endStream(); err != nil {
		return nil, err
	}
	if err := w.buf.Flush(); err != nil {
		return nil, failed("write to", err)
	}
	w.file, w.coded = nil, nil
	return w.run, nil
}

// Close frees what was written, unless Finish succeeded; it may be called again.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.close()
}
