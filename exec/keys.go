package exec

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// packedKey is a row key of one to three words.
type packedKey interface {
	uint64 | [2]uint64 | [3]uint64
}

// keyLayout says how columns of fixed width are packed into words; equal words
// are exactly equal rows (NULL equals NULL, -0 equals 0, NaN equals NaN).
type keyLayout struct {
	words    int // 0: the columns do not pack, use vector.RowKeys
	cols     []keySlot
	nullWord int
	nullBit  int // first of one bit per column, set where NULL; -1: no room (a single 64-bit column)
	types    []types.Type
}

type keySlot struct{ word, shift, width int } // width in bits

// nullMode says what a key layout does about NULLs.
type nullMode uint8

const (
	nullsApart  nullMode = iota // bits, except that a single 64-bit column leaves them to the caller
	nullsAsBits                 // always bits
	nullsNever                  // rows with NULLs are left out by the caller
)

// newKeyLayout packs columns of these types.
func newKeyLayout(ts []types.Type, nulls nullMode) keyLayout {
	l := keyLayout{types: ts, nullBit: -1}
	used := make([]int, 3)
	for _, wide := range []int{64, 32, 16, 8} {
		for i, t := range ts {
			if i >= len(l.cols) {
				l.cols = append(l.cols, keySlot{word: -1})
			}
			if packedBits(t) != wide {
				continue
			}
			w := 0
			for w < 3 && used[w]+wide > 64 {
				w++
			}
			if w == 3 {
				return keyLayout{types: ts}
			}
			l.cols[i] = keySlot{w, used[w], wide}
			used[w] += wide
			l.words = max(l.words, w+1)
		}
	}
	for _, c := range l.cols {
		if c.word < 0 {
			return keyLayout{types: ts}
		}
	}
	if nulls == nullsNever || nulls == nullsApart && len(ts) == 1 && l.cols[0].width == 64 {
		return l
	}
	for w := range used {
		if used[w]+len(ts) <= 64 {
			l.nullWord, l.nullBit, l.words = w, used[w], max(l.words, w+1)
			return l
		}
	}
	return keyLayout{types: ts}
}

// packedBits is the width in a packed key, 0 if the type does not pack.
func packedBits(t types.Type) int {
	switch t.Storage() {
	case types.StoreBool:
		return 8
	case types.StoreInt16:
		return 16
	case types.StoreInt32, types.StoreFloat32:
		return 32
	case types.StoreInt64, types.StoreFloat64:
		return 64
	}
	return 0
}

// keyPacker packs rows of batches. Its buffers are reused by every call.
type keyPacker struct {
	layout keyLayout
	words  [3][]uint64
	nulls  []uint64 // bit c set: column c is NULL in that row; only valid if anyNull
	any    bool
	tmp    []uint64
}

// pack fills words[w][k] for the k-th row of sel (nil = 0..n-1).
func (p *keyPacker) pack(cols []*vector.Vector, sel []int32, n int) {
	if sel != nil {
		n = len(sel)
	}
	if cap(p.tmp) < n {
		p.tmp, p.nulls = make([]uint64, n), make([]uint64, n)
		for w := 0; w < p.layout.words; w++ {
			p.words[w] = make([]uint64, n)
		}
	}
	p.tmp, p.nulls = p.tmp[:n], p.nulls[:n]
	for w := 0; w < p.layout.words; w++ {
		p.words[w] = p.words[w][:n]
	}
	p.any = false
	for c, v := range cols {
		if v.Valid != nil {
			p.markNulls(c, v, sel)
		}
	}
	started := [3]bool{}
	for c, v := range cols {
		s := p.layout.cols[c]
		dst := p.words[s.word]
		if !started[s.word] {
			started[s.word] = true
			widen(dst, v, sel)
			p.zeroNulls(dst, c, v)
			if s.shift > 0 {
				for k := range dst {
					dst[k] <<= s.shift
				}
			}
			continue
		}
		widen(p.tmp, v, sel)
		p.zeroNulls(p.tmp, c, v)
		for k, x := range p.tmp {
			dst[k] |= x << s.shift
		}
	}
	p.foldNulls(started)
}

func (p *keyPacker) markNulls(c int, v *vector.Vector, sel []int32) {
	if !p.any {
		clear(p.nulls)
		p.any = true
	}
	for k := range p.nulls {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if v.IsNull(i) {
			p.nulls[k] |= 1 << c
		}
	}
}

func (p *keyPacker) zeroNulls(dst []uint64, c int, v *vector.Vector) {
	if v.Valid == nil {
		return
	}
	for k, m := range p.nulls {
		if m>>c&1 != 0 {
			dst[k] = 0
		}
	}
}

func (p *keyPacker) foldNulls(started [3]bool) {
	if p.layout.nullBit < 0 {
		return
	}
	w := p.layout.nullWord
	if !started[w] {
		clear(p.words[w])
	}
	if p.any {
		for k, m := range p.nulls {
			p.words[w][k] |= m << p.layout.nullBit
		}
	}
}

// widen writes the normalized bits of each row, masked to the type's width.
func widen(dst []uint64, v *vector.Vector, sel []int32) {
	b := v.Base()
	if v.Enc == vector.Const {
		var one [1]uint64
		widenFlat(one[:], b, nil)
		for k := range dst {
			dst[k] = one[0]
		}
		return
	}
	if v.Enc == vector.Dict {
		if b.Len == 0 {
			clear(dst)
			return
		}
		if sel == nil {
			widenFlat(dst, b, v.Codes[:len(dst)])
			return
		}
		idx := make([]int32, len(sel))
		for k, i := range sel {
			idx[k] = v.Codes[i]
		}
		widenFlat(dst, b, idx)
		return
	}
	widenFlat(dst, b, sel)
}

func widenFlat(dst []uint64, v *vector.Vector, idx []int32) {
	switch v.Type.Storage() {
	case types.StoreBool:
		widenInts(dst, vector.Values[uint8](v), idx, 0xff)
	case types.StoreInt16:
		widenInts(dst, vector.Values[int16](v), idx, 0xffff)
	case types.StoreInt32:
		widenInts(dst, vector.Values[int32](v), idx, 0xffffffff)
	case types.StoreInt64:
		widenInts(dst, vector.Values[int64](v), idx, ^uint64(0))
	case types.StoreFloat32:
		vals := vector.Values[float32](v)
		for k := range dst {
			i := k
			if idx != nil {
				i = int(idx[k])
			}
			dst[k] = uint64(float32Bits(vals[i]))
		}
	case types.StoreFloat64:
		vals := vector.Values[float64](v)
		for k := range dst {
			i := k
			if idx != nil {
				i = int(idx[k])
			}
			dst[k] = vector.FloatBits(vals[i])
		}
	}
}

func widenInts[T uint8 | int16 | int32 | int64](dst []uint64, vals []T, idx []int32, mask uint64) {
	if idx == nil {
		for k, x := range vals[:len(dst)] {
			dst[k] = uint64(int64(x)) & mask
		}
		return
	}
	for k, i := range idx[:len(dst)] {
		dst[k] = uint64(int64(vals[i])) & mask
	}
}

// float32Bits is vector.FloatBits at 32 bits.
func float32Bits(x float32) uint32 {
	switch {
	case x != x:
		return 0x7fc00000
	case x == 0:
		return 0
	}
	return math.Float32bits(x)
}
