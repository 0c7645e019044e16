package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// merger assembles a result from disjoint sets of rows of several vectors.
type merger struct {
	typ    types.Type
	reg    register
	parts  []*vector.Vector // variable-length: one copy of its rows per part
	part   []int32          // row → 1 + its part, 0 = NULL
	at     []int32          // row → position in the part
	varlen bool
}

func (m *merger) begin(t types.Type, n int) {
	m.typ, m.varlen = t, t.Storage().Width() == 0
	out := m.reg.begin(t, n)
	out.Valid = m.reg.allValid(n)
	m.parts = m.parts[:0]
	if m.varlen && cap(m.part) < n {
		m.part, m.at = make([]int32, n), make([]int32, n)
	}
	if m.varlen {
		m.part, m.at = m.part[:n], m.at[:n]
		clear(m.part)
	}
}

// add takes the rows of v.
func (m *merger) add(v *vector.Vector, rows []int32) {
	out := &m.reg.v
	if v.Valid != nil {
		for _, i := range rows {
			if v.IsNull(int(i)) {
				out.Valid[i>>3] &^= 1 << (i & 7)
			}
		}
	}
	if m.varlen {
		// The source's buffers may be reused before the end, so keep a copy of the rows.
		m.parts = append(m.parts, vector.Flatten(vector.Take(v, rows)))
		for k, i := range rows {
			m.part[i], m.at[i] = int32(len(m.parts)), int32(k)
		}
		return
	}
	switch m.typ.Storage().Width() {
	case 1:
		scatter[uint8](out, v, rows)
	case 2:
		scatter[uint16](out, v, rows)
	case 4:
		scatter[uint32](out, v, rows)
	case 8:
		scatter[uint64](out, v, rows)
	case 16:
		scatter[value.Int128](out, v, rows)
	case 24:
		scatter[value.Numeric](out, v, rows)
	}
}

func scatter[T any](out, v *vector.Vector, rows []int32) {
	dst, src := vector.Values[T](out), vector.Values[T](v)
	if v.Enc == vector.Const {
		c := src[0]
		for _, i := range rows {
			dst[i] = c
		}
		return
	}
	for _, i := range rows {
		dst[i] = src[i]
	}
}

// null makes rows NULL.
func (m *merger) null(rows []int32) {
	for _, i := range rows {
		m.reg.v.Valid[i>>3] &^= 1 << (i & 7)
	}
}

// finish returns the result.
func (m *merger) finish(nulls bool) (*vector.Vector, error) {
	out := &m.reg.v
	if !nulls {
		out.Valid = nil
	}
	if !m.varlen {
		return out, nil
	}
	if m.typ.Storage() == types.StoreList {
		return m.finishList(), nil
	}
	w := vector.NewBytesWriter(out)
	for i, p := range m.part {
		if p > 0 {
			v, k := m.parts[p-1], m.at[i]
			w.Set(i, v.Data[v.Offsets[k]:v.Offsets[k+1]])
		}
	}
	return out, w.Finish()
}

func (m *merger) finishList() *vector.Vector {
	b := vector.NewBuilder(m.typ, len(m.part))
	for i, p := range m.part {
		x := value.NullOf(m.typ)
		if p > 0 && vector.IsValid(m.reg.v.Valid, i) {
			x = m.parts[p-1].Get(int(m.at[i]))
		}
		b.Append(x)
	}
	return b.Finish()
}
