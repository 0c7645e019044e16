package shuffle

import (
	"encoding/binary"

	"google.golang.org/grpc/mem"

	"github.com/flintsql/flint/exec/vector"
)

// frameSize is what a message aims at; a buffer is never copied to reach it.
const frameSize = 1 << 20

// frameHeader precedes each message of a block.
const frameHeader = 16

// Frame is one message of a stream of batches (rpc.Raw): a piece of a block.
type Frame struct {
	buffers mem.BufferSlice
	into    *assembly
}

// Buffers returns the message to send.
func (f *Frame) Buffers() mem.BufferSlice { return f.buffers }

// SetBuffers copies a received message's payload into its block.
func (f *Frame) SetBuffers(b mem.BufferSlice) error { return f.into.add(b) }

// frames cuts a block into messages.
func (b block) frames() []*Frame {
	var out []*Frame
	left := b.parts
	for first := true; first || len(left) > 0; first = false {
		head := make([]byte, frameHeader)
		f := &Frame{buffers: mem.BufferSlice{mem.SliceBuffer(head)}}
		n := 0
		for len(left) > 0 && n < frameSize {
			p := left[0]
			if n+len(p) > frameSize {
				p = p[:frameSize-n]
				left[0] = left[0][len(p):]
			} else {
				left = left[1:]
			}
			n += len(p)
			f.buffers = append(f.buffers, mem.SliceBuffer(p))
		}
		if first {
			head[0] |= 1
		}
		if len(left) == 0 {
			head[0] |= 2
		}
		if b.reset {
			head[0] |= 4
		}
		head[1] = byte(b.compression)
		binary.LittleEndian.PutUint32(head[4:], uint32(min(b.raw, 1<<32-1)))
		binary.LittleEndian.PutUint64(head[8:], uint64(b.size))
		out = append(out, f)
	}
	return out
}

// assembly puts a block together again: the one copy on its way.
type assembly struct {
	data        []byte
	filled      int
	raw         int
	compression Compression
	reset       bool
	whole       bool
}

func (a *assembly) add(b mem.BufferSlice) error {
	r := b.Reader()
	defer r.Close()
	var head [frameHeader]byte
	if n, _ := r.Read(head[:]); n < frameHeader {
		return errCorrupt
	}
	if head[0]&1 != 0 {
		a.compression, a.reset = Compression(head[1]), head[0]&4 != 0
		a.raw = int(binary.LittleEndian.Uint32(head[4:]))
		a.data, a.filled = vector.Alloc(int(binary.LittleEndian.Uint64(head[8:]))), 0
	}
	for r.Remaining() > 0 {
		if a.filled == len(a.data) {
			return errCorrupt
		}
		n, err := r.Read(a.data[a.filled:])
		if err != nil {
			return err
		}
		a.filled += n
	}
	if a.whole = head[0]&2 != 0; a.whole && a.filled != len(a.data) {
		return errCorrupt
	}
	return nil
}

// batch decodes the whole block.
func (a *assembly) batch(d *decoder) (*vector.Batch, error) {
	if a.reset {
		d.reset()
	}
	data, err := expand(a.data, a.raw, a.compression)
	if err != nil {
		return nil, err
	}
	a.data, a.whole = nil, false
	return d.decode(data)
}
