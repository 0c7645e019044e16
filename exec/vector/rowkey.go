package vector

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// KeyOrder says how one column of a row key sorts.
type KeyOrder struct{ Desc, NullsFirst bool }

// RowKeys encodes rows as byte strings. With an order, comparing the strings
// with bytes.Compare orders the rows as SQL does; without one (Orders == nil), they are shorter and equal exactly
// where all columns are "not distinct". The encoder's buffers are reused: results are valid until the next Encode.
type RowKeys struct {
	Orders []KeyOrder // nil = equality only
	Data   []byte
	Off    []int32 // row k is Data[Off[k]:Off[k+1]]
	pos    []int32
	idx    []int32
	start  []int32 // where a variable-length value begins
}

// Encode encodes the rows of sel (nil = 0..n-1). It fails with 54000 past 2 GiB.
func (r *RowKeys) Encode(cols []*Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	if cap(r.Off) < n+1 {
		r.Off, r.pos, r.idx, r.start = make([]int32, n+1), make([]int32, n), make([]int32, n), make([]int32, n)
	}
	r.Off, r.pos, r.idx, r.start = r.Off[:n+1], r.pos[:n], r.idx[:n], r.start[:n]
	clear(r.pos)
	fixed := 0
	for _, v := range cols {
		if w := r.fixedWidth(v.Type); w > 0 {
			fixed += w
			continue
		}
		r.locate(v, sel)
		r.lengths(v)
	}
	total := 0
	for k := range r.pos {
		w := fixed + int(r.pos[k])
		r.Off[k], r.pos[k] = int32(total), int32(total)
		if total += w; total > math.MaxInt32 {
			return errTooLarge()
		}
	}
	r.Off[n] = int32(total)
	if cap(r.Data) < total {
		r.Data = make([]byte, total, total+total/4)
	}
	r.Data = r.Data[:total]
	for c, v := range cols {
		o := KeyOrder{}
		if r.Orders != nil {
			o = r.Orders[c]
		}
		r.locate(v, sel)
		r.column(v, o)
	}
	return nil
}

// Row returns the key of row k.
func (r *RowKeys) Row(k int) []byte { return r.Data[r.Off[k]:r.Off[k+1]] }

// locate sets idx to the position of each row's value, -1 where it is NULL.
func (r *RowKeys) locate(v *Vector, sel []int32) {
	for k := range r.idx {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if i < 0 || v.IsNull(i) {
			r.idx[k] = -1
		} else {
			r.idx[k] = int32(v.Index(i))
		}
	}
}

// fixedWidth is the bytes of a column whose keys all have one width, marker
// included; 0 for the others.
func (r *RowKeys) fixedWidth(t types.Type) int {
	switch s := t.Storage(); s {
	case types.StoreNumeric, types.StoreBytes, types.StoreList:
		return 0
	default:
		return 1 + s.Width()
	}
}

func (r *RowKeys) lengths(v *Vector) {
	b := v.Base()
	t := v.Type
	var tmp []byte
	for k, i := range r.idx {
		switch {
		case i < 0:
			r.pos[k]++
		case t.Storage() == types.StoreBytes:
			s := keyBytes(b, int(i))
			if r.Orders == nil {
				r.pos[k] += int32(len(s)) + 5
			} else {
				r.pos[k] += int32(len(s)+bytes.Count(s, zeroByte)) + 3
			}
		default:
			tmp = r.appendValue(tmp[:0], b, int(i))
			r.pos[k] += int32(len(tmp)) + 1
		}
	}
}

var zeroByte = []byte{0}

// keyBytes is the part of a string that counts in comparisons.
func keyBytes(v *Vector, i int) []byte {
	s := v.Data[v.Offsets[i]:v.Offsets[i+1]]
	if v.Type.Kind == types.Char {
		return TrimBlanks(s)
	}
	return s
}

// column writes one column of every row.
func (r *RowKeys) column(v *Vector, o KeyOrder) {
	null, notNull := byte(2), byte(1)
	if o.NullsFirst {
		null = 0
	}
	b := v.Base()
	d := r.Data
	switch s := v.Type.Storage(); s {
	case types.StoreBool:
		putFixed(r, Values[uint8](b), 1, func(p []byte, x uint8) { p[0] = x })
	case types.StoreInt16:
		putFixed(r, Values[int16](b), 2, func(p []byte, x int16) { binary.BigEndian.PutUint16(p, uint16(x)^1<<15) })
	case types.StoreInt32:
		putFixed(r, Values[int32](b), 4, func(p []byte, x int32) { binary.BigEndian.PutUint32(p, uint32(x)^1<<31) })
	case types.StoreInt64:
		putFixed(r, Values[int64](b), 8, func(p []byte, x int64) { binary.BigEndian.PutUint64(p, uint64(x)^1<<63) })
	case types.StoreFloat32:
		putFixed(r, Values[float32](b), 4, func(p []byte, x float32) {
			binary.BigEndian.PutUint32(p, orderedFloat32(x))
		})
	case types.StoreFloat64:
		putFixed(r, Values[float64](b), 8, func(p []byte, x float64) { binary.BigEndian.PutUint64(p, OrderedFloat(x)) })
	case types.StoreInt128:
		putFixed(r, Values[value.Int128](b), 16, putInt128)
	case types.StoreInterval:
		putFixed(r, Values[value.Interval](b), 16, func(p []byte, x value.Interval) { putInt128(p, x.Span()) })
	default:
		for k, i := range r.idx {
			at := r.pos[k]
			if i >= 0 {
				r.start[k] = at + 1
				out := r.appendValue(d[at+1:at+1], b, int(i))
				r.pos[k] = at + 1 + int32(len(out))
			}
		}
		r.finish(null, notNull, o.Desc, 0)
		return
	}
	r.finish(null, notNull, o.Desc, v.Type.Storage().Width())
}

// finish writes the NULL markers and inverts descending values. w is the fixed
// width, or 0 where pos already points past the value.
func (r *RowKeys) finish(null, notNull byte, desc bool, w int) {
	for k, i := range r.idx {
		at := r.pos[k]
		if i < 0 {
			if w > 0 {
				clear(r.Data[at+1 : int(at)+1+w])
			}
			r.Data[at] = null
			r.pos[k] = at + 1 + int32(w)
			continue
		}
		from, to := at+1, at+1+int32(w)
		if w == 0 {
			to = at
			from = r.start[k]
		}
		r.Data[from-1] = notNull
		if desc {
			p := r.Data[from:to]
			for j := range p {
				p[j] = ^p[j]
			}
		}
		r.pos[k] = to
	}
}

func putFixed[T any](r *RowKeys, vals []T, w int, put func([]byte, T)) {
	for k, i := range r.idx {
		if i >= 0 {
			at := int(r.pos[k]) + 1
			put(r.Data[at:at+w], vals[i])
		}
	}
}

func putInt128(p []byte, x value.Int128) {
	binary.BigEndian.PutUint64(p, uint64(x.Hi)^1<<63)
	binary.BigEndian.PutUint64(p[8:], x.Lo)
}

// OrderedFloat maps a float to bits that sort as SQL sorts floats: NaN last,
// and both zeros equal.
func OrderedFloat(x float64) uint64 {
	b := FloatBits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

func orderedFloat32(x float32) uint32 {
	switch {
	case x != x:
		return 0xffc00000
	case x == 0:
		return 1 << 31
	}
	b := math.Float32bits(x)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// appendValue appends the key of a variable-length value.
func (r *RowKeys) appendValue(dst []byte, v *Vector, i int) []byte {
	switch v.Type.Storage() {
	case types.StoreNumeric:
		if r.Orders == nil {
			return appendNumericBits(dst, Values[value.Numeric](v)[i])
		}
		return appendNumericKey(dst, Values[value.Numeric](v)[i])
	case types.StoreBytes:
		s := keyBytes(v, i)
		if r.Orders == nil {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
			return append(dst, s...)
		}
		for {
			z := bytes.IndexByte(s, 0)
			if z < 0 {
				return append(append(dst, s...), 0, 0)
			}
			dst = append(append(dst, s[:z]...), 0, 0xff)
			s = s[z+1:]
		}
	case types.StoreList:
		return appendListKey(dst, v, i)
	}
	return dst
}

// appendListKey encodes an array element by element, each marked, NULLs last,
// and an end mark that sorts before any element.
func appendListKey(dst []byte, v *Vector, i int) []byte {
	from, to := v.Offsets[i], v.Offsets[i+1]
	sel := make([]int32, 0, to-from)
	for k := from; k < to; k++ {
		sel = append(sel, k)
	}
	e := RowKeys{Orders: []KeyOrder{{}}}
	if e.Encode([]*Vector{v.Child}, sel, len(sel)) == nil {
		dst = append(dst, e.Data...)
	}
	return append(dst, 0)
}

// appendNumericBits is a key that only has to be equal for equal numerics: the
// coefficient and scale of the normal form, without the digits' conversion.
func appendNumericBits(dst []byte, x value.Numeric) []byte {
	x = x.Normalize()
	head := uint32(x.Kind)<<1 | uint32(x.Scale)<<8
	if x.Coef.IsInt64() {
		dst = binary.LittleEndian.AppendUint32(dst, head)
		return binary.LittleEndian.AppendUint64(dst, x.Coef.Lo)
	}
	dst = binary.LittleEndian.AppendUint32(dst, head|1) // the key is longer
	dst = binary.LittleEndian.AppendUint64(dst, x.Coef.Lo)
	return binary.LittleEndian.AppendUint64(dst, uint64(x.Coef.Hi))
}

// appendNumericKey encodes class, decimal exponent and digits, so that equal
// numerics of different display scale have one key.
func appendNumericKey(dst []byte, x value.Numeric) []byte {
	switch x.Kind {
	case value.NegInf:
		return append(dst, 0)
	case value.PosInf:
		return append(dst, 4)
	case value.NaN:
		return append(dst, 5)
	}
	x = x.Normalize()
	sign := x.Coef.Sign()
	dst = append(dst, byte(2+sign))
	if sign == 0 {
		return dst
	}
	at := len(dst)
	var buf [48]byte
	digits := value.AppendInt128(buf[:0], x.Coef)
	if sign < 0 {
		digits = digits[1:]
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(int32(len(digits))-int32(x.Scale))^1<<31)
	dst = append(dst, bytes.TrimRight(digits, "0")...)
	dst = append(dst, 0)
	if sign < 0 {
		for k := at; k < len(dst); k++ {
			dst[k] = ^dst[k]
		}
	}
	return dst
}
