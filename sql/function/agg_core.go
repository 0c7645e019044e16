package function

import (
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
)

// aggStates holds one state per group.
type aggStates[S any] struct {
	s    []S
	rows aggRows
}

func (a *aggStates[S]) Grow(n int) {
	if n <= len(a.s) {
		return
	}
	if n > cap(a.s) {
		s := make([]S, len(a.s), max(n, 2*cap(a.s)))
		copy(s, a.s)
		a.s = s
	}
	old := len(a.s)
	a.s = a.s[:n]
	clear(a.s[old:])
}

// Growth implements Grower.
func (a *aggStates[S]) Growth(n, _ int) int64 {
	if n <= cap(a.s) {
		return 0
	}
	var z S
	return int64(max(n, 2*cap(a.s))) * int64(unsafe.Sizeof(z))
}

func (a *aggStates[S]) Bytes() int64 {
	var z S
	return int64(cap(a.s)) * int64(unsafe.Sizeof(z))
}

func (a *aggStates[S]) Reset() { a.s = a.s[:0] }

// aggRows lists the rows of an argument that are not NULL.
type aggRows struct {
	pos, grp []int32
}

// list returns the value positions (nil = 0..count-1) and the groups (nil = all
// in group 0) of the rows of sel whose argument is not NULL.
func (r *aggRows) list(v *vector.Vector, groups, sel []int32, n int) (pos, grp []int32, count int) {
	if sel != nil {
		n = len(sel)
	}
	if v.Enc == vector.Const {
		if n == 0 || v.IsNull(0) {
			return nil, nil, 0
		}
		r.grow(n)
		clear(r.pos)
		return r.pos, groups, n
	}
	if v.Valid == nil {
		return sel, groups, n
	}
	r.grow(n)
	k := 0
	valid := v.Valid
	for j := 0; j < n; j++ {
		i := int32(j)
		if sel != nil {
			i = sel[j]
		}
		r.pos[k] = i
		if groups != nil {
			r.grp[k] = groups[j]
		}
		k += int(valid[i>>3]>>(i&7)) & 1
	}
	if groups == nil {
		return r.pos[:k], nil, k
	}
	return r.pos[:k], r.grp[:k], k
}

func (r *aggRows) grow(n int) {
	if cap(r.pos) < n {
		r.pos, r.grp = make([]int32, n), make([]int32, n)
	}
	r.pos, r.grp = r.pos[:n], r.grp[:n]
}

// at reads a position list where nil means the identity.
func at(list []int32, k int) int {
	if list == nil {
		return k
	}
	return int(list[k])
}

// group reads a group list where nil means group 0.
func group(list []int32, k int) int {
	if list == nil {
		return 0
	}
	return int(list[k])
}

// setValid marks row i of out NULL unless ok.
func setValid(out *vector.Vector, i int, ok bool) {
	if !ok {
		out.SetNull(i)
	}
}
