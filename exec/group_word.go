package exec

import "github.com/flintsql/flint/exec/vector"

// wordIndex numbers distinct one-word keys in order of arrival. A slot holds the
// key itself beside its number, so that a large table costs one cache miss a row and not two. Linear probing;
// load stays below 2/3.
type wordIndex struct {
	slots []wordSlot
	mask  uint64
	n     int
	hash  []uint64
	near  []wordSlot // scratch: each row's first slot
}

// wordSlot is empty where entry, a key's number plus one, is 0.
type wordSlot struct {
	key   uint64
	entry uint32
}

const wordSlotBytes = 16

// assign sets groups[i] to the number of keys[i], adding new keys; it appends
// to fresh the positions of those.
func (x *wordIndex) assign(keys []uint64, groups, fresh []int32) []int32 {
	x.prepare(keys)
	hash, near, slots, mask := x.hash[:len(keys)], x.near[:len(keys)], x.slots, x.mask
	for i, h := range hash { // in a loop of its own, whose cache misses overlap
		near[i] = slots[h&mask]
	}
	n := x.n
	for i, h := range hash {
		k, s := keys[i], near[i]
		if s.key == k && s.entry != 0 {
			groups[i] = int32(s.entry - 1)
			continue
		}
		j := h & mask
		p := &slots[j]
		for p.entry != 0 && p.key != k {
			j = (j + 1) & mask
			p = &slots[j]
		}
		if p.entry == 0 {
			n++
			p.key, p.entry = k, uint32(n)
			fresh = append(fresh, int32(i))
		}
		groups[i] = int32(p.entry - 1)
	}
	x.n = n
	return fresh
}

// prepare hashes the keys and makes room for them.
func (x *wordIndex) prepare(keys []uint64) {
	if cap(x.hash) < len(keys) {
		x.hash, x.near = make([]uint64, len(keys)), make([]wordSlot, len(keys))
	}
	hash := x.hash[:len(keys)]
	for i, k := range keys {
		hash[i] = vector.Mix64(k)
	}
	if size := x.sizeFor(x.n + len(keys)); size > len(x.slots) {
		old := x.slots
		x.slots, x.mask = make([]wordSlot, size), uint64(size-1)
		x.enter(old)
	}
}

// enter moves the keys of smaller slots in.
func (x *wordIndex) enter(old []wordSlot) {
	slots, mask := x.slots, x.mask
	for _, s := range old {
		if s.entry == 0 {
			continue
		}
		j := vector.Mix64(s.key) & mask
		for slots[j].entry != 0 {
			j = (j + 1) & mask
		}
		slots[j] = s
	}
}

// sizeFor is the number of slots for entries in all.
func (x *wordIndex) sizeFor(entries int) int {
	if entries*3 <= len(x.slots)*2 {
		return len(x.slots)
	}
	size := max(1024, len(x.slots))
	for size*2 < entries*3 {
		size *= 2
	}
	if size <= slotsGrowFast && len(x.slots) > 0 {
		size *= 2
	}
	return size
}

// growth is what entries in all will allocate.
func (x *wordIndex) growth(entries int) int64 {
	if size := x.sizeFor(entries); size > len(x.slots) {
		return wordSlotBytes * int64(size)
	}
	return 0
}

func (x *wordIndex) bytes() int64 {
	return int64(wordSlotBytes*(len(x.slots)+cap(x.near)) + 8*cap(x.hash))
}

func (x *wordIndex) reset() {
	clear(x.slots)
	x.n = 0
}
