package vector

import "github.com/flintsql/flint/sql/types"

// Taker gathers rows like Take, into buffers that the next call reuses: for
// operators whose batches live until their next one.
type Taker struct {
	out   Vector
	data  []byte
	valid []byte
	off   []int32
	codes []int32
}

// Take is the function Take, but for the result, which is valid until the next call.
func (t *Taker) Take(v *Vector, idx []int32) *Vector {
	if v.Enc == Const || v.Valid != nil || v.Type.Storage() == types.StoreList {
		return Take(v, idx) // rare
	}
	nulls := hasNegative(idx)
	t.out = Vector{Type: v.Type, Len: len(idx)}
	if nulls {
		t.valid = reuse(t.valid, (len(idx)+7)/8)
		clear(t.valid)
		for i, x := range idx {
			if x >= 0 {
				t.valid[i>>3] |= 1 << (i & 7)
			}
		}
		t.out.Valid = t.valid
	}
	if v.Enc == Dict {
		t.codes = reuseInts(t.codes, len(idx))
		if nulls {
			clear(t.codes)
		}
		gather(t.codes, v.Codes, idx, nulls)
		t.out.Enc, t.out.Dictionary, t.out.Codes = Dict, v.Dictionary, t.codes
		return &t.out
	}
	if v.Type.Storage() == types.StoreBytes {
		t.takeBytes(v, idx)
		return &t.out
	}
	t.data = reuse(t.data, len(idx)*v.Type.Storage().Width())
	if nulls {
		clear(t.data)
	}
	t.out.Data = t.data
	gatherFixed(&t.out, v, idx, nulls)
	return &t.out
}

func (t *Taker) takeBytes(v *Vector, idx []int32) {
	t.off = reuseInts(t.off, len(idx)+1)
	off, src := t.off, v.Offsets
	off[0] = 0
	n := int32(0)
	for i, x := range idx {
		if x >= 0 {
			n += src[x+1] - src[x]
		}
		off[i+1] = n
	}
	t.data = reuse(t.data, int(n))
	for i, x := range idx {
		if x >= 0 {
			copy(t.data[off[i]:], v.Data[src[x]:src[x+1]])
		}
	}
	t.out.Offsets, t.out.Data = off, t.data
}

// reuse returns a buffer of n stale bytes, aligned as Alloc's.
func reuse(b []byte, n int) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	return Alloc(n + n/4)[:n]
}

func reuseInts(s []int32, n int) []int32 {
	if n <= cap(s) {
		return s[:n]
	}
	return make([]int32, n, n+n/4)
}
