package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// register is a node's result, whose buffers live as long as the program.
type register struct {
	v     vector.Vector
	valid []byte
}

// begin returns the register as a Flat vector of n rows, all valid, values stale.
func (r *register) begin(t types.Type, n int) *vector.Vector {
	r.v.Type = t
	r.v.Reset(n)
	return &r.v
}

// bitmap returns the register's bitmap buffer of n bits, stale.
func (r *register) bitmap(n int) []byte {
	m := (n + 7) / 8
	if cap(r.valid) < m {
		r.valid = vector.Alloc(max(m, vector.BatchSize/8))
	}
	return r.valid[:m]
}

// allValid returns the bitmap with n bits set.
func (r *register) allValid(n int) []byte {
	b := r.bitmap(n)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// flatNode gives its node's result in an encoding that kernels take: Flat or
// Const.
type flatNode struct {
	node
	reg register
}

func (f *flatNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v, err := f.node.eval(st, x)
	if err != nil || v.Enc != vector.Dict {
		return v, err
	}
	out := f.reg.begin(v.Type, st.n)
	out.Valid = v.Valid
	if v.Dictionary.Len == 0 { // every row is NULL
		return vector.NullConst(v.Type, st.n), nil
	}
	return out, gatherDict(out, v, x.sel)
}

// gatherDict decodes the rows sel of a dictionary vector.
func gatherDict(out, v *vector.Vector, sel []int32) error {
	d := v.Dictionary
	switch v.Type.Storage().Width() {
	case 1:
		decode[uint8](out, d, v.Codes, sel)
	case 2:
		decode[uint16](out, d, v.Codes, sel)
	case 4:
		decode[uint32](out, d, v.Codes, sel)
	case 8:
		decode[uint64](out, d, v.Codes, sel)
	case 16:
		decode[value.Int128](out, d, v.Codes, sel)
	case 24:
		decode[value.Numeric](out, d, v.Codes, sel)
	default:
		if v.Type.Storage() == types.StoreList {
			*out = *vector.Flatten(v)
			return nil
		}
		return decodeBytes(out, d, v.Codes, sel)
	}
	return nil
}

func decode[T any](out, dict *vector.Vector, codes, sel []int32) {
	dst, src := vector.Values[T](out), vector.Values[T](dict)
	if sel == nil {
		for i, c := range codes {
			dst[i] = src[c]
		}
		return
	}
	for _, i := range sel {
		dst[i] = src[codes[i]]
	}
}

func decodeBytes(out, dict *vector.Vector, codes, sel []int32) error {
	w := vector.NewBytesWriter(out)
	off, data := dict.Offsets, dict.Data
	if sel == nil {
		for i, c := range codes {
			w.Set(i, data[off[c]:off[c+1]])
		}
		return w.Finish()
	}
	for _, i := range sel {
		c := codes[i]
		w.Set(int(i), data[off[c]:off[c+1]])
	}
	return w.Finish()
}
