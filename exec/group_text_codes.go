package exec

import (
	"bytes"
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// textCodes numbers the texts of one column from 1 on in order of arrival; 0 is NULL. A dictionary's entry is
// looked up when the first row refers to it, and from then on its code is read from an array.
type textCodes struct {
	slotTable
	typ    types.Type
	hashes []uint64 // of each text
	off    []int32  // text c is data[off[c]:off[c+1]]; that of 0 is empty
	data   []byte
	dicts  []dictCodes // the last ones seen
	turn   int
	out    []int32
	view   *vector.Vector
	src    textRows // what is being encoded
}

// dictCodes are the codes of a dictionary's entries, 0 where none was asked for yet.
type dictCodes struct {
	dict  *vector.Vector
	codes []int32
	more  int // entries without a code
	left  int // their bytes
}

// Dictionaries of files change with every row group; of large ones only the last is remembered.
const (
	codedDicts    = 4
	codedDictMost = 1 << 14
	// codedDictLargest is beyond what an array of codes is worth its memory.
	codedDictLargest = 1 << 20
)

func newTextCodes(t types.Type) *textCodes { return &textCodes{typ: t, off: []int32{0, 0}} }

// encode returns the codes of the listed rows of v, as a column of which the other rows mean
// nothing; it is valid until the next call.
func (x *textCodes) encode(v *vector.Vector, sel []int32) (*vector.Vector, error) {
	n := v.Len
	if v.Enc == vector.Const {
		one := []int32{0}
		if !v.IsNull(0) {
			b := v.Bytes(0)
			x.src = textRows{v: v, n: 1}
			c, err := x.enter(b, vector.HashBytes(b))
			if err != nil {
				return nil, err
			}
			one[0] = c
		}
		return &vector.Vector{Type: codeType, Enc: vector.Const, Len: n, Data: vector.BytesOf(one)}, nil
	}
	if cap(x.out) < n {
		x.out = make([]int32, max(n, vector.BatchSize))
	}
	out := x.out[:n]
	err := x.flat(v, sel, out)
	if v.Valid != nil {
		clearNulls(out, v.Valid)
	}
	return vector.FromSlice(codeType, out), err
}

var codeType = types.Of(types.Int4)

// clearNulls makes the codes of NULLs 0.
func clearNulls(out []int32, valid []byte) {
	for i := range out {
		out[i] &= -int32(valid[i>>3] >> (i & 7) & 1)
	}
}

// flat sets the codes of rows that are not NULL.
func (x *textCodes) flat(v *vector.Vector, sel, out []int32) error {
	if v.Enc == vector.Dict {
		return x.translate(v, sel, out)
	}
	n := len(out)
	if sel != nil {
		n = len(sel)
	}
	x.src = textRows{v: v, sel: sel, n: n}
	for k := range n {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if v.Valid != nil && v.IsNull(i) {
			continue
		}
		b := v.Data[v.Offsets[i]:v.Offsets[i+1]]
		x.src.at = k
		c, err := x.enter(b, vector.HashBytes(b))
		if err != nil {
			return err
		}
		out[i] = c
	}
	return nil
}

// translate reads the codes of a dictionary's rows.
func (x *textCodes) translate(v *vector.Vector, sel, out []int32) error {
	d := v.Dictionary
	if d.Len == 0 { // every row is NULL
		return nil
	}
	codes, n := v.Codes[:len(out)], len(out)
	var dict *dictCodes
	var known []int32
	if d.Len <= codedDictLargest {
		dict = x.known(d)
		known = dict.codes
	}
	if sel != nil {
		n = len(sel)
	}
	x.src = textRows{v: v, sel: sel, n: n}
	for k := range n {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		e, c := codes[i], int32(0)
		if known != nil {
			c = known[e]
		}
		if c == 0 {
			if v.Valid != nil && v.IsNull(i) {
				continue
			}
			var err error
			x.src.at = k
			b := d.Data[d.Offsets[e]:d.Offsets[e+1]]
			if c, err = x.enter(b, vector.HashBytes(b)); err != nil {
				return err
			}
			if known != nil {
				known[e] = c
				dict.more--
				dict.left -= len(b)
			}
		}
		out[i] = c
	}
	return nil
}

// known returns the codes of a dictionary's entries, to be completed.
func (x *textCodes) known(d *vector.Vector) *dictCodes {
	if k := x.seen(d); k != nil {
		return k
	}
	k := dictCodes{d, make([]int32, d.Len), d.Len, textBytes(d)}
	switch {
	case d.Len > codedDictMost:
		x.dicts, x.turn = append(x.dicts[:0], k), 0
		clear(x.dicts[1:cap(x.dicts)])
	case len(x.dicts) < codedDicts:
		x.dicts = append(x.dicts, k)
	default:
		x.turn = (x.turn + 1) % codedDicts
		x.dicts[x.turn] = k
		return &x.dicts[x.turn]
	}
	return &x.dicts[len(x.dicts)-1]
}

// enter returns the code of a text with its hash.
func (x *textCodes) enter(b []byte, h uint64) (int32, error) {
	if x.full(b) {
		x.extend()
	}
	j := h & x.mask
	s := x.slots[j]
	for s != 0 && (s>>32 != h>>32 || !bytes.Equal(x.text(uint32(s)), b)) {
		j = (j + 1) & x.mask
		s = x.slots[j]
	}
	if s == 0 {
		if len(x.data)+len(b) > math.MaxInt32 {
			return 0, sqlerr.New(sqlerr.ProgramLimitExceeded, "a group column's texts exceed 2 GiB")
		}
		x.hashes = append(x.hashes, h)
		x.data = append(x.data, b...)
		x.off = append(x.off, int32(len(x.data)))
		s = h&saltMask | uint64(len(x.hashes))
		x.slots[j] = s
	}
	return int32(uint32(s)), nil
}

func (x *textCodes) text(c uint32) []byte { return x.data[x.off[c]:x.off[c+1]] }

// dictionary returns the texts by code; it stays as it is while more are added.
func (x *textCodes) dictionary() *vector.Vector {
	if n := len(x.off) - 1; x.view == nil || x.view.Len != n {
		x.view = &vector.Vector{Type: x.typ, Len: n, Data: x.data, Offsets: x.off}
	}
	return x.view
}

// decode makes a column of codes one of texts.
func (x *textCodes) decode(codes []int32) *vector.Vector {
	out := vector.NewDict(codes, x.dictionary())
	for i, c := range codes {
		if c == 0 {
			out.SetNull(i)
		}
	}
	return out
}

func (x *textCodes) bytes() int64 {
	n := x.size() + int64(8*cap(x.hashes)+4*cap(x.off)+cap(x.data)+4*cap(x.out))
	for _, d := range x.dicts {
		n += int64(4 * cap(d.codes))
	}
	return n
}
