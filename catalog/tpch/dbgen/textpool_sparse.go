package dbgen

import (
	"encoding/binary"
	"sync/atomic"
)

// A sparse pool keeps no text: it knows for every markStep bytes of it where the
// sentence there begins, and writes the few sentences that a comment is cut from again. That takes a fiftieth of
// the memory, and some ten times as long.
const (
	markStep   = 256
	blockMarks = (blockSpan + markStep - 1) / markStep

	// SparsePoolBytes is the most memory that a sparse pool takes.
	SparsePoolBytes = blockCount * (blockMarks*checkpointBytes + 16)
)

// marks are a block's places, in the form of poolCheckpoints.
type marks [blockMarks * checkpointBytes]byte

// rewritten is room for the texts of one fetch.
type rewritten [fetchGroup][blockOverlap]byte

// Sparse makes the pool keep no more text than it has, from now on.
func (p *TextPool) Sparse() {
	if p.sparse.Load() == nil {
		all := make([]atomic.Pointer[marks], blockCount)
		p.sparse.CompareAndSwap(nil, &all)
	}
}

// IsSparse reports whether Sparse was called.
func (p *TextPool) IsSparse() bool { return p.sparse.Load() != nil }

// rewrite writes the text at an offset.
func (p *TextPool) rewrite(all []atomic.Pointer[marks], offset uint64, dst *[blockOverlap]byte) {
	b := offset / blockSpan
	at := int(offset - b*blockSpan)
	m := all[b].Load()
	if m == nil {
		m = p.mark(b)
		all[b].Store(m)
	}
	point := m[at/markStep*checkpointBytes:][:checkpointBytes]
	lead := at%markStep + int(point[4])
	var scratch [markStep + 3*maxSentence]byte
	w := writer{g: p.grammar, seed: uint64(binary.LittleEndian.Uint32(point)), buf: scratch[:]}
	for w.pos < lead+blockOverlap {
		w.sentence()
	}
	copy(dst[:], scratch[lead:])
}

// mark finds the places of a block.
func (p *TextPool) mark(b uint64) *marks {
	point := poolCheckpoints[b*checkpointBytes : (b+1)*checkpointBytes]
	var scratch [2 * maxSentence]byte
	w := writer{g: p.grammar, seed: uint64(binary.LittleEndian.Uint32([]byte(point))), buf: scratch[:]}
	m := new(marks)
	start := -int(point[4])
	for k := 0; k < blockMarks; {
		seed := w.seed
		w.pos = 0
		w.sentence()
		for ; k < blockMarks && k*markStep < start+w.pos; k++ {
			binary.LittleEndian.PutUint32(m[k*checkpointBytes:], uint32(seed))
			m[k*checkpointBytes+4] = byte(k*markStep - start)
		}
		start += w.pos
	}
	return m
}
