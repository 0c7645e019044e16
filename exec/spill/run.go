package spill

import (
	"bufio"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Run is a finished sequence of batches on disk. It is safe for concurrent
// reading.
type Run struct {
	fields   []types.Field
	file     *file
	rows     int64
	segments []segment
}

// Fields returns the columns.
func (r *Run) Fields() []types.Field { return r.fields }

// Rows returns the number of rows.
func (r *Run) Rows() int64 { return r.rows }

// Bytes returns the size on disk.
func (r *Run) Bytes() int64 { return r.file.size }

// Close frees the run's disk; its readers can't go on then. It may be called again.
func (r *Run) Close() error { return r.file.close() }

// Open returns a reader at the run's beginning; there may be several at a time.
func (r *Run) Open() *Reader { return &Reader{run: r, last: make([]dictionary, len(r.fields))} }

// Reader reads a run's batches in their order. It belongs to one goroutine.
type Reader struct {
	run  *Run
	next int // segment
	left int // batches of the current segment
	ipc  *ipc.Reader
	last []dictionary

	blocks *bufio.Reader // of a segment of blocks, else nil
	block  []byte
	low    []int64
}

// dictionary is a column's last one, so that batches of a stream share it.
type dictionary struct {
	data  arrow.ArrayData
	vec   *vector.Vector
	coded *vector.Vector // of blocks
}

// Next returns the next batch, which is Owned, or io.EOF.
func (r *Reader) Next() (*vector.Batch, error) {
	for r.left == 0 {
		r.Close()
		if r.next == len(r.run.segments) {
			return nil, io.EOF
		}
		if err := r.openSegment(); err != nil {
			return nil, failed("read", err)
		}
	}
	if r.blocks != nil {
		b, err := r.readBlock()
		if err != nil {
			return nil, failed("read", err)
		}
		r.left--
		return b, nil
	}
	rec, err := r.ipc.Read()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // batches are missing
	}
	if err != nil {
		return nil, failed("read", err)
	}
	r.left--
	b, err := vector.FromRecord(rec, r.run.fields)
	if err != nil {
		return nil, err
	}
	r.share(rec, b)
	b.Owned = true
	return b, nil
}

func (r *Reader) openSegment() error {
	s := r.run.segments[r.next]
	r.next++
	if r.run.file.File == nil {
		return sqlerr.New(sqlerr.Internal, "a closed run is read")
	}
	in := io.NewSectionReader(r.run.file, s.from, s.to-s.from)
	if s.blocks {
		r.blocks, r.left = bufio.NewReaderSize(in, 32<<10), s.batches
		return nil
	}
	x, err := ipc.NewReader(bufio.NewReaderSize(in, 32<<10), ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return err
	}
	r.ipc, r.left = x, s.batches
	return nil
}

func (r *Reader) share(rec arrow.RecordBatch, b *vector.Batch) {
	for i, v := range b.Cols {
		if v.Enc != vector.Dict {
			continue
		}
		data := rec.Column(i).(*array.Dictionary).Data().Dictionary()
		if r.last[i].data != data {
			r.last[i].data, r.last[i].vec = data, v.Dictionary
		}
		v.Dictionary = r.last[i].vec
	}
}

// Close frees the reader; it may be called again.
func (r *Reader) Close() {
	if r.ipc != nil {
		r.ipc.Release()
		r.ipc = nil
	}
	r.left, r.blocks = 0, nil
}
