package vector

// AndBitmaps writes a AND b into dst over n bits; all three have room for n
// bits, and dst may be one of the others.
func AndBitmaps(dst, a, b []byte, n int) {
	m := (n + 7) / 8
	dst, a, b = dst[:m], a[:m], b[:m]
	for i := range dst {
		dst[i] = a[i] & b[i]
	}
}

// IsValid reports bit i of a validity bitmap; nil means all valid.
func IsValid(bitmap []byte, i int) bool {
	return bitmap == nil || bitmap[i>>3]&(1<<(i&7)) != 0
}

// SelectValid appends to dst[:0] those rows of sel (nil = 0..n-1) whose bit is
// set. dst needs room for them all and may be sel itself.
func SelectValid(dst []int32, bitmap []byte, sel []int32, n int) []int32 {
	k := 0
	if sel == nil {
		dst = dst[:n]
		for i := range dst {
			dst[k] = int32(i)
			k += int(bitmap[i>>3]>>(i&7)) & 1
		}
		return dst[:k]
	}
	dst = dst[:len(sel)]
	for _, i := range sel {
		dst[k] = i
		k += int(bitmap[i>>3]>>(i&7)) & 1
	}
	return dst[:k]
}

// Reset prepares a Flat vector of a type for n rows, reusing its buffers: all
// rows valid, fixed-width values stale, variable-length ones empty offsets.
func (v *Vector) Reset(n int) {
	v.Len, v.Enc, v.Valid = n, Flat, nil
	w := v.Type.Storage().Width()
	if w == 0 {
		if cap(v.Offsets) < n+1 {
			v.Offsets = make([]int32, n+1)
		}
		v.Offsets = v.Offsets[:n+1]
		return
	}
	if cap(v.Data) < n*w {
		v.Data = Alloc(max(n, min(BatchSize, 2*n)) * w)
	}
	v.Data = v.Data[:n*w]
}

// Identity returns 0..n-1, extending buf where needed.
func Identity(buf []int32, n int) []int32 {
	for i := len(buf); i < n; i++ {
		buf = append(buf, int32(i))
	}
	return buf[:n]
}
