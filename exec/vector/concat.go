package vector

import (
	"math"

	"github.com/flintsql/flint/sql/types"
)

// ConcatSize returns the bytes of the buffers that Concat would make of parts,
// a shared dictionary apart.
func ConcatSize(t types.Type, parts []*Vector, n int) int64 {
	var size int64
	for _, p := range parts {
		if p.Valid != nil {
			size = int64(n+7) / 8
			break
		}
	}
	if sharedDictionary(parts) != nil {
		return size + 4*int64(n)
	}
	switch s := t.Storage(); s {
	case types.StoreBytes:
		size += 4 * int64(n+1)
		for _, p := range parts {
			size += textBytes(p)
		}
	case types.StoreList:
		size += 4 * int64(n+1)
		for _, p := range parts {
			size += 2 * p.Size()
		}
	default:
		size += int64(n) * int64(s.Width())
	}
	return size
}

// Concat returns the n rows of parts as one column, allocated at its size at
// once. Where all parts share a dictionary the result does too, else it is Flat.
// It fails with 54000 where variable-length data passes 2 GiB.
func Concat(t types.Type, parts []*Vector, n int) (*Vector, error) {
	if len(parts) == 1 && parts[0].Enc != Const && parts[0].Len == n {
		return parts[0], nil
	}
	if t.Storage() == types.StoreList {
		a := NewAppender(t)
		for _, p := range parts {
			if err := a.Append(p, nil, p.Len); err != nil {
				return nil, err
			}
		}
		return Flatten(a.View()), nil
	}
	out := &Vector{Type: t, Len: n, Valid: concatValid(parts, n)}
	if d := sharedDictionary(parts); d != nil {
		out.Enc, out.Dictionary, out.Codes = Dict, d, make([]int32, 0, n)
		for _, p := range parts {
			out.Codes = append(out.Codes, p.Codes[:p.Len]...)
		}
		return out, nil
	}
	if t.Storage() == types.StoreBytes {
		return out, concatBytes(out, parts)
	}
	w := t.Storage().Width()
	out.Data = Alloc(n * w)
	at := 0
	for _, p := range parts {
		dst := out.Data[at : at+p.Len*w]
		at += p.Len * w
		switch {
		case p.Enc == Flat:
			copy(dst, p.Data)
		case p.Base().Len > 0 || p.Enc == Const:
			gatherFixed(&Vector{Type: t, Data: dst}, p.Base(), entries(p), false)
		}
	}
	return out, nil
}

// entries lists the position of each row's value in the vector's Base.
func entries(p *Vector) []int32 {
	if p.Enc == Dict {
		return p.Codes[:p.Len]
	}
	return make([]int32, p.Len)
}

// sharedDictionary returns the dictionary of all parts, nil if there is none.
func sharedDictionary(parts []*Vector) *Vector {
	if len(parts) == 0 {
		return nil
	}
	for _, p := range parts {
		if p.Enc != Dict || p.Dictionary != parts[0].Dictionary {
			return nil
		}
	}
	return parts[0].Dictionary
}

func concatValid(parts []*Vector, n int) []byte {
	var out []byte
	at := 0
	for _, p := range parts {
		if p.Valid != nil && p.Len > 0 {
			if out == nil {
				out = AllValid(n)
			}
			for i := 0; i < p.Len; i++ {
				if p.IsNull(i) {
					out[(at+i)>>3] &^= 1 << ((at + i) & 7)
				}
			}
		}
		at += p.Len
	}
	return out
}

// textBytes returns the bytes of all rows' values.
func textBytes(p *Vector) int64 {
	if p.Len == 0 {
		return 0
	}
	b := p.Base()
	switch p.Enc {
	case Flat:
		return int64(b.Offsets[p.Len] - b.Offsets[0])
	case Const:
		return int64(p.Len) * int64(b.Offsets[1]-b.Offsets[0])
	}
	var n int64
	if b.Len > 0 {
		for _, c := range p.Codes[:p.Len] {
			n += int64(b.Offsets[c+1] - b.Offsets[c])
		}
	}
	return n
}

func concatBytes(out *Vector, parts []*Vector) error {
	var total int64
	for _, p := range parts {
		total += textBytes(p)
	}
	if total > math.MaxInt32 {
		return errTooLarge()
	}
	out.Data, out.Offsets = Alloc(int(total)), make([]int32, 1, out.Len+1)
	at := int32(0)
	for _, p := range parts {
		b := p.Base()
		switch {
		case p.Len == 0:
		case p.Enc == Flat:
			d := at - b.Offsets[0]
			for _, o := range b.Offsets[1 : p.Len+1] {
				out.Offsets = append(out.Offsets, o+d)
			}
			at += int32(copy(out.Data[at:], b.Data[b.Offsets[0]:b.Offsets[p.Len]]))
		case b.Len == 0 && p.Enc == Dict:
			for k := 0; k < p.Len; k++ {
				out.Offsets = append(out.Offsets, at)
			}
		default:
			for _, c := range entries(p) {
				at += int32(copy(out.Data[at:], b.Data[b.Offsets[c]:b.Offsets[c+1]]))
				out.Offsets = append(out.Offsets, at)
			}
		}
	}
	return nil
}
