package exec

import (
	"math/bits"
	"slices"
)

// wordSorter orders rows by words, stably. Its buffers are used again by every call.
type wordSorter struct {
	a, b     []uint64
	ent, tmp []sortEntry
	at       []int32
}

// packedRowBits is how many bits a row number has in a packed entry: keys that differ in no
// more than the others share a word with it, which halves what each pass of a sort moves and
// keeps a chunk in the second level of cache.
const packedRowBits = 16

// digitMost is the most bits a pass of a packed sort goes by: counters for them fit the first level of cache.
const digitMost = 11

// order sets order to the rows of words in the order of these, and words to the
// sorted ones; both have the same length.
func (s *wordSorter) order(words []uint64, order []int32) {
	n := len(words)
	and, or := ^uint64(0), uint64(0)
	for _, w := range words {
		and &= w
		or |= w
	}
	differ := bits.Len64(and ^ or)
	if differ <= 64-packedRowBits && n <= 1<<packedRowBits && n >= 256 {
		s.packed(words, order, and, differ)
		return
	}
	s.grow(n)
	e := s.ent[:n]
	for k, w := range words {
		e[k] = sortEntry{w, int32(k)}
	}
	for k, x := range radixSortIn(e, s.tmp[:n]) {
		words[k], order[k] = x.prefix, x.row
	}
}

// grow makes room for n entries.
func (s *wordSorter) grow(n int) {
	if cap(s.ent) < n {
		s.ent, s.tmp = make([]sortEntry, n), make([]sortEntry, n)
	}
}

// packed sorts words that differ in their low bits only; and is what all have.
func (s *wordSorter) packed(words []uint64, order []int32, and uint64, differ int) {
	n := len(words)
	if cap(s.a) < n {
		s.a, s.b = make([]uint64, n), make([]uint64, n)
	}
	a, b := s.a[:n], s.b[:n]
	for k, w := range words {
		a[k] = w<<packedRowBits | uint64(k)
	}
	passes := (differ + digitMost - 1) / digitMost
	for pass, shift := 0, packedRowBits; pass < passes; pass++ {
		width := (differ + pass) / passes
		s.pass(a, b, shift, width)
		a, b = b, a
		shift += width
	}
	high := and >> differ << differ
	low := uint64(1)<<differ - 1
	for k, x := range a {
		words[k], order[k] = high|x>>packedRowBits&low, int32(x&(1<<packedRowBits-1))
	}
}

// pass distributes a to b by width bits from shift on.
func (s *wordSorter) pass(a, b []uint64, shift, width int) {
	size, mask := 1<<width, uint64(1)<<width-1
	if cap(s.at) < size {
		s.at = make([]int32, 1<<digitMost)
	}
	at := s.at[:size]
	clear(at)
	for _, x := range a {
		at[x>>shift&mask]++
	}
	sum := int32(0)
	for d, c := range at {
		at[d] = sum
		sum += c
	}
	for _, x := range a {
		d := x >> shift & mask
		b[at[d]] = x
		at[d]++
	}
}

// mergeTwo lists the rows of two sorted parts, from and to of each given, in their order, without
// branches that depend on the keys: src tells the part, row the row.
func mergeTwo(x, y []uint64, xs, ys, xrow, yrow int32, src, row []int32) {
	i, j, k := 0, 0, 0
	for i < len(x) && j < len(y) {
		from, at := xs, xrow+int32(i)
		second := 0
		if y[j] < x[i] {
			second = 1
		}
		if second != 0 {
			from = ys
		}
		if second != 0 {
			at = yrow + int32(j)
		}
		src[k], row[k] = from, at
		k++
		j += second
		i += 1 - second
	}
	for ; i < len(x); i++ {
		src[k], row[k] = xs, xrow+int32(i)
		k++
	}
	for ; j < len(y); j++ {
		src[k], row[k] = ys, yrow+int32(j)
		k++
	}
}

// sized returns a buffer of n, the one given where it suffices.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return slices.Grow(s[:0], n)[:n]
	}
	return s[:n]
}
