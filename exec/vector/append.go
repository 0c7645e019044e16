package vector

import (
	"math"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Appender concatenates rows of many vectors into one growing column. As long
// as everything appended shares one dictionary the column stays Dict, else it
// becomes Flat. It is used by one goroutine.
type Appender struct {
	t     types.Type
	n     int
	valid []byte // nil = no NULL so far
	data  []byte // always from Alloc, len = bytes in use
	// expect is the least number of bytes to allocate for data.
	expect int
	off    []int32
	child  *Appender

	dict  *Vector // not nil: codes holds the rows
	codes []int32
}

// NewAppender returns an empty column of a type.
func NewAppender(t types.Type) *Appender {
	a := &Appender{t: t}
	a.initFlat()
	return a
}

func (a *Appender) initFlat() {
	switch a.t.Storage() {
	case types.StoreBytes:
		a.off = append(a.off[:0], 0)
	case types.StoreList:
		a.off = append(a.off[:0], 0)
		a.child = NewAppender(ListElem(a.t))
	}
}

// Len returns the rows appended so far.
func (a *Appender) Len() int { return a.n }

// Expect announces how many bytes of values will come, so that room for them
// is made at once. It is a hint; 0 withdraws it.
func (a *Appender) Expect(bytes int) { a.expect = bytes }

// DataBytes returns the bytes of the values appended so far.
func (a *Appender) DataBytes() int { return len(a.data) }

// Dictionary returns the dictionary that all rows appended so far share, nil if none.
func (a *Appender) Dictionary() *Vector { return a.dict }

// Empty returns an empty column of the same type; what was given out of this
// one stays as it is.
func (a *Appender) Empty() *Appender { return NewAppender(a.t) }

// Bytes returns the memory held, a shared dictionary included.
func (a *Appender) Bytes() int64 {
	n := int64(cap(a.data) + cap(a.valid) + 4*cap(a.off) + 4*cap(a.codes))
	if a.child != nil {
		n += a.child.Bytes()
	}
	if a.dict != nil {
		n += a.dict.Size()
	}
	return n
}

// Append adds the rows of v listed in sel (nil = 0..n-1); a negative position
// adds NULL. It fails with 54000 where variable-length data passes 2 GiB.
func (a *Appender) Append(v *Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	if n == 0 {
		return nil
	}
	if v.Enc == Dict && (a.n == 0 || a.dict != nil && a.dict == v.Dictionary) {
		a.appendCodes(v, sel, n)
		return nil
	}
	if a.dict != nil {
		if err := a.undict(); err != nil {
			return err
		}
	}
	a.appendValid(v, sel, n)
	err := a.appendFlat(v, sel, n)
	a.n += n
	return err
}

func (a *Appender) appendCodes(v *Vector, sel []int32, n int) {
	a.dict = v.Dictionary
	a.appendValid(v, sel, n)
	if sel == nil {
		a.codes = append(a.codes, v.Codes[:n]...)
	} else {
		for _, i := range sel {
			if i < 0 {
				a.codes = append(a.codes, 0)
			} else {
				a.codes = append(a.codes, v.Codes[i])
			}
		}
	}
	a.n += n
}

// undict turns the codes so far into values.
func (a *Appender) undict() error {
	dict, codes, n := a.dict, a.codes, a.n
	a.dict, a.codes, a.n = nil, nil, 0
	if dict.Len == 0 { // every row so far is NULL
		none := make([]int32, n)
		for i := range none {
			none[i] = -1
		}
		codes = none
	}
	err := a.appendFlat(dict, codes, n)
	a.n = n
	return err
}

func (a *Appender) appendValid(v *Vector, sel []int32, n int) {
	nulls := v.Valid != nil || sel != nil && hasNegative(sel)
	if !nulls && a.valid == nil {
		return
	}
	need := (a.n + n + 7) / 8
	if a.valid == nil {
		a.valid = AllValid(a.n)
	}
	for len(a.valid) < need {
		a.valid = append(a.valid, 0xff)
	}
	if r := a.n & 7; r != 0 { // bits past the end must be set
		a.valid[a.n>>3] |= 0xff << r
	}
	if !nulls {
		return
	}
	for k := 0; k < n; k++ {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if i < 0 || v.IsNull(i) {
			j := a.n + k
			a.valid[j>>3] &^= 1 << (j & 7)
		}
	}
}

// appendFlat adds values without touching validity or the row count.
func (a *Appender) appendFlat(v *Vector, sel []int32, n int) error {
	base := v.Base()
	idx := sel
	switch {
	case v.Enc == Const:
		idx = constIndex(sel, n)
	case v.Enc == Dict:
		idx = make([]int32, n)
		dictIndex(idx, v, sel)
	}
	switch s := a.t.Storage(); s {
	case types.StoreBytes:
		return a.appendBytes(base, idx, n)
	case types.StoreList:
		return a.appendList(base, idx, n)
	default:
		a.appendFixed(base, idx, n, s.Width())
	}
	return nil
}

func constIndex(sel []int32, n int) []int32 {
	idx := make([]int32, n)
	for k := range sel {
		idx[k] = min(sel[k], 0)
	}
	return idx
}

func dictIndex(idx []int32, v *Vector, sel []int32) {
	empty := v.Dictionary.Len == 0
	for k := range idx {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		if i >= 0 && !empty {
			idx[k] = v.Codes[i]
		} else {
			idx[k] = -1
		}
	}
}

// growData makes room for n more bytes and returns the offset where they start.
func (a *Appender) growData(n int) int {
	at := len(a.data)
	if at+n > cap(a.data) {
		d := Alloc(max(at+n, min(2*cap(a.data), cap(a.data)+64<<20), 64, a.expect))
		copy(d, a.data)
		a.data = d
	}
	a.data = a.data[:at+n]
	return at
}

func (a *Appender) appendFixed(v *Vector, idx []int32, n, w int) {
	at := a.growData(n * w)
	if idx == nil {
		copy(a.data[at:], v.Data[:n*w])
		return
	}
	out := &Vector{Data: a.data[at : at+n*w]}
	nulls := hasNegative(idx)
	switch w {
	case 1:
		gather(Values[uint8](out), Values[uint8](v), idx, nulls)
	case 2:
		gather(Values[uint16](out), Values[uint16](v), idx, nulls)
	case 4:
		gather(Values[uint32](out), Values[uint32](v), idx, nulls)
	case 8:
		gather(Values[uint64](out), Values[uint64](v), idx, nulls)
	case 16:
		gather(Values[value.Int128](out), Values[value.Int128](v), idx, nulls)
	case 24:
		gather(Values[value.Numeric](out), Values[value.Numeric](v), idx, nulls)
	}
}

func errTooLarge() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "a column of an operator's input exceeds 2 GiB")
}

func (a *Appender) appendBytes(v *Vector, idx []int32, n int) error {
	total := 0
	if idx == nil {
		total = int(v.Offsets[n] - v.Offsets[0])
	} else {
		for _, x := range idx {
			if x >= 0 {
				total += int(v.Offsets[x+1] - v.Offsets[x])
			}
		}
	}
	if len(a.data)+total > math.MaxInt32 {
		return errTooLarge()
	}
	at := a.growData(total)
	if idx == nil {
		copy(a.data[at:], v.Data[v.Offsets[0]:v.Offsets[n]])
		d := int32(at) - v.Offsets[0]
		for _, o := range v.Offsets[1 : n+1] {
			a.off = append(a.off, o+d)
		}
		return nil
	}
	for _, x := range idx {
		if x >= 0 {
			n := int(v.Offsets[x+1] - v.Offsets[x])
			copyText(a.data[at:], v.Data[v.Offsets[x]:], n)
			at += n
		}
		a.off = append(a.off, int32(at))
	}
	return nil
}

func (a *Appender) appendList(v *Vector, idx []int32, n int) error {
	var child []int32
	end := a.off[len(a.off)-1]
	for k := 0; k < n; k++ {
		x := int32(k)
		if idx != nil {
			x = idx[k]
		}
		if x >= 0 {
			for c := v.Offsets[x]; c < v.Offsets[x+1]; c++ {
				child = append(child, c)
			}
			end += v.Offsets[x+1] - v.Offsets[x]
		}
		a.off = append(a.off, end)
	}
	if len(child) == 0 {
		return nil
	}
	return a.child.Append(v.Child, child, 0)
}

// View returns the column so far. It shares the appender's buffers: it stays
// right while more is appended, and until Reset.
func (a *Appender) View() *Vector {
	v := &Vector{Type: a.t, Len: a.n, Valid: a.valid}
	if a.dict != nil {
		v.Enc, v.Codes, v.Dictionary = Dict, a.codes, a.dict
		return v
	}
	v.Data, v.Offsets = a.data, a.off
	if a.child != nil {
		v.Child = a.child.View()
		if v.Child.Enc != Flat {
			v.Child = Flatten(v.Child)
		}
	}
	return v
}

// Take returns the column and leaves the appender empty, with new buffers.
func (a *Appender) Take() *Vector {
	v := a.View()
	*a = Appender{t: a.t}
	a.initFlat()
	return v
}

// Reset empties the appender but keeps its buffers; views of it become invalid.
func (a *Appender) Reset() {
	a.n, a.valid, a.data, a.codes, a.dict = 0, nil, a.data[:0], a.codes[:0], nil
	a.initFlat()
}
