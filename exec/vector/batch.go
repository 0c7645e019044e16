package vector

// Batch is a set of rows in columns. Rows is the physical length, also when
// there are no columns. Sel lists the physical positions that belong to the
// batch, ascending; nil means all of them.
//
// A batch and everything in it is valid until its producer's next Next or
// Close. Who keeps it longer calls Keep. Consumers never write to a batch's
// buffers.
type Batch struct {
	Rows  int
	Sel   []int32
	Cols  []*Vector
	Owned bool // the producer never reuses these buffers, so Keep need not copy
}

// Count returns the number of selected rows.
func (b *Batch) Count() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.Rows
}

// Size returns the bytes of the batch's buffers.
func (b *Batch) Size() int64 {
	n := int64(4 * len(b.Sel))
	for _, c := range b.Cols {
		n += c.Size()
	}
	return n
}

// Keep returns a batch with the same rows that stays valid: b itself if Owned,
// else a copy of the selected rows. Dictionaries are shared, never copied:
// a dictionary is immutable once a batch refers to it.
func (b *Batch) Keep() *Batch {
	if b.Owned {
		return b
	}
	c := b.compactAlways()
	c.Owned = true
	return c
}

// Compact returns a batch with the selected rows only and Sel == nil; b itself
// if it already is so.
func (b *Batch) Compact() *Batch {
	if b.Sel == nil {
		return b
	}
	return b.compactAlways()
}

func (b *Batch) compactAlways() *Batch {
	out := &Batch{Rows: b.Count(), Cols: make([]*Vector, len(b.Cols)), Owned: true}
	for i, c := range b.Cols {
		if b.Sel == nil {
			out.Cols[i] = c.Clone()
		} else {
			out.Cols[i] = Take(c, b.Sel)
		}
	}
	return out
}

// Clone copies the vector's buffers; a dictionary is shared.
func (v *Vector) Clone() *Vector {
	c := *v
	if v.Data != nil {
		c.Data = Alloc(len(v.Data))
		copy(c.Data, v.Data)
	}
	if v.Valid != nil {
		c.Valid = append([]byte(nil), v.Valid...)
	}
	c.Offsets = append([]int32(nil), v.Offsets...)
	c.Codes = append([]int32(nil), v.Codes...)
	if v.Child != nil {
		c.Child = v.Child.Clone()
	}
	return &c
}
