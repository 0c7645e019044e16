package exec

import (
	"bytes"
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
)

// slotTable is an open-addressing table with linear probing: a slot holds the
// high half of a hash (the salt) and an entry's number plus one; 0 is empty. Load stays below 2/3.
type slotTable struct {
	slots []uint64
	mask  uint64
	first []uint64 // scratch: each row's first slot
}

// slotsGrowFast is the greatest size from which a growing table quadruples.
const slotsGrowFast = 1 << 20

const saltMask = ^uint64(0xffffffff)

// sizeFor is the number of slots for entries in all.
func (t *slotTable) sizeFor(entries int) int {
	size := 1024
	for size*2 < entries*3 {
		size *= 2
	}
	if size <= slotsGrowFast && size > len(t.slots) && len(t.slots) > 0 {
		size *= 2 // filling a table again costs more than its room
	}
	return size
}

func (t *slotTable) resize(entries int) {
	size := t.sizeFor(entries)
	t.slots, t.mask = make([]uint64, size), uint64(size-1)
}

// reserve makes room for entries in all; it reports whether it emptied the
// table, so that the caller must insert again.
func (t *slotTable) reserve(entries int) bool {
	if entries*3 <= len(t.slots)*2 {
		return false
	}
	t.resize(max(entries, len(t.slots)))
	return true
}

// insert adds an entry known to be absent.
func (t *slotTable) insert(h uint64, entry int) {
	j := h & t.mask
	for t.slots[j] != 0 {
		j = (j + 1) & t.mask
	}
	t.slots[j] = h&saltMask | uint64(entry+1)
}

// load reads every row's first slot in one loop, whose cache misses overlap.
func (t *slotTable) load(hashes []uint64) []uint64 {
	if cap(t.first) < len(hashes) {
		t.first = make([]uint64, len(hashes))
	}
	f := t.first[:len(hashes)]
	slots, mask := t.slots, t.mask
	for i, h := range hashes {
		f[i] = slots[h&mask]
	}
	return f
}

func (t *slotTable) size() int64 { return int64(8 * (len(t.slots) + cap(t.first))) }

// packedIndex numbers distinct packed keys in order of arrival.
type packedIndex[K packedKey] struct {
	slotTable
	keys []K
	hash []uint64
	in   []K
	near []K
}

func hashPacked[K packedKey](keys []K, out []uint64) {
	switch k := any(keys).(type) {
	case []uint64:
		for i, x := range k {
			out[i] = vector.Mix64(x)
		}
	case [][2]uint64:
		for i, x := range k {
			out[i] = vector.Combine(vector.Mix64(x[0]), x[1])
		}
	case [][3]uint64:
		for i, x := range k {
			out[i] = vector.Combine(vector.Combine(vector.Mix64(x[0]), x[1]), x[2])
		}
	}
}

// gatherKeys views the packer's words as keys.
func (x *packedIndex[K]) gatherKeys(p *keyPacker) []K {
	keys := packedKeys(p, x.in)
	if len(p.words) > 1 {
		x.in = keys
	}
	return keys
}

// assign sets groups[i] to the number of keys[i], adding new keys; it appends
// to fresh the positions of those.
func (x *packedIndex[K]) assign(keys []K, groups, fresh []int32) []int32 {
	if cap(x.hash) < len(keys) {
		x.hash = make([]uint64, len(keys))
	}
	hash := x.hash[:len(keys)]
	hashPacked(keys, hash)
	if x.reserve(len(x.keys) + len(keys)) {
		x.rehash()
	}
	first := x.load(hash)
	near := x.candidates(first)
	slots, mask := x.slots, x.mask
	for i, h := range hash {
		k := keys[i]
		if i > 0 && k == keys[i-1] {
			groups[i] = groups[i-1]
			continue
		}
		j, s := h&mask, first[i]
		if s == 0 {
			s = slots[j]
		} else if near != nil && near[i] == k {
			groups[i] = int32(uint32(s) - 1)
			continue
		}
		for s != 0 && (s>>32 != h>>32 || x.keys[uint32(s)-1] != k) {
			j = (j + 1) & mask
			s = slots[j]
		}
		if s == 0 {
			if len(x.keys) == cap(x.keys) {
				x.keys = grown(x.keys, len(keys)-i)
			}
			x.keys = append(x.keys, k)
			s = h&saltMask | uint64(len(x.keys))
			slots[j] = s
			fresh = append(fresh, int32(i))
		}
		groups[i] = int32(uint32(s) - 1)
	}
	return fresh
}

// largeIndex is where an index no longer fits the caches.
const largeIndex = 1 << 14

// candidates reads the key of every row's first slot, again so that cache
// misses overlap; nil where the index is small.
func (x *packedIndex[K]) candidates(first []uint64) []K {
	if len(x.keys) < largeIndex {
		return nil
	}
	if cap(x.near) < len(first) {
		x.near = make([]K, len(first))
	}
	near, all := x.near[:len(first)], x.keys
	for i, s := range first {
		near[i] = all[max(uint32(s), 1)-1]
	}
	return near
}

func fillInt32(s []int32, x int32) {
	for i := range s {
		s[i] = x
	}
}

func (x *packedIndex[K]) rehash() {
	const step = 4096
	var h [step]uint64
	for at := 0; at < len(x.keys); at += step {
		part := x.keys[at:min(at+step, len(x.keys))]
		hashPacked(part, h[:len(part)])
		for i := range part {
			x.insert(h[i], at+i)
		}
	}
}

func (x *packedIndex[K]) bytes() int64 {
	var k K
	return x.size() + int64(cap(x.keys)+cap(x.in)+cap(x.near))*int64(unsafe.Sizeof(k)) + int64(8*cap(x.hash))
}

func (x *packedIndex[K]) reset() {
	clear(x.slots)
	x.keys = x.keys[:0]
}

// bytesIndex numbers distinct byte-string keys in order of arrival.
type bytesIndex struct {
	slotTable
	hashes []uint64 // of each key
	off    []int64
	data   []byte
	hash   []uint64
}

func (x *bytesIndex) assign(r *vector.RowKeys, n int, groups, fresh []int32) []int32 {
	if cap(x.hash) < n {
		x.hash = make([]uint64, n)
	}
	hash := x.hash[:n]
	for i := range hash {
		hash[i] = vector.HashBytes(r.Row(i))
	}
	return x.enter(r.Data, r.Off[:n], r.Off[1:n+1], hash, groups, fresh)
}

// enter is assign for keys data[from[i]:to[i]] with their hashes.
func (x *bytesIndex) enter(data []byte, from, to []int32, hash []uint64, groups, fresh []int32) []int32 {
	if len(x.off) == 0 {
		x.off = append(grown(x.off, len(hash)+1), 0)
	}
	if x.reserve(len(x.hashes) + len(hash)) {
		for e, h := range x.hashes {
			x.insert(h, e)
		}
	}
	first := x.load(hash)
	for i, h := range hash {
		k := data[from[i]:to[i]]
		j, s := h&x.mask, first[i]
		if s == 0 {
			s = x.slots[j]
		}
		for s != 0 && (s>>32 != h>>32 || !bytes.Equal(x.key(uint32(s)-1), k)) {
			j = (j + 1) & x.mask
			s = x.slots[j]
		}
		if s == 0 {
			x.extend(k, from[i:], to[i:])
			x.hashes = append(x.hashes, h)
			x.data = append(x.data, k...)
			x.off = append(x.off, int64(len(x.data)))
			s = h&saltMask | uint64(len(x.hashes))
			x.slots[j] = s
			fresh = append(fresh, int32(i))
		}
		groups[i] = int32(uint32(s) - 1)
	}
	return fresh
}

// extend makes room for a key, and if there is none then for all that follow.
func (x *bytesIndex) extend(k []byte, from, to []int32) {
	if len(x.hashes) == cap(x.hashes) {
		x.hashes = grown(x.hashes, len(from))
	}
	if len(x.off) == cap(x.off) {
		x.off = grown(x.off, len(from))
	}
	if len(x.data)+len(k) > cap(x.data) {
		rest := 0
		for i, at := range from {
			rest += int(to[i] - at)
		}
		x.data = grown(x.data, rest)
	}
}

// lookup sets entry[i] to the number of row i's key, -1 if there is none.
func (x *bytesIndex) lookup(r *vector.RowKeys, entry []int32) {
	if len(x.hashes) == 0 {
		fillInt32(entry, -1)
		return
	}
	if cap(x.hash) < len(entry) {
		x.hash = make([]uint64, len(entry))
	}
	hash := x.hash[:len(entry)]
	for i := range hash {
		hash[i] = vector.HashBytes(r.Row(i))
	}
	first := x.load(hash)
	for i, h := range hash {
		j, s := h&x.mask, first[i]
		for s != 0 && (s>>32 != h>>32 || !bytes.Equal(x.key(uint32(s)-1), r.Row(i))) {
			j = (j + 1) & x.mask
			s = x.slots[j]
		}
		entry[i] = int32(uint32(s)) - 1
	}
}

func (x *bytesIndex) key(e uint32) []byte { return x.data[x.off[e]:x.off[e+1]] }

func (x *bytesIndex) bytes() int64 {
	return x.size() + int64(8*cap(x.hashes)+8*cap(x.off)+cap(x.data)+8*cap(x.hash))
}

func (x *bytesIndex) reset() {
	clear(x.slots)
	x.hashes, x.off, x.data = x.hashes[:0], x.off[:0], x.data[:0]
}
