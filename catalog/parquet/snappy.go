package parquet

import (
	"encoding/binary"
	"unsafe"
)

// snappySlack is how far before the ends of input and output runSnappy stops,
// which reads and writes whole words: more than any element takes that it decodes.
const snappySlack = 96

// snappyCopy is what the tag of a copy says (format_description.txt of Snappy).
// Copies with an offset of four bytes are left out: they are rare, and of another length.
type snappyCopy struct {
	length uint8
	high   uint16 // the part of the offset that is in the tag
	mask   uint32 // of the bytes that have the rest
}

// snappyCopies has a line for every tag; those of other elements have an offset of 0.
var snappyCopies = copiesOfTags()

func copiesOfTags() (t [256]snappyCopy) {
	for i := range t {
		switch i & 3 {
		case 1:
			t[i] = snappyCopy{length: uint8(4 + i>>2&7), high: uint16(i >> 5 << 8), mask: 0xff}
		case 2:
			t[i] = snappyCopy{length: uint8(1 + i>>2), mask: 0xffff}
		}
	}
	return t
}

// literalMask covers the bytes of a literal of up to four bytes, by its tag.
var literalMask = [16]uint64{0: 0xff, 4: 0xffff, 8: 0xffffff, 12: 0xffffffff}

// unsnappy decodes a Snappy block into all of dst. It is for what a column of
// numbers compresses to: a short literal and a copy for nearly every value, the
// kinds and lengths of which no branch predictor can know.
func unsnappy(dst, src []byte) error {
	n, k := binary.Uvarint(src)
	if k <= 0 || n != uint64(len(dst)) {
		return corrupt("a page decompresses to %d bytes, its header says %d", n, len(dst))
	}
	src = src[k:]
	for d, s := 0, 0; ; {
		if s < len(src)-snappySlack && d < len(dst)-snappySlack {
			d, s = runSnappy(dst, src, d, s)
		}
		if s == len(src) {
			if d != len(dst) {
				return corrupt("a page decompresses to %d bytes, its header says %d", d, len(dst))
			}
			return nil
		}
		var ok bool
		if d, s, ok = snappyElement(dst, src, d, s); !ok {
			return corrupt("a page does not decompress: bad Snappy block")
		}
	}
}

func wordAt(p unsafe.Pointer, at int) uint64     { return *(*uint64)(unsafe.Add(p, at)) }
func putWord(p unsafe.Pointer, at int, v uint64) { *(*uint64)(unsafe.Add(p, at)) = v }
func copyWord(p unsafe.Pointer, to, from int)    { putWord(p, to, wordAt(p, from)) }

// runSnappy decodes elements up to one that is rare, or up to snappySlack bytes
// before an end, and returns how far it came. What kind of copy comes, and how
// long it is, is looked up rather than branched on, as in Snappy's
// DecompressBranchless; a literal of up to four bytes and the copy behind it are
// one step: a copy of the length of both, of which the literal replaces the
// first bytes. So a value is stored at once, and the next one, which copies
// from it, does not wait for two stores to be put together.
func runSnappy(dst, src []byte, d, s int) (int, int) {
	in, out := unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(unsafe.SliceData(dst))
	sEnd, dEnd := len(src)-snappySlack, len(dst)-snappySlack
	for s < sEnd && d < dEnd {
		w := wordAt(in, s)
		tag := w & 0xff
		if tag&3 != 0 {
			e := &snappyCopies[tag]
			n := int(e.length)
			offset := int(e.high) + int(uint32(w>>8)&e.mask)
			if offset < 8 || offset > d {
				n, step := rareCopy(out, d, w, n, offset)
				if step == 0 {
					return d, s
				}
				d, s = d+n, s+step
				continue
			}
			s += 1 + int(tag&3)
			copyWord(out, d, d-offset)
			copyWord(out, d+8, d-offset+8)
			if n > 16 {
				copyOn(unsafe.Add(out, d), offset, n)
			}
			d += n
			continue
		}
		n := int(tag>>2) + 1
		if tag > 12 {
			if n > 60 {
				return d, s
			}
			copyLiteral(unsafe.Add(out, d), unsafe.Add(in, s+1), n)
			d, s = d+n, s+1+n
			continue
		}
		next := w >> ((2*tag + 16) & 63) // from the tag behind the literal on
		e := &snappyCopies[next&0xff]
		offset := int(e.high) + int(uint32(next>>8)&e.mask)
		s += 1 + n
		if offset < 8 || offset > d {
			putWord(out, d, w>>8)
			d += n
			continue
		}
		s += 1 + int(next&3)
		x := wordAt(out, d-offset)
		putWord(out, d, x^(x^w>>8)&literalMask[tag&15])
		copyWord(out, d+8, d-offset+8)
		n += int(e.length)
		if n > 16 {
			copyOn(unsafe.Add(out, d), offset, n)
		}
		d += n
	}
	return d, s
}

// copyLiteral copies n bytes, by 16.
func copyLiteral(to, from unsafe.Pointer, n int) {
	for i := 0; i < n; i += 16 {
		*(*[16]byte)(unsafe.Add(to, i)) = *(*[16]byte)(unsafe.Add(from, i))
	}
}

// rareCopy copies n bytes from less than a word back, or what a tag with an
// offset of four bytes says. It returns the lengths of the copy and of its
// element, 0 where that is bad.
func rareCopy(out unsafe.Pointer, d int, w uint64, n, offset int) (_, step int) {
	step = 1 + int(w&3)
	if w&3 == 3 {
		n, offset, step = int(w>>2&63)+1, int(uint32(w>>8)), 5
	}
	if offset == 0 || offset > d {
		return 0, 0
	}
	repeatWords(unsafe.Add(out, d), offset, n)
	return n, step
}

// copyOn copies what is behind the first 16 of n bytes.
func copyOn(to unsafe.Pointer, offset, n int) {
	for i := 16; i < n; i += 16 {
		copyWord(to, i, i-offset)
		copyWord(to, i+8, i+8-offset)
	}
}

// repeatWords copies n bytes from any offset: what is repeated doubles until it fills a word.
func repeatWords(to unsafe.Pointer, offset, n int) {
	i := 0
	for ; i < n && offset < 8; offset *= 2 {
		copyWord(to, i, i-offset)
		i += offset
	}
	for ; i < n; i += 8 {
		copyWord(to, i, i-offset)
	}
}

// snappyElement decodes one element of any kind; ok is false where it is bad.
func snappyElement(dst, src []byte, d, s int) (_, _ int, ok bool) {
	tag := src[s]
	s++
	n, extra := int(tag>>2)+1, 0
	switch tag & 3 {
	case 0:
		extra = max(0, n-60)
	case 1:
		n, extra = 4+int(tag>>2&7), 1
	case 2:
		extra = 2
	case 3:
		extra = 4
	}
	if extra > len(src)-s {
		return d, s, false
	}
	x := 0
	for i, b := range src[s : s+extra] {
		x |= int(b) << (8 * i)
	}
	s += extra
	if tag&3 == 0 {
		if extra > 0 {
			n = x + 1
		}
		if n > len(src)-s || n > len(dst)-d {
			return d, s, false
		}
		return d + copy(dst[d:], src[s:s+n]), s + n, true
	}
	if tag&3 == 1 {
		x |= int(tag>>5) << 8
	}
	if x == 0 || x > d || n > len(dst)-d {
		return d, s, false
	}
	from := d - x
	for n > 0 { // a copy may overlap its own output, which repeats
		k := copy(dst[d:d+n], dst[from:d])
		d, n = d+k, n-k
	}
	return d, s, true
}
