package exec

import (
	"math/bits"
	"slices"
)

// wordSorter orders rows by keys of one or two words, stably. Its buffers are used again by every call.
//
// A key and its row number share a word: as many of the bits that differ as there is room for before the number. They
// are sorted by the uppermost 22 of these, in two counting passes that the second level of cache holds. That leaves
// runs of few rows, which insertion sorts finish; long ones are sorted by the next bits in the same way (a radix sort
// from the most significant digit, with digits of 22 bits).
type wordSorter struct {
	a, b       []uint64
	at         []int32
	perm       []int32
	rows       []int32
	words, low []uint64 // of byte strings
	ties       []int32  // order of rows that share a beginning
	tieRows    []int32
	sub        *wordSorter // for rows that share a long beginning of their keys
}

// digitMost is the most bits a pass goes by: counters for them fit the first level of cache.
const digitMost = 11

// runShort is the longest run of rows that is sorted by insertion.
const runShort = 24

// order sets order to the rows of words (with low, if not nil, as second words) in the order of these, and words and low
// to the sorted ones; all have the same length.
func (s *wordSorter) order(words, low []uint64, order []int32) {
	if wordsSorted(words, low) {
		for k := range order {
			order[k] = int32(k)
		}
		return
	}
	n := len(words)
	s.a, s.b = sized(s.a, n), sized(s.b, n)
	and, or := ^uint64(0), uint64(0)
	for _, w := range words {
		and &= w
		or |= w
	}
	differ, rowBits := bits.Len64(and^or), bits.Len(uint(n-1))
	keep := min(differ, 64-rowBits)
	cut := differ - keep
	mask := uint64(1)<<keep - 1
	a := s.a
	for k, w := range words {
		a[k] = w>>cut&mask<<rowBits | uint64(k)
	}
	a = s.radix(a, s.b, rowBits)
	rowMask := uint64(1)<<rowBits - 1
	for k, x := range a {
		order[k] = int32(x & rowMask)
	}
	if cut == 0 {
		high := and >> differ << differ
		for k, x := range a {
			words[k] = high | x>>rowBits
		}
		if low == nil {
			return
		}
	}
	s.settle(a, words, low, order, rowBits, cut)
}

// wordsSorted reports whether words are in order already.
func wordsSorted(words, low []uint64) bool {
	for k := 1; k < len(words); k++ {
		if words[k] < words[k-1] || low != nil && words[k] == words[k-1] && low[k] < low[k-1] {
			return false
		}
	}
	return true
}

// settle brings words and low into the order found so far, and sorts rows that the bits
// in a did not tell apart by the others.
func (s *wordSorter) settle(a, words, low []uint64, order []int32, rowBits, cut int) {
	n := len(a)
	for k := range a {
		a[k] >>= rowBits
	}
	tmp := s.b // the buffer that a is not in
	if &tmp[0] == &a[0] {
		tmp = s.a
	}
	if cut > 0 {
		gatherWords(tmp, words, order)
		copy(words, tmp)
	}
	if low != nil {
		gatherWords(tmp, low, order)
		copy(low, tmp)
	}
	for from := 0; from < n; {
		to := from + 1
		for to < n && a[to] == a[from] {
			to++
		}
		if to-from > 1 {
			s.run(words[from:to], part(low, from, to), order[from:to], cut)
		}
		from = to
	}
}

func part(s []uint64, from, to int) []uint64 {
	if s == nil {
		return nil
	}
	return s[from:to]
}

func gatherWords(dst, src []uint64, order []int32) {
	for k, i := range order {
		dst[k] = src[i]
	}
}

// run sorts rows that follow each other by their keys.
func (s *wordSorter) run(words, low []uint64, order []int32, cut int) {
	n := len(words)
	if n <= runShort {
		insertWords(words, low, order)
		return
	}
	if s.sub == nil {
		s.sub = &wordSorter{}
	}
	s.perm = sized(s.perm, n)
	if cut == 0 { // the first words are equal
		s.sub.order(low, nil, s.perm)
	} else {
		s.sub.order(words, low, s.perm)
	}
	s.rows = sized(s.rows, n)
	copy(s.rows, order)
	for k, i := range s.perm {
		order[k] = s.rows[i]
	}
}

func insertWords(words, low []uint64, order []int32) {
	for i := 1; i < len(words); i++ {
		w, o := words[i], order[i]
		l := uint64(0)
		if low != nil {
			l = low[i]
		}
		j := i
		for ; j > 0 && (words[j-1] > w || low != nil && words[j-1] == w && low[j-1] > l); j-- {
			words[j], order[j] = words[j-1], order[j-1]
			if low != nil {
				low[j] = low[j-1]
			}
		}
		words[j], order[j] = w, o
		if low != nil {
			low[j] = l
		}
	}
}

// radix sorts a by the bits from rowBits on, stably, in place or into b; those below are distinct and
// ascending where the others are equal.
func (s *wordSorter) radix(a, b []uint64, rowBits int) []uint64 {
	n := len(a)
	if n < 128 {
		slices.Sort(a)
		return a
	}
	and, or := ^uint64(0), uint64(0)
	for _, x := range a {
		and &= x
		or |= x
	}
	differ := bits.Len64((and ^ or) >> rowBits)
	if differ == 0 {
		return a
	}
	top := min(differ, 2*min(digitMost, bits.Len(uint(n))))
	low := rowBits + differ - top
	passes := (top + digitMost - 1) / digitMost
	for pass, shift := 0, low; pass < passes; pass++ {
		width := (top + pass) / passes
		s.pass(a, b, shift, width)
		a, b = b, a
		shift += width
	}
	if low == rowBits {
		return a
	}
	for k := 1; k < n; k++ {
		if a[k] >= a[k-1] {
			continue
		}
		from, to := k-1, k+1
		for from > 0 && a[from-1]>>low == a[k]>>low {
			from--
		}
		for to < n && a[to]>>low == a[k]>>low {
			to++
		}
		s.finish(a[from:to], b[from:to], rowBits)
		k = to
	}
	return a
}

// finish sorts a run of equal upper bits in place.
func (s *wordSorter) finish(a, b []uint64, rowBits int) {
	if len(a) > runShort {
		if out := s.radix(a, b, rowBits); &out[0] != &a[0] {
			copy(a, out)
		}
		return
	}
	for i := 1; i < len(a); i++ {
		x, j := a[i], i
		for ; j > 0 && a[j-1] > x; j-- {
			a[j] = a[j-1]
		}
		a[j] = x
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

// sized returns a buffer of n, the one given where it suffices.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return slices.Grow(s[:0], n)[:n]
	}
	return s[:n]
}
