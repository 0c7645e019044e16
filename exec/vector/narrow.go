package vector

// Narrow is an array of integers at the smallest number of whole bytes that
// holds their distances from the least of them (frame of reference: Goldstein, Ramakrishnan and Shaft, Compressing
// Relations and Indexes, ICDE 1998). Whole bytes, because a batch is widened every time it is read.
type Narrow struct {
	Least int64
	Width int    // 1 to 4 bytes
	Data  []byte // with NarrowPad bytes at the end
}

// NarrowPad is how many bytes follow the last value, so that each can be read as four.
const NarrowPad = 4

// Integer is what Narrow packs.
type Integer interface{ int32 | int64 }

// NarrowOf packs values of size bytes, in buf if that suffices; ok is false where that saves nothing.
func NarrowOf[T Integer](values []T, size int, buf []byte) (n Narrow, ok bool) {
	if len(values) == 0 {
		return n, false
	}
	least, most := values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	span := uint64(int64(most)) - uint64(int64(least))
	n = Narrow{Least: int64(least), Width: 1}
	for n.Width < 8 && span>>(8*n.Width) > 0 {
		n.Width++
	}
	if n.Width > 4 || n.Width >= size {
		return n, false
	}
	if all := len(values)*n.Width + NarrowPad; all <= cap(buf) {
		n.Data = buf[:all]
	} else {
		n.Data = make([]byte, all)
	}
	pack(&n, values)
	return n, true
}

func pack[T Integer](n *Narrow, values []T) {
	least := T(n.Least)
	switch w := n.Data; n.Width {
	case 1:
		for i, v := range values {
			w[i] = byte(v - least)
		}
	case 2:
		for i, v := range values {
			d := uint16(v - least)
			w[2*i], w[2*i+1] = byte(d), byte(d>>8)
		}
	case 3:
		for i, v := range values {
			d := uint32(v - least)
			b := w[3*i : 3*i+3]
			b[0], b[1], b[2] = byte(d), byte(d>>8), byte(d>>16)
		}
	default:
		for i, v := range values {
			d := uint32(v - least)
			b := w[4*i : 4*i+4]
			b[0], b[1], b[2], b[3] = byte(d), byte(d>>8), byte(d>>16), byte(d>>24)
		}
	}
}

// Widen puts the values from the at-th on into dst, those of sel only if it is not nil.
func Widen[T Integer](n *Narrow, dst []T, at int, sel []int32) {
	src, w, least := n.Data[at*n.Width:], n.Width, T(n.Least)
	if sel != nil {
		mask := uint32(1)<<(8*w) - 1 // all ones of four bytes
		for _, i := range sel {
			b := src[int(i)*w : int(i)*w+4]
			dst[i] = least + T((uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)&mask)
		}
		return
	}
	switch w {
	case 1:
		src = src[:len(dst)]
		for i, b := range src {
			dst[i] = least + T(b)
		}
	case 2:
		for i := range dst {
			b := src[2*i : 2*i+2]
			dst[i] = least + T(uint16(b[0])|uint16(b[1])<<8)
		}
	case 3:
		for i := range dst {
			b := src[3*i : 3*i+4]
			dst[i] = least + T((uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)&(1<<24-1))
		}
	default:
		for i := range dst {
			b := src[4*i : 4*i+4]
			dst[i] = least + T(uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)
		}
	}
}
