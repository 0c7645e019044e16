package shuffle

import (
	"encoding/binary"
	"errors"
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

// fileWriter writes a spool file, or gives its content if that is small.
type fileWriter struct {
	path        string
	f           *os.File // nil until something has to be written
	carry       int      // of so many bytes at most the content is given
	outgrown    func()   // told once that the content is larger; may be nil
	buf         []byte
	at          int64 // of the next block
	parts       [][]extent
	encoders    []*encoder
	compression Compression
}

// writeBuffer is the size of one write to a spool file.
const writeBuffer = 256 << 10

// errOutgrown says that what should have been carried does not fit a buffer.
var errOutgrown = errors.New("output is too large to be carried")

// newFileWriter begins a file; buf is memory for its buffer. Without a path, all there can be is content to be carried.
func newFileWriter(path string, partitions int, c Compression, buf []byte) *fileWriter {
	return &fileWriter{path: path, parts: make([][]extent, partitions), encoders: make([]*encoder, partitions), compression: c, buf: buf[:0]}
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
	if w.outgrown != nil && w.at > int64(w.carry) {
		w.outgrown()
		w.outgrown = nil
	}
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
	if w.f == nil {
		if w.path == "" {
			return errOutgrown
		}
		f, err := os.OpenFile(w.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("create spool file: %w", err)
		}
		w.f = f
	}
	if _, err := w.f.Write(p); err != nil {
		return fmt.Errorf("write spool file: %w", err)
	}
	return nil
}

// finish adds the index. It closes the file, or returns the content that needs none.
func (w *fileWriter) finish() (sizes []int64, carried string, err error) {
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
	index = append(index, fileMagic...)
	if w.f == nil && len(w.buf)+len(index) <= w.carry {
		return sizes, string(w.buf) + string(index), nil
	}
	if err = w.append(index); err == nil {
		err = w.flush()
	}
	if e := w.close(); err == nil && e != nil {
		err = fmt.Errorf("close spool file: %w", e)
	}
	return sizes, "", err
}

func (w *fileWriter) close() error {
	if w.f == nil {
		return nil
	}
	return w.f.Close()
}

// spoolFile is a finished file, open for reading.
type spoolFile struct {
	f     *os.File // nil if it is carried
	size  int64
	parts [][]extent
	whole []byte // of a small file
}

// wholeFile is the size up to which a file is read at once: most outputs are small, and what they cost is system calls.
const wholeFile = 64 << 10

func openFile(path string) (*spoolFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &spoolFile{f: f}
	if err := s.readAll(); err != nil {
		f.Close()
		return nil, fmt.Errorf("read index of spool file %s: %w", path, err)
	}
	return s, nil
}

// openCarried reads a file's content.
func openCarried(content string) (*spoolFile, error) {
	s := &spoolFile{size: int64(len(content)), whole: vector.Alloc(len(content))}
	copy(s.whole, content)
	if err := s.readIndex(); err != nil {
		return nil, fmt.Errorf("read index of a carried output: %w", err)
	}
	return s, nil
}

func (s *spoolFile) close() {
	if s.f != nil {
		s.f.Close()
	}
}

// readAll reads the index, and the rest of a small file.
func (s *spoolFile) readAll() error {
	st, err := s.f.Stat()
	if err != nil {
		return err
	}
	s.size = st.Size()
	if s.size <= wholeFile {
		if s.whole, err = s.readAt(0, int(s.size)); err != nil {
			return err
		}
	}
	return s.readIndex()
}

func (s *spoolFile) readIndex() error {
	const tail = 8 + len(fileMagic)
	if s.size < int64(tail) {
		return errCorrupt
	}
	t, err := s.at(s.size-int64(tail), tail)
	if err != nil {
		return err
	}
	n := int64(binary.LittleEndian.Uint64(t))
	if string(t[8:]) != fileMagic || n < 0 || n > s.size-int64(tail) {
		return errCorrupt
	}
	index, err := s.at(s.size-int64(tail)-n, int(n))
	if err != nil {
		return err
	}
	s.parts, err = parseIndex(index)
	return err
}

func parseIndex(index []byte) ([][]extent, error) {
	r := &parser{meta: index}
	parts := make([][]extent, min(r.int(), len(index)))
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

// read returns a block as it is stored. Uncompressed ones lie at multiples of 8; expand aligns the others.
func (s *spoolFile) read(x extent) ([]byte, error) {
	if x.compression == None && x.offset&7 != 0 { // it follows a compressed one
		return s.readAt(x.offset, x.size)
	}
	return s.at(x.offset, x.size)
}

// at returns a piece of the file, which must not be written to.
func (s *spoolFile) at(offset int64, size int) ([]byte, error) {
	if s.whole == nil {
		return s.readAt(offset, size)
	}
	if offset < 0 || size < 0 || offset > int64(len(s.whole)-size) {
		return nil, errCorrupt
	}
	return s.whole[offset : offset+int64(size) : offset+int64(size)], nil
}

func (s *spoolFile) readAt(offset int64, size int) ([]byte, error) {
	if s.f == nil {
		piece, err := s.at(offset, size)
		return append(vector.Alloc(size)[:0], piece...), err
	}
	data := vector.Alloc(size)
	if n, err := s.f.ReadAt(data, offset); n < len(data) { // at its end it tells of io.EOF too
		return nil, fmt.Errorf("read spool file: %w", err)
	}
	return data, nil
}
