package vector

import (
	"math"

	"github.com/flintsql/flint/sql/sqlerr"
)

// BytesWriter fills a Flat vector of variable-length values row by row, in
// ascending order, reusing the vector's buffers. Rows that are skipped become
// empty. Finish must be called last.
type BytesWriter struct {
	v    *Vector
	next int
	data []byte
	long bool
}

// NewBytesWriter starts writing the v.Len rows of v from scratch.
func NewBytesWriter(v *Vector) *BytesWriter {
	if cap(v.Offsets) < v.Len+1 {
		v.Offsets = make([]int32, v.Len+1)
	}
	v.Offsets = v.Offsets[:v.Len+1]
	v.Offsets[0] = 0
	return &BytesWriter{v: v, data: v.Data[:0]}
}

// Set writes row i, which must lie after all rows written so far.
func (w *BytesWriter) Set(i int, b []byte) {
	w.skip(i)
	w.data = append(w.data, b...)
	w.end(i)
}

// SetString writes row i from a string.
func (w *BytesWriter) SetString(i int, s string) {
	w.skip(i)
	w.data = append(w.data, s...)
	w.end(i)
}

// Open returns the buffer to which row i is to be appended; Close takes it back.
func (w *BytesWriter) Open(i int) []byte {
	w.skip(i)
	return w.data
}

// Close ends row i with the buffer that Open gave out, extended.
func (w *BytesWriter) Close(i int, buf []byte) {
	w.data = buf
	w.end(i)
}

func (w *BytesWriter) skip(i int) {
	at := w.v.Offsets[w.next]
	for ; w.next < i; w.next++ {
		w.v.Offsets[w.next+1] = at
	}
}

func (w *BytesWriter) end(i int) {
	if len(w.data) > math.MaxInt32 {
		w.long = true
		w.data = w.data[:w.v.Offsets[i]]
	}
	w.next = i + 1
	w.v.Offsets[w.next] = int32(len(w.data))
}

// Finish completes the vector. It fails when the rows together exceed 2 GiB.
func (w *BytesWriter) Finish() error {
	w.skip(w.v.Len)
	w.v.Data = w.data
	if w.long {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "requested length too large")
	}
	return nil
}
