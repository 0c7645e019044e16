package write

import "encoding/binary"

// appendHybrid appends codes of the given bit width in the hybrid of runs and
// bit-packed groups that dictionary pages use (parquet-format, Encodings.md, "RLE").
func appendHybrid(dst []byte, codes []int32, width uint) []byte {
	from := 0 // first code that is not written; always a multiple of 8 behind i
	for i := 0; i < len(codes); {
		run := runLength(codes[i:])
		if run < 16 {
			i = min(i+8, len(codes))
			continue
		}
		dst = appendPacked(dst, codes[from:i], width)
		dst = binary.AppendUvarint(dst, uint64(run)<<1)
		for b := uint(0); b < width; b += 8 {
			dst = append(dst, byte(codes[i]>>b))
		}
		i += run
		from = i
	}
	return appendPacked(dst, codes[from:], width)
}

// runLength returns how often the first code repeats.
func runLength(codes []int32) int {
	for i, c := range codes {
		if c != codes[0] {
			return i
		}
	}
	return len(codes)
}

// appendPacked appends one bit-packed run, padded to a multiple of 8 codes.
func appendPacked(dst []byte, codes []int32, width uint) []byte {
	if len(codes) == 0 {
		return dst
	}
	groups := (len(codes) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	end := len(dst) + groups*int(width)
	var acc uint64
	var used uint
	for _, c := range codes {
		acc |= uint64(c) << used
		for used += width; used >= 8; used -= 8 {
			dst = append(dst, byte(acc))
			acc >>= 8
		}
	}
	if used > 0 {
		dst = append(dst, byte(acc))
	}
	for len(dst) < end {
		dst = append(dst, 0)
	}
	return dst
}
