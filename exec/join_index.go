package exec

import (
	"math/bits"
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
)

// joinIndex finds the entry of a packed key. Its slots hold keys beside entries, so that a
// lookup in a table larger than the caches costs one miss; linear probing from a
// place that follows the hash's order, so that rows partitioned by hash fill
// neighbouring slots, partition by partition and several at a time (after Birler,
// Schmidt, Fent and Neumann, "Simple, Efficient, and Robust Hash Tables for Join
// Processing", DaMoN 2024). It is immutable once built.
type joinIndex[K packedKey] struct {
	slots []joinSlot[K]
}

// joinSlot is empty where entry, a number plus one, is 0.
type joinSlot[K packedKey] struct {
	key   K
	entry uint32
}

// joinSlots is how many slots a table of so many rows has: load stays below 0.6.
func joinSlots(rows int64) int64 { return rows + rows*2/3 + 64 }

// joinSlotBytes is the size of a slot of keys of so many words.
func joinSlotBytes(words int) int64 { return int64(8*words + 8) }

// joinHash is the hash of a one-word key in joins' tables and filters: its high bits,
// which give the place, are others than those by which exchanges divide rows.
func joinHash(x uint64) uint64 { return bits.RotateLeft64(vector.Mix64(x), 32) }

// joinHashes is joinHash of packed keys.
func joinHashes[K packedKey](keys []K, out []uint64) {
	hashPacked(keys, out)
	for i, h := range out {
		out[i] = bits.RotateLeft64(h, 32)
	}
}

// home is where the search for a hash begins.
func (x *joinIndex[K]) home(h uint64) int {
	hi, _ := bits.Mul64(h, uint64(len(x.slots)))
	return int(hi)
}

// find returns the slot of a key or the empty one where its search ends.
func (x *joinIndex[K]) find(k K, j int) int {
	slots := x.slots
	for slots[j].entry != 0 && slots[j].key != k {
		if j++; j == len(slots) {
			j = 0
		}
	}
	return j
}

func (x *joinIndex[K]) bytes() int64 {
	var s joinSlot[K]
	return int64(len(x.slots)) * int64(unsafe.Sizeof(s))
}

// joinLookStep is how many keys are looked up together.
const joinLookStep = 1024

// joinLookup has a prober's buffers.
type joinLookup[K packedKey] struct {
	index *joinIndex[K]
	keys  []K
	hash  [joinLookStep]uint64
	near  [joinLookStep]joinSlot[K]
	at    [joinLookStep]uint32 // the slot looked at
	open  [joinLookStep]uint16 // keys not found yet
}

// lookup sets entry[i] to the entry of the i-th packed key, -1 if there is none.
func (l *joinLookup[K]) lookup(p *keyPacker, entry []int32) {
	if l.index == nil || len(l.index.slots) == 0 {
		fillInt32(entry, -1)
		return
	}
	l.keys = packedKeys(p, l.keys)
	for from := 0; from < len(entry); from += joinLookStep {
		to := min(from+joinLookStep, len(entry))
		l.step(l.keys[from:to], entry[from:to])
	}
}

// step looks at one slot of every key at a time: slots are read in a loop of their
// own, whose cache misses overlap, and keys that neither met an empty slot nor their own go on to the
// next.
func (l *joinLookup[K]) step(keys []K, entry []int32) {
	slots := l.index.slots
	hash, near, at, open := l.hash[:len(keys)], l.near[:len(keys)], l.at[:len(keys)], l.open[:len(keys)]
	joinHashes(keys, hash)
	for i, h := range hash {
		j, _ := bits.Mul64(h, uint64(len(slots)))
		at[i], near[i] = uint32(j), slots[j]
	}
	left := 0
	entry = entry[:len(keys)]
	for i := range near {
		s := &near[i]
		entry[i] = int32(s.entry) - 1
		open[left] = uint16(i)
		if s.key != keys[i] && s.entry != 0 {
			left++
		}
	}
	for left > 0 {
		left = l.again(keys, entry, left)
	}
}

// again goes on to the next slot of those keys whose search is open. It returns how many still are.
func (l *joinLookup[K]) again(keys []K, entry []int32, left int) int {
	slots := l.index.slots
	at, near, open := &l.at, l.near[:left], l.open[:left]
	for k, i := range open {
		j := at[i] + 1
		if int(j) == len(slots) {
			j = 0
		}
		at[i], near[k] = j, slots[j]
	}
	left = 0
	for k, i := range open {
		s := &near[k]
		entry[i] = int32(s.entry) - 1
		open[left] = i
		if s.key != keys[i] && s.entry != 0 {
			left++
		}
	}
	return left
}

// packedKeys views a packer's words as keys; buf is for those of several words.
func packedKeys[K packedKey](p *keyPacker, buf []K) []K {
	if k, ok := any(p.words[0]).([]K); ok {
		return k
	}
	n := len(p.words[0])
	if cap(buf) < n {
		buf = make([]K, n)
	}
	buf = buf[:n]
	switch in := any(buf).(type) {
	case [][2]uint64:
		a, b := p.words[0], p.words[1]
		for i := range in {
			in[i] = [2]uint64{a[i], b[i]}
		}
	case [][3]uint64:
		a, b, c := p.words[0], p.words[1], p.words[2]
		for i := range in {
			in[i] = [3]uint64{a[i], b[i], c[i]}
		}
	}
	return buf
}
