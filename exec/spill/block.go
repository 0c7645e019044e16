package spill

import (
	"encoding/binary"

	"github.com/klauspost/compress/s2"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Blocks are the other kind of segment: batches of all types but lists. Integers are written as distances from
// the least of them, in whole bytes (frame of reference), which takes a fifth of the time of an IPC message with LZ4,
// and less space; so are lengths of texts and codes of dictionaries. Texts themselves are compressed
// by s2, a Snappy that gives up early on what does not shrink. A block is its length, its
// number of rows, and each column's head, bitmap of validity, values, and texts or dictionary.
const (
	blockHead  = 8 // bytes: length, rows
	columnHead = 10
	textHead   = 8 // bytes: length, length as stored
	// widthRaw is the width of a column whose values are written as they are.
	widthRaw   = 0
	mostColumn = 1 << 30
	// sameDict stands for the size of a dictionary that is the column's last one.
	sameDict = 1<<32 - 1
)

// Flags in a column's head.
const (
	withNulls = 1 << iota
	withCodes
)

// blocky reports whether rows may be written as a block.
func blocky(b *vector.Batch) bool {
	for _, v := range b.Cols {
		if v.Type.Storage() == types.StoreList {
			return false
		}
	}
	return len(b.Cols) > 0 && b.Size() < mostColumn/2
}

// appendBlock appends a batch.
func (w *Writer) appendBlock(buf []byte, b *vector.Batch) []byte {
	start := len(buf)
	buf = append(buf, make([]byte, blockHead)...)
	for i, v := range b.Cols {
		if v.Enc == vector.Const {
			v = vector.Flatten(v)
		}
		if v.Enc == vector.Dict {
			buf = w.appendCodes(buf, i, v, b.Rows)
		} else {
			buf = w.appendColumn(buf, v, b.Rows)
		}
	}
	binary.LittleEndian.PutUint32(buf[start:], uint32(len(buf)-start-blockHead))
	binary.LittleEndian.PutUint32(buf[start+4:], uint32(b.Rows))
	return buf
}

// appendCodes appends the n codes of a column, and its dictionary if it isn't the last one's.
func (w *Writer) appendCodes(buf []byte, col int, v *vector.Vector, n int) []byte {
	packed, ok := vector.NarrowOf(v.Codes[:n], 4, w.packed)
	buf = w.appendNumbers(buf, v, n, withCodes, packed, ok, vector.BytesOf(v.Codes[:n]))
	d := v.Dictionary
	if w.coded == nil {
		w.coded = make([]*vector.Vector, len(w.fields))
	}
	if w.coded[col] == d {
		return binary.LittleEndian.AppendUint32(buf, sameDict)
	}
	w.coded[col] = d
	return w.appendColumn(binary.LittleEndian.AppendUint32(buf, uint32(d.Len)), vector.Flatten(d), d.Len)
}

// appendColumn appends n values: width, flags, the least, the bitmap, the values or the lengths of texts, the texts.
func (w *Writer) appendColumn(buf []byte, v *vector.Vector, n int) []byte {
	if v.Type.Storage() != types.StoreBytes {
		packed, ok := w.narrow(v, n)
		return w.appendNumbers(buf, v, n, 0, packed, ok, v.Data[:n*v.Type.Storage().Width()])
	}
	w.lengths = w.lengths[:0]
	for i := range n {
		w.lengths = append(w.lengths, v.Offsets[i+1]-v.Offsets[i])
	}
	packed, ok := vector.NarrowOf(w.lengths, 4, w.packed)
	buf = w.appendNumbers(buf, v, n, 0, packed, ok, vector.BytesOf(w.lengths))
	if n == 0 {
		return buf
	}
	return appendText(buf, v.Data[v.Offsets[0]:v.Offsets[n]])
}

// appendNumbers appends a column's head, its bitmap, and n integers as they were packed, or raw.
func (w *Writer) appendNumbers(buf []byte, v *vector.Vector, n int, flags byte, packed vector.Narrow, ok bool, raw []byte) []byte {
	var head [columnHead]byte
	head[1] = flags
	if ok {
		head[0], raw = byte(packed.Width), packed.Data
		binary.LittleEndian.PutUint64(head[2:], uint64(packed.Least))
		w.packed = packed.Data[:0]
	}
	if v.Valid != nil {
		head[1] |= withNulls
	}
	buf = append(buf, head[:]...)
	if v.Valid != nil {
		buf = append(buf, v.Valid[:(n+7)/8]...)
	}
	return append(buf, raw...)
}

// appendText appends bytes, compressed if that saves an eighth.
func appendText(buf, text []byte) []byte {
	at := len(buf)
	buf = append(buf, make([]byte, textHead)...)
	binary.LittleEndian.PutUint32(buf[at:], uint32(len(text)))
	most := s2.MaxEncodedLen(len(text))
	if most > 0 {
		buf = append(buf, make([]byte, most)...)
	}
	packed := s2.Encode(buf[at+textHead:], text)
	size := len(packed)
	if size > len(text)-len(text)/8 {
		size = copy(buf[at+textHead:], text)
	}
	binary.LittleEndian.PutUint32(buf[at+4:], uint32(size))
	return buf[:at+textHead+size]
}

// narrow packs a column of integers into the writer's buffer.
func (w *Writer) narrow(v *vector.Vector, n int) (packed vector.Narrow, ok bool) {
	switch v.Type.Storage() {
	case types.StoreInt32:
		return vector.NarrowOf(vector.Values[int32](v)[:n], 4, w.packed)
	case types.StoreInt64:
		return vector.NarrowOf(vector.Values[int64](v)[:n], 8, w.packed)
	case types.StoreInt128:
		wide := vector.Values[value.Int128](v)[:n]
		low := w.low[:0]
		for _, x := range wide {
			if x.Hi != int64(x.Lo)>>63 {
				return packed, false
			}
			low = append(low, int64(x.Lo))
		}
		w.low = low
		return vector.NarrowOf(low, 16, w.packed)
	}
	return packed, false
}
