package shuffle

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// A block is one batch as bytes, on streams and in spool files:
//
//	uint32 length of the description
//	description: rows, and for each column its encoding, length and buffers' lengths
//	the buffers, each at a multiple of 8 from the block's start
//
// Buffers are Arrow's, in the machine's (little-endian) byte order. Types are
// not in it: both ends know them from the plan. A dictionary is sent with the
// first batch of a stream that uses it.

// Compression of blocks.
type Compression uint8

// The compressions.
const (
	None Compression = iota
	S2
	Zstd
)

var compressionNames = [...]string{None: "none", S2: "s2", Zstd: "zstd"}

// ParseCompression reads a setting; "" means none.
func ParseCompression(s string) (Compression, error) {
	for i, n := range compressionNames {
		if s == n {
			return Compression(i), nil
		}
	}
	if s == "" {
		return None, nil
	}
	return None, fmt.Errorf("unknown shuffle compression %q: none, s2 or zstd", s)
}

// block is an encoded batch: parts to be read one after another.
type block struct {
	parts       [][]byte
	size        int // of all parts
	raw         int // before compression
	compression Compression
	reset       bool // dictionaries start anew
}

// Blocks below smallest are not worth compressing; above largest a header can't
// tell their size.
const (
	smallest = 1 << 10
	largest  = 1 << 31
)

// compress returns a compressed copy, or the block itself if that is no larger.
func (b block) compress(c Compression) block {
	if c == None || b.size < smallest || b.size > largest {
		return b
	}
	flat := make([]byte, 0, b.size)
	for _, p := range b.parts {
		flat = append(flat, p...)
	}
	var out []byte
	switch c {
	case S2:
		out = s2.Encode(nil, flat)
	case Zstd:
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			return b
		}
		out = w.EncodeAll(flat, nil)
	}
	if len(out) >= b.size {
		return b
	}
	return block{parts: [][]byte{out}, size: len(out), raw: b.raw, compression: c}
}

// expand returns a block's bytes, uncompressed and aligned to 8.
func expand(data []byte, raw int, c Compression) ([]byte, error) {
	var out []byte
	var err error
	switch c {
	case None:
		return data, nil
	case S2:
		n, e := s2.DecodedLen(data)
		if e != nil || n != raw {
			return nil, errCorrupt
		}
		out, err = s2.Decode(vector.Alloc(raw), data)
	case Zstd:
		var r *zstd.Decoder
		if r, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(raw)+1)); err != nil {
			return nil, err
		}
		defer r.Close()
		out, err = r.DecodeAll(data, vector.Alloc(raw)[:0])
	default:
		return nil, errCorrupt
	}
	if err != nil {
		return nil, fmt.Errorf("expand shuffled block: %w", err)
	}
	if len(out) != raw {
		return nil, errCorrupt
	}
	return out, nil
}

var errCorrupt = fmt.Errorf("corrupt shuffled block")

// encoder makes blocks of one stream's batches. It is used by one goroutine.
type encoder struct {
	dicts map[*vector.Vector]uint64
}

func newEncoder() *encoder { return &encoder{dicts: map[*vector.Vector]uint64{}} }

// encode describes a batch without copying its buffers, which must not change
// until the block was read.
func (e *encoder) encode(b *vector.Batch) (block, error) {
	b = b.Compact()
	d := description{enc: e, meta: make([]byte, 4, 64+32*len(b.Cols))}
	d.uint(b.Rows)
	d.uint(len(b.Cols))
	for _, c := range b.Cols {
		if err := d.column(c, b.Rows); err != nil {
			return block{}, err
		}
	}
	binary.LittleEndian.PutUint32(d.meta, uint32(len(d.meta)-4))
	out := block{parts: make([][]byte, 0, 1+2*len(d.buffers))}
	out.add(d.meta)
	for _, x := range d.buffers {
		out.add(x)
	}
	out.raw = out.size
	return out, nil
}

var zeros [8]byte

// add appends a buffer and what brings it to a multiple of 8.
func (b *block) add(x []byte) {
	if len(x) == 0 {
		return
	}
	b.parts = append(b.parts, x)
	b.size += len(x)
	if pad := -len(x) & 7; pad > 0 {
		b.parts = append(b.parts, zeros[:pad])
		b.size += pad
	}
}

// description collects a batch's meta data and buffers.
type description struct {
	enc     *encoder
	meta    []byte
	buffers [][]byte
}

func (d *description) uint(n int) { d.meta = binary.AppendUvarint(d.meta, uint64(n)) }

func (d *description) buffer(x []byte) {
	d.uint(len(x))
	if len(x) > 0 {
		d.buffers = append(d.buffers, x)
	}
}

func bitmapBytes(v []byte, n int) []byte {
	if v == nil {
		return nil
	}
	return v[:(n+7)/8]
}

// column describes one column of n rows.
func (d *description) column(v *vector.Vector, n int) error {
	if v.Enc == vector.Dict && v.Dictionary.Len > 2*n {
		if _, sent := d.enc.dicts[v.Dictionary]; !sent {
			v = vector.Flatten(v)
		}
	}
	d.meta = append(d.meta, byte(v.Enc))
	switch v.Enc {
	case vector.Const:
		d.buffer(bitmapBytes(v.Valid, 1))
		return d.values(v, 1)
	case vector.Dict:
		d.buffer(bitmapBytes(v.Valid, n))
		d.buffer(vector.BytesOf(v.Codes[:n]))
		id, sent := d.enc.dicts[v.Dictionary]
		if !sent {
			id = uint64(len(d.enc.dicts))
			d.enc.dicts[v.Dictionary] = id
		}
		d.uint(int(id))
		if sent {
			return nil
		}
		d.uint(v.Dictionary.Len)
		return d.values(v.Dictionary, v.Dictionary.Len)
	}
	d.buffer(bitmapBytes(v.Valid, n))
	return d.values(v, n)
}

// values describes n values of a flat vector.
func (d *description) values(v *vector.Vector, n int) error {
	if w := v.Type.Storage().Width(); w > 0 {
		d.buffer(v.Data[:n*w])
		return nil
	}
	off := []int32{0}
	if n > 0 {
		off = v.Offsets[:n+1]
	}
	if v.Type.Storage() == types.StoreList {
		d.buffer(vector.BytesOf(off))
		if v.Child == nil {
			return fmt.Errorf("encode %s column: no child", v.Type)
		}
		d.uint(v.Child.Len)
		return d.column(v.Child, v.Child.Len)
	}
	from, to := off[0], off[n]
	if from != 0 {
		moved := make([]int32, n+1)
		for i, o := range off {
			moved[i] = o - from
		}
		off = moved
	}
	d.buffer(vector.BytesOf(off))
	d.buffer(v.Data[from:to])
	return nil
}
