package shuffle

import (
	"encoding/binary"
	"fmt"
	"os"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/vector"
)

// A spool file is one attempt's output on one edge: blocks in the order they
// were written, then the index (for each partition its blocks), then the index's
// length and magic. Each partition is a stream of its own: its dictionaries stand in its own blocks.

const fileMagic = "FLNTSPL1"

// extent is where a block lies in a file.
type extent struct {
	offset      int64
	size, raw   int
	compression Compression
}

// fileWriter writes a spool file.
type fileWriter struct {
	f           *os.File
	buf         []byte
	at          int64 // of the next block
	parts       [][]extent
	encoders    []*encoder
	compression Compression
}

// writeBuffer is the size of one write to a spool file.
const writeBuffer = 256 << 10

func createFile(path string, partitions int, c Compression) (*fileWriter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create spool file: %w", err)
	}
	return &fileWriter{f: f, parts: make([][]extent, partitions), encoders: make([]*encoder, partitions), compression: c}, nil
}

func (w *fileWriter) write(partition int, b *vector.Batch) error {
	if partition >= len(w.parts) {
		partition = 0 // Forward: the one partition there is
	}
	if w.encoders[partition] == nil {
		w.encoders[partition] = newEncoder()
	}
	blk, err := w.encoders[partition].encode(b)
	if err != nil {
		return err
	}
	blk = blk.compress(w.compression)
	for _, p := range blk.parts {
		if err := w.append(p); err != nil {
			return err
		}
	}
	w.parts[partition] = append(w.parts[partition], extent{w.at, blk.size, blk.raw, blk.compression})
	w.at += int64(blk.size)
	return nil
}

// append gathers small pieces; large ones go straight to the file.
func (w *fileWriter) append(p []byte) error {
	if len(w.buf)+len(p) > writeBuffer {
		if err := w.flush(); err != nil {
			return err
		}
		if len(p) >= writeBuffer {
			return w.put(p)
		}
	}
	w.buf = append(w.buf, p...)
	return nil
}

func (w *fileWriter) flush() error {
	err := w.put(w.buf)
	w.buf = w.buf[:0]
	return err
}

func (w *fileWriter) put(p []byte) error {
	if _, err := w.f.Write(p); err != nil {
		return fmt.Errorf("write spool file: %w", err)
	}
	return nil
}

// finish writes the index and closes the file.
func (w *fileWriter) finish() (sizes []int64, err error) {
	sizes = make([]int64, len(w.parts))
	index := binary.AppendUvarint(nil, uint64(len(w.parts)))
	for p, extents := range w.parts {
		index = binary.AppendUvarint(index, uint64(len(extents)))
		for _, x := range extents {
			sizes[p] += int64(x.size)
			for _, n := range []uint64{uint64(x.offset), uint64(x.size), uint64(x.raw), uint64(x.compression)} {
				index = binary.AppendUvarint(index, n)
			}
		}
	}
	n := len(index)
	index = binary.LittleEndian.AppendUint64(index, uint64(n))
	if err = w.append(append(index, fileMagic...)); err == nil {
		err = w.flush()
	}
	if e := w.f.Close(); err == nil && e != nil {
		err = fmt.Errorf("close spool file: %w", e)
	}
	return sizes, err
}

// spoolFile is a finished file, open for reading.
type spoolFile struct {
	f     *os.File
	parts [][]extent
}

func openFile(path string) (*spoolFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	parts, err := readIndex(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("read index of spool file %s: %w", path, err)
	}
	return &spoolFile{f, parts}, nil
}

func readIndex(f *os.File) ([][]extent, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	const tail = 8 + len(fileMagic)
	var t [tail]byte
	if st.Size() < int64(tail) {
		return nil, errCorrupt
	}
	if _, err := f.ReadAt(t[:], st.Size()-int64(tail)); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint64(t[:]))
	if string(t[8:]) != fileMagic || n < 0 || n > st.Size()-int64(tail) {
		return nil, errCorrupt
	}
	index := make([]byte, n)
	if _, err := f.ReadAt(index, st.Size()-int64(tail)-n); err != nil {
		return nil, err
	}
	r := &parser{meta: index}
	parts := make([][]extent, min(r.int(), int(n)))
	for p := range parts {
		for k := r.int(); k > 0 && !r.bad; k-- {
			parts[p] = append(parts[p], extent{int64(r.int()), r.int(), r.int(), Compression(r.int())})
		}
	}
	if r.bad {
		return nil, errCorrupt
	}
	return parts, nil
}

// extents lists the blocks of partitions in order.
func (s *spoolFile) extents(parts scheduler.Span) [][]extent {
	from, to := within(parts, len(s.parts))
	return s.parts[from:to]
}

// read returns a block as it is stored.
func (s *spoolFile) read(x extent) ([]byte, error) {
	data := vector.Alloc(x.size)
	if n, err := s.f.ReadAt(data, x.offset); n < len(data) { // at its end it tells of io.EOF too
		return nil, fmt.Errorf("read spool file: %w", err)
	}
	return data, nil
}
