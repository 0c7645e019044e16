package dbgen

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite pool_checkpoints.bin")

// walkPool makes the whole pool in one serial run and returns it with the
// checkpoint of every block.
func walkPool() (pool, points []byte) {
	w := writer{g: newGrammar(), seed: poolSeed, buf: make([]byte, poolSize+2*maxSentence)}
	for block := 0; w.pos < poolSize; {
		seed, start := w.seed, w.pos
		w.sentence()
		for ; block < blockCount && block*blockSpan < w.pos; block++ {
			points = binary.LittleEndian.AppendUint32(points, uint32(seed))
			points = append(points, byte(block*blockSpan-start))
		}
	}
	return w.buf[:poolSize], points
}

func TestPoolCheckpoints(t *testing.T) {
	pool, points := walkPool()
	if *update {
		if err := os.WriteFile("pool_checkpoints.bin", points, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(points) != poolCheckpoints {
		t.Fatalf("the checkpoints (%d bytes) differ from the serial pool's (%d bytes)", len(poolCheckpoints), len(points))
	}
	sparse := NewTextPool(nil)
	sparse.Sparse()
	var room *rewritten
	for offset := int64(0); offset < poolSize-blockOverlap; offset += 9973 {
		var got [1][]byte
		sparse.fetch(got[:], []int64{offset}, &room)
		if want := pool[offset : offset+blockOverlap]; !bytes.Equal(got[0], want) {
			t.Fatalf("the sparse pool says %q at %d, the serial one %q", got[0], offset, want)
		}
	}
	var grown int64
	lazy := NewTextPool(func(n int64) { grown += n })
	for block := int64(0); block < blockCount; block++ {
		offset := block * blockSpan
		var got [1][]byte
		lazy.fetch(got[:], []int64{offset}, &room)
		if want := pool[offset:min(poolSize, offset+int64(len(got[0])))]; !bytes.Equal(got[0][:len(want)], want) {
			t.Fatalf("block %d differs from the serial pool", block)
		}
	}
	if grown != lazy.Bytes() || grown != MaxPoolBytes {
		t.Errorf("reported %d bytes, holds %d, want %d", grown, lazy.Bytes(), MaxPoolBytes)
	}
}

func BenchmarkPoolBlock(b *testing.B) {
	p := NewTextPool(nil)
	b.SetBytes(blockSpan + blockOverlap)
	for i := range b.N {
		p.makeBlock(int64(i % blockCount))
	}
}

func BenchmarkSparseText(b *testing.B) {
	p := NewTextPool(nil)
	p.Sparse()
	var room *rewritten
	var got [1][]byte
	for i := range b.N {
		p.fetch(got[:], []int64{int64(i) * 9973 % (100 * blockSpan)}, &room)
	}
}
