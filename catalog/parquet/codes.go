package parquet

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/value"
)

// codePicks is the part of a batch's rows below which only their codes are decoded.
const codePicks = 4

// codeRows decodes dictionary codes, those of rows in sel only where they are
// few: texts stay codes, everything else is looked up.
func (c *chunk) codeRows(n, k int, sel []int32) (err error) {
	o := &c.out
	if sel != nil && (k < n || len(sel) > n/codePicks) {
		sel = nil
	}
	if sel == nil && !c.leaf.isBytes() {
		return c.valueRows(n, k)
	}
	if o.codes, err = grow(c.budget, o.codes, n); err != nil {
		return err
	}
	if sel == nil {
		err = c.page.codes.next(o.codes[:k])
	} else {
		if c.leaf.isBytes() {
			clear(o.codes) // every row's code must be one of the dictionary's
		}
		err = c.page.codes.pick(o.codes, n, sel)
	}
	if err != nil {
		return err
	}
	if c.leaf.isBytes() {
		c.showCodes(n, k)
		return nil
	}
	w := c.leaf.outWidth()
	if o.fixed, err = grow(c.budget, o.fixed, n*w); err != nil {
		return err
	}
	o.vec.Data = o.fixed
	lookUpPicked(&o.vec, c.dict, o.codes, sel, w)
	return nil
}

// showCodes makes the k codes at the front of n rows, of which the others are NULL, the chunk's vector.
func (c *chunk) showCodes(n, k int) {
	o := &c.out
	if k < n {
		spreadValues(o.codes, o.vec.Valid, n, k)
	}
	o.vec.Enc, o.vec.Codes, o.vec.Dictionary = vector.Dict, o.codes, c.dict
}

// valueRows decodes k codes and looks their values up.
func (c *chunk) valueRows(n, k int) (err error) {
	o, w := &c.out, c.leaf.outWidth()
	if o.fixed, err = grow(c.budget, o.fixed, n*w); err != nil {
		return err
	}
	o.vec.Data = o.fixed
	if err := lookUp(&o.vec, c.dict, &c.page.codes, k, w); err != nil {
		return err
	}
	if k < n {
		spread(&o.vec, n, k, w)
	}
	return nil
}

// lookUp puts the dictionary's values for the next k codes into dst.
func lookUp(dst, dict *vector.Vector, codes *hybrid, k, w int) error {
	switch w {
	case 1:
		return nextValues(codes, vector.Values[uint8](dst)[:k], vector.Values[uint8](dict)[:dict.Len])
	case 2:
		return nextValues(codes, vector.Values[uint16](dst)[:k], vector.Values[uint16](dict)[:dict.Len])
	case 4:
		return nextValues(codes, vector.Values[uint32](dst)[:k], vector.Values[uint32](dict)[:dict.Len])
	case 8:
		return nextValues(codes, vector.Values[uint64](dst)[:k], vector.Values[uint64](dict)[:dict.Len])
	}
	return nextValues(codes, vector.Values[value.Int128](dst)[:k], vector.Values[value.Int128](dict)[:dict.Len])
}

// nextValues looks up the next codes, a run or what the first level of cache
// holds at a time.
func nextValues[T any](h *hybrid, dst, dict []T) error {
	var codes [512]int32
	for len(dst) > 0 {
		if h.left == 0 {
			if err := h.run(); err != nil {
				return err
			}
		}
		n := min(h.left, len(dst))
		if h.repeat {
			v := dict[h.value] // run has compared it with the greatest
			for i := range dst[:n] {
				dst[i] = v
			}
		} else {
			n = min(n, len(codes))
			unpack(codes[:n], h.packed, h.width, h.at)
			if !gather(dst[:n], dict, codes[:n]) {
				return h.beyond(greatest(codes[:n]))
			}
			h.at += n
		}
		h.left -= n
		dst = dst[n:]
	}
	return nil
}

// gather looks codes up, and reports whether all of them are the dictionary's.
func gather[T any](dst, dict []T, codes []int32) bool {
	for len(codes) >= 4 && len(dst) >= 4 {
		a, b, c, d := uint(uint32(codes[0])), uint(uint32(codes[1])), uint(uint32(codes[2])), uint(uint32(codes[3]))
		if n := uint(len(dict)); a >= n || b >= n || c >= n || d >= n {
			return false
		}
		dst[0], dst[1], dst[2], dst[3] = dict[a], dict[b], dict[c], dict[d]
		codes, dst = codes[4:], dst[4:]
	}
	for i, code := range codes {
		if uint(uint32(code)) >= uint(len(dict)) {
			return false
		}
		dst[i] = dict[uint32(code)]
	}
	return true
}

// lookUpPicked puts the dictionary's values for the codes at the positions in sel there into dst.
func lookUpPicked(dst, dict *vector.Vector, codes, sel []int32, w int) {
	switch w {
	case 1:
		gatherPicked(vector.Values[uint8](dst), vector.Values[uint8](dict), codes, sel)
	case 2:
		gatherPicked(vector.Values[uint16](dst), vector.Values[uint16](dict), codes, sel)
	case 4:
		gatherPicked(vector.Values[uint32](dst), vector.Values[uint32](dict), codes, sel)
	case 8:
		gatherPicked(vector.Values[uint64](dst), vector.Values[uint64](dict), codes, sel)
	case 16:
		gatherPicked(vector.Values[value.Int128](dst), vector.Values[value.Int128](dict), codes, sel)
	}
}

func gatherPicked[T any](dst, dict []T, codes, sel []int32) {
	dst = dst[:len(codes)]
	for _, i := range sel {
		dst[i] = dict[uint32(codes[i])]
	}
}
