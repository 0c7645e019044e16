package exec

import (
	"encoding/binary"
	"slices"

	"github.com/flintsql/flint/sql/sqlerr"
)

// A task's part of a filter travels as some rows of bytes: one that tells the range of its keys, and rows with
// pieces of the keys themselves, of a bitmap, or of a Bloom filter. Parts can be united in any order.
type partKind byte

const (
	partRange partKind = iota // whether there are pieces, how many keys, their range
	partKeys                  // integers, or hashes of texts
	partBits                  // words of a bitmap from some integer on
	partBloom                 // words of a Bloom filter
)

// pieceWords is the most words in a row.
const pieceWords = 1 << 13

// keyPart is what a task knows of its keys.
type keyPart struct {
	whole    bool // the keys are known, not only their range
	keys     int64
	min, max int64      // of integers
	texts    textBounds // of texts
}

func (p *keyPart) encode(text bool) []byte {
	b := []byte{byte(partRange), flag(p.whole)}
	b = binary.AppendVarint(b, p.keys)
	if !text {
		return binary.AppendVarint(binary.AppendVarint(b, p.min), p.max)
	}
	t := &p.texts
	b = append(b, flag(t.open), flag(t.many), byte(len(t.few)))
	for _, x := range append([][]byte{t.min, t.max}, t.few...) {
		b = append(binary.AppendVarint(b, int64(len(x))), x...)
	}
	return b
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// encodeWords makes a row of words; first and of tell where they belong.
func encodeWords(kind partKind, first, of int64, words []uint64) []byte {
	b := make([]byte, 1, 1+2*binary.MaxVarintLen64+8*len(words))
	b[0] = byte(kind)
	b = binary.AppendVarint(binary.AppendVarint(b, first), of)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// partReader decodes a row of a part.
type partReader struct {
	b   []byte
	bad bool
}

func (r *partReader) byte() (x byte) {
	if r.bad = r.bad || len(r.b) == 0; r.bad {
		return 0
	}
	x, r.b = r.b[0], r.b[1:]
	return x
}

func (r *partReader) int() int64 {
	x, n := binary.Varint(r.b)
	if r.bad = r.bad || n <= 0; r.bad {
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *partReader) text() []byte {
	n := r.int()
	if r.bad = r.bad || n < 0 || n > int64(len(r.b)); r.bad {
		return nil
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return slices.Clone(x)
}

// words takes the rest.
func (r *partReader) words(dst []uint64) []uint64 {
	if r.bad = r.bad || len(r.b)%8 != 0; r.bad {
		return dst
	}
	for ; len(r.b) > 0; r.b = r.b[8:] {
		dst = append(dst, binary.LittleEndian.Uint64(r.b))
	}
	return dst
}

// part takes a range.
func (r *partReader) part(text bool) keyPart {
	p := keyPart{whole: r.byte() != 0, keys: r.int()}
	if !text {
		p.min, p.max = r.int(), r.int()
		return p
	}
	t := &p.texts
	t.any, t.open, t.many = true, r.byte() != 0, r.byte() != 0
	few := int(r.byte())
	t.min, t.max = r.text(), r.text()
	for range few {
		t.few = append(t.few, r.text())
	}
	return p
}

func (r *partReader) err() error {
	if r.bad {
		return sqlerr.New(sqlerr.Internal, "a part of a runtime filter is malformed")
	}
	return nil
}
