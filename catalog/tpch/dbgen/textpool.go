package dbgen

import (
	_ "embed"
	"encoding/binary"
	"sync/atomic"
)

// poolSize is the length of dbgen's pseudo-text pool.
const poolSize = 300 << 20

// The pool is made block by block. A block also holds the beginning of the
// next one, so that any comment lies within one block; span and overlap
// together fill a whole allocation size.
const (
	blockSpan    = 1<<16 - blockOverlap
	blockOverlap = 256
	blockCount   = (poolSize + blockSpan - 1) / blockSpan
)

// poolCheckpoints holds, for each block, where its first sentence starts:
// the seed before the sentence (4 bytes, little endian) and by how many bytes
// the sentence starts before the block (1 byte). TestPoolCheckpoints makes it.
//
//go:embed pool_checkpoints.bin
var poolCheckpoints string

const checkpointBytes = 5

// TextPool is dbgen's 300 MiB of pseudo text, from which comments are cut. It
// is made lazily, one block of 64 KiB at a time, by whoever needs the block
// first. One pool serves any number of generators and goroutines.
type TextPool struct {
	grammar *grammar
	grow    func(bytes int64)
	used    atomic.Int64
	blocks  []atomic.Pointer[[blockSpan + blockOverlap]byte]
	sparse  atomic.Pointer[[]atomic.Pointer[marks]] // nil = the pool grows
}

// NewTextPool returns an empty pool. When grow is not nil it is called after
// each block that was made, with the bytes it takes; it may be called from
// several goroutines at once.
func NewTextPool(grow func(bytes int64)) *TextPool {
	return &TextPool{
		grammar: newGrammar(),
		grow:    grow,
		blocks:  make([]atomic.Pointer[[blockSpan + blockOverlap]byte], blockCount),
	}
}

// Bytes returns the memory the pool holds now; it never exceeds MaxPoolBytes.
func (p *TextPool) Bytes() int64 { return p.used.Load() }

// MaxPoolBytes is the memory of a pool whose every block has been made.
const MaxPoolBytes = blockCount * (blockSpan + blockOverlap)

// fetchGroup is the number of texts that are looked up together.
const fetchGroup = 32

// fetch looks up the texts that start at the given offsets; each has at least
// blockOverlap bytes. The pool is far larger than any cache and the offsets
// are random, so the first byte of each text is read here, in a loop short
// enough that the processor waits for many of them at once. Returning their
// sum keeps the reads. A sparse pool writes the texts into *room, until the next call.
func (p *TextPool) fetch(texts [][]byte, offsets []int64, room **rewritten) (sum byte) {
	texts = texts[:len(offsets)]
	sparse := p.sparse.Load()
	if sparse != nil && *room == nil {
		*room = new(rewritten)
	}
	for i, offset := range offsets {
		b := uint64(offset) / blockSpan
		block := p.blocks[b].Load()
		if block == nil && sparse != nil {
			p.rewrite(*sparse, uint64(offset), &(*room)[i])
			texts[i] = (*room)[i][:]
			continue
		}
		if block == nil {
			block = p.makeBlock(int64(b))
		}
		at := uint64(offset) - b*blockSpan
		texts[i] = block[at:]
		sum += block[at]
	}
	return sum
}

// makeBlock writes block b. Two goroutines may make the same block; one wins.
func (p *TextPool) makeBlock(b int64) *[blockSpan + blockOverlap]byte {
	point := poolCheckpoints[b*checkpointBytes : (b+1)*checkpointBytes]
	lead := int(point[4])
	scratch := make([]byte, lead+blockSpan+blockOverlap+maxSentence)
	w := writer{g: p.grammar, seed: uint64(binary.LittleEndian.Uint32([]byte(point))), buf: scratch}
	for w.pos < lead+blockSpan+blockOverlap {
		w.sentence()
	}
	block := (*[blockSpan + blockOverlap]byte)(make([]byte, blockSpan+blockOverlap))
	copy(block[:], scratch[lead:])
	if !p.blocks[b].CompareAndSwap(nil, block) {
		return p.blocks[b].Load()
	}
	p.used.Add(int64(len(block)))
	if p.grow != nil {
		p.grow(int64(len(block)))
	}
	return block
}
