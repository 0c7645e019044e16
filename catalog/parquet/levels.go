package parquet

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// validity decodes the definition levels (0 or 1) of n rows into a bitmap in
// buf, and returns nil when no row is null. It never copies what is already a
// bitmap bit by bit: bit-packed levels of width 1 are one.
func validity(buf *[]byte, src []byte, n int) (valid []byte, nulls int, err error) {
	at := 0
	for at < n {
		head, k := binary.Uvarint(src)
		if k <= 0 || head>>1 == 0 {
			return nil, 0, corrupt("definition levels end too early")
		}
		src = src[k:]
		if head&1 == 0 {
			count := min(uint64(n-at), head>>1)
			if len(src) == 0 || src[0] > 1 {
				return nil, 0, corrupt("bad definition levels")
			}
			if at == 0 && int(count) == n && src[0] == 1 {
				return nil, 0, nil
			}
			ensure(buf, n)
			setBits(*buf, at, int(count), src[0] == 1)
			at, src = at+int(count), src[1:]
			continue
		}
		size := min(head>>1, uint64(len(src)))
		count := min(n-at, int(size)*8)
		if count == 0 {
			return nil, 0, corrupt("definition levels end too early")
		}
		ensure(buf, n)
		copyBits(*buf, at, src[:size], count)
		at, src = at+count, src[size:]
	}
	valid = (*buf)[:(n+7)/8]
	if nulls = n - countBits(valid, 0, n); nulls == 0 {
		valid = nil
	}
	return valid, nulls, nil
}

// ensure makes room for n bits.
func ensure(buf *[]byte, n int) {
	if need := (n + 7) / 8; cap(*buf) < need {
		*buf = make([]byte, need)
	}
	*buf = (*buf)[:cap(*buf)]
}

// setBits sets or clears n bits from at on.
func setBits(b []byte, at, n int, on bool) {
	for ; n > 0 && at&7 != 0; at, n = at+1, n-1 {
		setBit(b, at, on)
	}
	fill := byte(0)
	if on {
		fill = 0xff
	}
	for ; n >= 8; at, n = at+8, n-8 {
		b[at>>3] = fill
	}
	for ; n > 0; at, n = at+1, n-1 {
		setBit(b, at, on)
	}
}

func setBit(b []byte, at int, on bool) {
	if on {
		b[at>>3] |= 1 << (at & 7)
	} else {
		b[at>>3] &^= 1 << (at & 7)
	}
}

// copyBits copies the first n bits of src to position at of dst.
func copyBits(dst []byte, at int, src []byte, n int) {
	if at&7 == 0 {
		copy(dst[at>>3:], src[:n>>3])
		for i := n &^ 7; i < n; i++ {
			setBit(dst, at+i, src[i>>3]>>(i&7)&1 != 0)
		}
		return
	}
	for i := range n {
		setBit(dst, at+i, src[i>>3]>>(i&7)&1 != 0)
	}
}

// countBits counts the set bits among n from at on.
func countBits(b []byte, at, n int) int {
	k := 0
	for ; n > 0 && at&7 != 0; at, n = at+1, n-1 {
		k += int(b[at>>3] >> (at & 7) & 1)
	}
	for ; n >= 64; at, n = at+64, n-64 {
		k += bits.OnesCount64(binary.LittleEndian.Uint64(b[at>>3:]))
	}
	for ; n > 0; at, n = at+1, n-1 {
		k += int(b[at>>3] >> (at & 7) & 1)
	}
	return k
}

// cutLevels takes the levels of a version 1 page from its front.
func cutLevels(page []byte, encoding format.Encoding, values, maxLevel int) (levels, rest []byte, err error) {
	if encoding == format.BitPacked {
		size := (values*bits.Len(uint(maxLevel)) + 7) / 8
		if size > len(page) {
			return nil, nil, corrupt("levels end too early")
		}
		return page[:size], page[size:], nil
	}
	if len(page) < 4 {
		return nil, nil, corrupt("levels end too early")
	}
	size := uint64(binary.LittleEndian.Uint32(page))
	if size > uint64(len(page)-4) {
		return nil, nil, corrupt("levels end too early")
	}
	return page[4 : 4+size], page[4+size:], nil
}
