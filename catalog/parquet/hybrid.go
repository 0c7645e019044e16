package parquet

import "encoding/binary"

// hybrid decodes the hybrid of runs and bit-packed groups in which dictionary
// codes and levels are stored (parquet-format, Encodings.md, "RLE").
type hybrid struct {
	src   []byte
	width uint
	max   int32 // greatest value allowed

	left   int // values left of the run
	repeat bool
	value  int32
	packed []byte // the bit-packed run, and what is behind it: words are loaded as a whole
	at     int    // position in the bit-packed run
}

// reset starts decoding values of a bit width up to 32, none of which may
// exceed max.
func (h *hybrid) reset(src []byte, width uint, max int32) error {
	if width > 32 {
		return corrupt("a bit width of %d", width)
	}
	*h = hybrid{src: src, width: width, max: max}
	return nil
}

// run reads the next run's header.
func (h *hybrid) run() error {
	head, n := binary.Uvarint(h.src)
	if n <= 0 || head>>1 == 0 || head>>1 > 1<<31 {
		return corrupt("encoded levels or codes end too early")
	}
	h.src = h.src[n:]
	count := int(head >> 1)
	if h.repeat = head&1 == 0; h.repeat {
		w := int(h.width+7) / 8
		if len(h.src) < w {
			return corrupt("encoded levels or codes end too early")
		}
		v := uint32(0)
		for i := range w {
			v |= uint32(h.src[i]) << (8 * i)
		}
		if v > uint32(h.max) {
			return corrupt("a dictionary code or level is %d, the greatest is %d", v, h.max)
		}
		h.src, h.value, h.left = h.src[w:], int32(v), count
		return nil
	}
	size := count * int(h.width)
	h.left = count * 8
	if size > len(h.src) {
		// Some writers cut the padding of the last group.
		size = len(h.src)
		if h.width > 0 {
			h.left = min(h.left, size*8/int(h.width))
		}
		if h.left == 0 {
			return corrupt("encoded levels or codes end too early")
		}
	}
	h.packed, h.src, h.at = h.src, h.src[size:], 0
	return nil
}

// next decodes len(dst) values.
func (h *hybrid) next(dst []int32) error {
	for len(dst) > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		n := min(h.left, len(dst))
		if h.repeat {
			fill(dst[:n], h.value)
		} else {
			unpack(dst[:n], h.packed, h.width, h.at)
			if top := greatest(dst[:n]); top > uint32(h.max) {
				return h.beyond(top)
			}
			h.at += n
		}
		h.left -= n
		dst = dst[n:]
	}
	return nil
}

func (h *hybrid) beyond(top uint32) error {
	return corrupt("a dictionary code or level is %d, the greatest is %d", top, h.max)
}

// pick passes over n values and decodes those at the ascending positions in
// sel, each to its position of dst.
func (h *hybrid) pick(dst []int32, n int, sel []int32) error {
	top := uint32(0)
	for from := 0; from < n; {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		k := min(h.left, n-from)
		var here int
		if h.repeat {
			for here < len(sel) && int(sel[here]) < from+k {
				dst[sel[here]] = h.value
				here++
			}
		} else {
			var greatest uint32
			here, greatest = unpackAt(dst[:from+k], h.packed, h.width, h.at-from, sel)
			top = max(top, greatest)
			h.at += k
		}
		h.left -= k
		from, sel = from+k, sel[here:]
	}
	if top > uint32(h.max) {
		return h.beyond(top)
	}
	return nil
}

// unpackAt decodes bit-packed values: that at position shift + i to dst[i], for
// every i in sel up to the first beyond dst. It returns their number and the greatest.
func unpackAt(dst []int32, src []byte, width uint, shift int, sel []int32) (n int, top uint32) {
	mask := uint32(1)<<width - 1
	for ; n < len(sel); n++ {
		i := int(sel[n])
		if i >= len(dst) {
			break
		}
		bit := (shift + i) * int(width)
		var v uint32
		if at := bit >> 3; at+8 <= len(src) {
			v = uint32(binary.LittleEndian.Uint64(src[at:])>>(bit&7)) & mask
		} else {
			v = unpackOne(src, width, shift+i)
		}
		dst[i] = int32(v)
		top = max(top, v)
	}
	return n, top
}

// skip passes over n values.
func (h *hybrid) skip(n int) error {
	for n > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		k := min(h.left, n)
		if !h.repeat {
			h.at += k
		}
		h.left -= k
		n -= k
	}
	return nil
}

func fill(dst []int32, v int32) {
	for i := range dst {
		dst[i] = v
	}
}

// unpack decodes bit-packed values from position at on.
func unpack(dst []int32, src []byte, width uint, at int) {
	if width == 0 {
		clear(dst)
		return
	}
	i := 0
	for ; i < len(dst) && (at+i)&7 != 0; i++ {
		dst[i] = int32(unpackOne(src, width, at+i))
	}
	pos := (at + i) / 8 * int(width)
	switch {
	case width <= 8:
		i += unpack8(dst[i:], src, width, pos)
	case width <= 16:
		i += unpack16(dst[i:], src, width, pos)
	default:
		i += unpack32(dst[i:], src, width, pos)
	}
	for ; i < len(dst); i++ {
		dst[i] = int32(unpackOne(src, width, at+i))
	}
}

// greatest returns the greatest code.
func greatest(codes []int32) uint32 {
	var a, b, c, d uint32
	i := 0
	for ; i+4 <= len(codes); i += 4 {
		x := codes[i : i+4 : i+4]
		a, b, c, d = max(a, uint32(x[0])), max(b, uint32(x[1])), max(c, uint32(x[2])), max(d, uint32(x[3]))
	}
	for ; i < len(codes); i++ {
		a = max(a, uint32(codes[i]))
	}
	return max(a, b, c, d)
}

// unpackOne decodes one value; bits beyond the end are zero.
func unpackOne(src []byte, width uint, i int) uint32 {
	bit := i * int(width)
	var v uint64
	for k := 0; k < 5 && bit>>3+k < len(src); k++ {
		v |= uint64(src[bit>>3+k]) << (8 * k)
	}
	return uint32(v >> (bit & 7) & (1<<width - 1))
}

// unpack8 decodes groups of eight values of at most 8 bits: one load each.
func unpack8(dst []int32, src []byte, w uint, pos int) (n int) {
	mask := uint64(1)<<w - 1
	for ; n+8 <= len(dst) && pos+8 <= len(src); n += 8 {
		v := binary.LittleEndian.Uint64(src[pos:])
		d := dst[n : n+8 : n+8]
		d[0] = int32(v & mask)
		v >>= w & 63
		d[1] = int32(v & mask)
		v >>= w & 63
		d[2] = int32(v & mask)
		v >>= w & 63
		d[3] = int32(v & mask)
		v >>= w & 63
		d[4] = int32(v & mask)
		v >>= w & 63
		d[5] = int32(v & mask)
		v >>= w & 63
		d[6] = int32(v & mask)
		v >>= w & 63
		d[7] = int32(v & mask)
		pos += int(w)
	}
	return n
}

// unpack16 decodes groups of eight values of 9 to 16 bits: two loads each.
func unpack16(dst []int32, src []byte, w uint, pos int) (n int) {
	mask := uint64(1)<<w - 1
	half, shift := int(w)/2, (w&1)*4 // the fifth value starts at bit 4w
	for ; n+8 <= len(dst) && pos+half+9 <= len(src); n += 8 {
		v := binary.LittleEndian.Uint64(src[pos:])
		u := binary.LittleEndian.Uint64(src[pos+half:]) >> (shift & 63)
		u2 := uint64(src[pos+half+8])
		d := dst[n : n+8 : n+8]
		d[0] = int32(v & mask)
		d[1] = int32(v >> (w & 63) & mask)
		d[2] = int32(v >> (2 * w & 63) & mask)
		d[3] = int32(v >> (3 * w & 63) & mask)
		d[4] = int32(u & mask)
		d[5] = int32(u >> (w & 63) & mask)
		d[6] = int32(u >> (2 * w & 63) & mask)
		d[7] = int32((u>>(3*w&63) | u2<<((64-shift-3*w)&63)) & mask)
		pos += int(w)
	}
	return n
}

// unpack32 decodes groups of eight values of 17 to 32 bits: one load a value.
func unpack32(dst []int32, src []byte, w uint, pos int) (n int) {
	mask := uint64(1)<<w - 1
	for ; n+8 <= len(dst) && pos+int(w)+8 <= len(src); n += 8 {
		d := dst[n : n+8 : n+8]
		for k := range uint(8) {
			bit := k * w
			d[k] = int32(binary.LittleEndian.Uint64(src[pos+int(bit>>3):]) >> (bit & 7) & mask)
		}
		pos += int(w)
	}
	return n
}
