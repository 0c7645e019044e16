package exec

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// keyWriter is what an edgeWriter knows of a filter edge (physical.Edge.Keys). It gathers the keys of
// its task, without NULLs and neighbours that repeat, and sends them at the end in the form that takes least: a
// bitmap, a Bloom filter, or as they are. Of more keys than are sent, or than there is memory for, only the range is.
type keyWriter struct {
	typ   types.Type
	tasks int // of the stage, which has a Bloom filter in common
	most  int
	part  keyPart
	any   bool
	over  bool
	last  uint64
	keys  []uint64 // integers, or blockHashes of texts
	texts textHasher
}

func newKeyWriter(env *Env) *keyWriter {
	n := env.FilterKeys
	if n <= 0 {
		n = physical.MaxFilterKeys
	}
	return &keyWriter{most: n, tasks: max(1, env.Tasks)}
}

// writeKeys takes a batch's keys.
func (w *edgeWriter) writeKeys(b *vector.Batch) {
	k, v := w.keys, b.Cols[w.edge.Keys[0]]
	k.typ = v.Type
	if textual(v.Type) {
		k.part.texts.typ = v.Type
		k.texts.read(v, b.Sel, b.Rows)
		k.texts.widen(&k.part.texts)
		k.take(w.mem, k.texts.hash)
		return
	}
	eachKey(v, b.Sel, b.Rows, func(words []uint64) {
		if !k.any {
			k.part.min = signExtend(words[0], v.Type)
			k.part.max = k.part.min
		}
		lo, hi := k.part.min, k.part.max
		for i, x := range words {
			y := signExtend(x, v.Type)
			lo, hi, words[i] = min(lo, y), max(hi, y), uint64(y)
		}
		k.part.min, k.part.max = lo, hi
		k.take(w.mem, words)
	})
}

// take adds keys.
func (k *keyWriter) take(mem *memoryHolder, words []uint64) {
	for _, x := range words {
		if k.any && x == k.last {
			continue
		}
		k.any, k.last = true, x
		if k.over {
			return
		}
		if len(k.keys) == k.most || len(k.keys) == cap(k.keys) && !k.grow(mem) {
			k.over = true
			k.free(mem)
			return
		}
		k.keys = append(k.keys, x)
	}
}

// grow makes room for more keys.
func (k *keyWriter) grow(mem *memoryHolder) bool {
	size := min(max(1024, 2*cap(k.keys)), k.most)
	if !mem.account.TryReserve(int64(8 * size)) {
		return false
	}
	mem.held += int64(8 * size)
	old := k.keys
	k.keys = append(make([]uint64, 0, size), old...)
	mem.account.Release(int64(8 * cap(old)))
	mem.held -= int64(8 * cap(old))
	return true
}

func (k *keyWriter) free(mem *memoryHolder) {
	mem.account.Release(int64(8 * cap(k.keys)))
	mem.held -= int64(8 * cap(k.keys))
	k.keys = nil
}

// endKeys sends the task's part of the filter; nothing if there was no key.
func (w *edgeWriter) endKeys(ctx context.Context) error {
	k := w.keys
	if !k.any {
		return nil
	}
	defer k.free(w.mem)
	k.part.whole, k.part.keys = !k.over, int64(len(k.keys))
	if err := w.sendPart(ctx, k.part.encode(textual(k.typ))); err != nil || k.over {
		return err
	}
	kind, of, words := k.choose(w.mem.account.TryReserve)
	if kind != partKeys {
		defer w.mem.account.Release(int64(8 * len(words)))
	}
	for from := 0; from < len(words); from += pieceWords {
		first := int64(from)
		if kind == partBits {
			first = k.part.min + int64(from)<<6
		}
		if err := w.sendPart(ctx, encodeWords(kind, first, of, words[from:min(from+pieceWords, len(words))])); err != nil {
			return err
		}
	}
	return nil
}

func (w *edgeWriter) sendPart(ctx context.Context, b []byte) error {
	v := &vector.Vector{Type: w.edge.Fields[0].Type, Len: 1, Offsets: []int32{0, int32(len(b))}, Data: b}
	if err := w.add(ctx, 0, &vector.Batch{Rows: 1, Cols: []*vector.Vector{v}}, nil); err != nil {
		return err
	}
	if w.parts[0].bytes() < writeBytes { // rows so wide don't fill a buffer by their number
		return nil
	}
	return w.flush(ctx, 0)
}

// The keys themselves are sent where they take no more than so many words, since they are exact.
const fewWords = 1 << 13

// choose returns the form that takes least. A Bloom filter has the size for all tasks' keys, which meet in it.
func (k *keyWriter) choose(may func(int64) bool) (kind partKind, of int64, words []uint64) {
	n, all := len(k.keys), int64(len(k.keys))*int64(k.tasks)
	text := textual(k.typ)
	if span := (uint64(k.part.max) - uint64(k.part.min)) / 64; !text && span < uint64(max(n, fewWords/8)) && may(8*int64(span+1)) {
		words = make([]uint64, span+1)
		for _, x := range k.keys {
			d := x - uint64(k.part.min)
			words[d>>6] |= 1 << (d & 63)
		}
		return partBits, int64(len(words)), words
	}
	size := bloomWords(all)
	if text {
		size = blockBloomWords(all)
	}
	if n <= fewWords || size >= int64(n) || !may(8*size) {
		return partKeys, int64(n), k.keys
	}
	words = make([]uint64, size)
	if text {
		blockBloom(words).add(k.keys)
	} else {
		addBloom(words, k.keys)
	}
	return partBloom, size, words
}

// addBloom enters integers in a Bloom filter of a word a key.
func addBloom(bloom, keys []uint64) {
	shift := bloomShift(bloom)
	for _, x := range keys {
		h := joinHash(x)
		bloom[h>>shift] |= bloomBits(h)
	}
}
