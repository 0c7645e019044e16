package dbgen

import "slices"

// Vector is the destination of one filled column; Kind says which of its
// slices are used. Fill overwrites the slices in place and grows those whose
// capacity is too small, so the caller decides where the memory comes from
// and may keep it.
type Vector struct {
	Int64 []int64
	Int32 []int32
	// Offsets has one more entry than there are rows; row i's text is
	// Data[Offsets[i]:Offsets[i+1]].
	Offsets []int32
	Data    []byte

	fetched byte // see TextPool.fetch
}

// int64s returns the vector's 64-bit values, resized to n rows.
func (v *Vector) int64s(n int) []int64 {
	v.Int64 = resize(v.Int64, n)
	return v.Int64
}

// int32s returns the vector's 32-bit values, resized to n rows.
func (v *Vector) int32s(n int) []int32 {
	v.Int32 = resize(v.Int32, n)
	return v.Int32
}

// startText empties the text of a vector and makes room for n values of up to
// width bytes each.
func (v *Vector) startText(n, width int) {
	v.Offsets = append(slices.Grow(v.Offsets[:0], n+1), 0)
	v.Data = slices.Grow(v.Data[:0], n*width)
}

// endValue ends one text value that was appended to Data.
func (v *Vector) endValue() { v.Offsets = append(v.Offsets, int32(len(v.Data))) }

// spread moves the values to the given rows (ascending) of a vector of n
// rows; the others become empty.
func (v *Vector) spread(rows []int32, n int) {
	v.Offsets = resize(v.Offsets, n+1)
	next := n // offsets from next+1 on are done
	for i := len(rows) - 1; i >= 0; i-- {
		end := v.Offsets[i+1]
		for ; next > int(rows[i]); next-- {
			v.Offsets[next] = end
		}
	}
	clear(v.Offsets[:next+1])
}

// resize returns s with length n and unspecified contents.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
