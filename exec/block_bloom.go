package exec

import "math/bits"

// blockBloom is a split block Bloom filter: a key has one bit in each of the eight 32-bit lanes of
// a block of 256 bits, so that a lookup reads half a cache line and has no branch (Putze, Sanders and Singler,
// "Cache-, hash- and space-efficient Bloom filters", WEA 2007; the lanes' multipliers are Parquet's). A block is four words
// of two lanes, the number of blocks a power of two. The high bits of a hash give its block, so that a filter of
// twice the size with the same answers has each block twice: filters of different sizes can be united.
type blockBloom []uint64

const (
	blockWords = 4
	// blockKeyBits is how many bits a key gets at least, and up to twice that: one in a hundred or less of other keys pass.
	blockKeyBits = 12
	// blockCrowd is the number of keys a block, from which on a filter would let most other keys pass.
	blockCrowd = 64
)

// blockBloomWords is the size of a filter of so many keys.
func blockBloomWords(keys int64) int64 {
	words := int64(16)
	for words*64 < keys*blockKeyBits {
		words *= 2
	}
	return words
}

// blockHash is the hash of a key from that of its bytes: exchanges divide rows by the latter's high bits, so
// that the keys of a task would share few blocks.
func blockHash(h uint64) uint64 { return bits.RotateLeft64(h, 32) }

func (b blockBloom) shift() int { return 65 - bits.Len(uint(len(b)/blockWords)) }

// lanes are the bits of a hash in the words of its block.
func lanes(h uint64) (a, b, c, d uint64) {
	x := uint32(h)
	a = 1<<(x*0x47b6137b>>27) | 1<<(32|x*0x44974d91>>27)
	b = 1<<(x*0x8824ad5b>>27) | 1<<(32|x*0xa2b7289d>>27)
	c = 1<<(x*0x705495c7>>27) | 1<<(32|x*0x2df1424b>>27)
	d = 1<<(x*0x9efc4947>>27) | 1<<(32|x*0x5c6bfb31>>27)
	return a, b, c, d
}

// add enters keys by their blockHash.
func (b blockBloom) add(hashes []uint64) {
	shift := b.shift()
	for _, h := range hashes {
		at := int(h>>shift) * blockWords
		w := b[at : at+blockWords : at+blockWords]
		x, y, z, u := lanes(h)
		w[0], w[1], w[2], w[3] = w[0]|x, w[1]|y, w[2]|z, w[3]|u
	}
}

// has reports whether a key of this blockHash may have been entered.
func (b blockBloom) has(shift int, h uint64) bool {
	at := int(h>>shift) * blockWords
	w := b[at : at+blockWords : at+blockWords]
	x, y, z, u := lanes(h)
	return x&^w[0]|y&^w[1]|z&^w[2]|u&^w[3] == 0
}

// stretch enters all that a filter knows in a larger one; unit is how many words a hash's place has. Places follow
// the hashes' order, so that each has 2^k places in the larger one.
func stretch(large, small []uint64, unit int) {
	times := len(large) / len(small)
	for at := 0; at < len(small); at += unit {
		for k := range times {
			to := large[at*times+k*unit:][:unit]
			for i, w := range small[at : at+unit] {
				to[i] |= w
			}
		}
	}
}
