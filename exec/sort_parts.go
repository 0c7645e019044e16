package exec

import (
	"bytes"
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// sortedPart is a sorted piece of the rows. Those before at are used up.
type sortedPart struct {
	cols []*vector.Vector
	keys sortKeys
	old  sortKeys // buffers for keys
	at   int
	rows int
}

// sortBound is a place in the order of all parts' rows: before row row of part
// part, whose key, or else the last one before it, is given. Rows with equal keys are in the order of parts.
type sortBound struct {
	part, row int
	word, low uint64
	full      []byte
}

// boundAt is the place before a row, with the key of row key.
func boundAt(part int, p *sortedPart, row, key int) sortBound {
	b := sortBound{part: part, row: row, word: p.keys.words[key]}
	if p.keys.low != nil {
		b.low = p.keys.low[key]
	}
	if p.keys.full != nil {
		b.full = p.keys.full.Row(key)
	}
	return b
}

func compareBounds(a, b sortBound) int {
	if a.word != b.word {
		if a.word < b.word {
			return -1
		}
		return 1
	}
	if a.low != b.low {
		if a.low < b.low {
			return -1
		}
		return 1
	}
	if c := bytes.Compare(a.full, b.full); c != 0 {
		return c
	}
	if a.part != b.part {
		return a.part - b.part
	}
	return a.row - b.row
}

// before reports whether row i of the part, which is number me, comes before b.
func (p *sortedPart) before(i, me int, b *sortBound) bool {
	w := p.keys.words[i]
	if w != b.word {
		return w < b.word
	}
	if p.keys.low != nil && p.keys.low[i] != b.low {
		return p.keys.low[i] < b.low
	}
	if b.full != nil {
		if c := bytes.Compare(p.keys.full.Row(i), b.full); c != 0 {
			return c < 0
		}
	}
	return me < b.part
}

// end is the first row that does not come before b: searched by galloping,
// since it is near where the last search ended.
func (p *sortedPart) end(me int, b *sortBound) int {
	if b == nil {
		return p.rows
	}
	if me == b.part {
		return b.row
	}
	lo, step := p.at, 1
	for lo+step <= p.rows && p.before(lo+step-1, me, b) {
		lo += step
		step *= 2
	}
	hi := min(p.rows, lo+step-1)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.before(mid, me, b) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// roundSorter orders the rows of sorted parts, a round at a time. A round is
// all rows before a bound, few enough to be sorted within the processor's cache: several times faster than a heap, whose
// branches can't be predicted. It belongs to one goroutine.
type roundSorter struct {
	parts    []*sortedPart
	src, row []int32 // the rows of the round as they lie in the parts
	words    []uint64
	low      []uint64
	sorter   wordSorter
	keys     vector.RowKeys
	order    []int32 // positions in src and row
	inSrc    []int32 // buffers of reorder
	inRow    []int32
	outSrc   []int32 // the round's rows in their order
	outRow   []int32
	next     int   // row of the round that comes next
	count    int   // rows of the round
	skip     int64 // rows yet to be left out
	reuse    bool  // a batch is valid until the next one only

	gather []*vector.Gatherer
}

// load makes the rows before b, nil = all that are left, the round.
func (r *roundSorter) load(b *sortBound) error {
	r.next, r.count = 0, 0
	ends, n, bytes := make([]int, len(r.parts)), 0, 0
	for i, p := range r.parts {
		ends[i] = p.end(i, b)
		n += ends[i] - p.at
		if f := p.keys.full; f != nil {
			bytes += int(f.Off[ends[i]] - f.Off[p.at])
		}
	}
	if r.skip >= int64(n) { // no need to know their order
		r.skip -= int64(n)
		for i, p := range r.parts {
			p.at = ends[i]
		}
		return nil
	}
	if n >= 1<<31 || bytes >= 1<<31 {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "sort keys exceed 2 GiB")
	}
	r.count = n
	r.collect(ends, n)
	r.next = int(r.skip)
	r.skip = 0
	return nil
}

// collect sorts the rows up to ends.
func (r *roundSorter) collect(ends []int, n int) {
	var used []int
	for i, p := range r.parts {
		if ends[i] > p.at {
			used = append(used, i)
		}
	}
	bytes := r.parts[0].keys.full != nil
	r.src, r.row = sized(r.src, n), sized(r.row, n)
	r.outSrc, r.outRow = r.src, r.row
	if len(used) == 2 && !bytes {
		x, y := r.parts[used[0]], r.parts[used[1]]
		r.mergeTwo(x, y, used, ends)
	} else {
		r.list(ends)
		switch {
		case len(used) <= 1:
		case bytes:
			r.reorder(r.orderBytes(ends, n))
		default:
			r.reorder(r.orderWords(ends, n))
		}
	}
	for i, p := range r.parts {
		p.at = ends[i]
	}
}

// list sets src and row to the rows up to ends, part by part.
func (r *roundSorter) list(ends []int) {
	k := 0
	for i, p := range r.parts {
		for row := p.at; row < ends[i]; row++ {
			r.src[k], r.row[k] = int32(i), int32(row)
			k++
		}
	}
}

func (r *roundSorter) orderWords(ends []int, n int) []int32 {
	r.words, r.low = sized(r.words, n)[:0], r.low[:0]
	for i, p := range r.parts {
		if p.at == ends[i] {
			continue
		}
		r.words = append(r.words, p.keys.words[p.at:ends[i]]...)
		if p.keys.low != nil {
			r.low = append(r.low, p.keys.low[p.at:ends[i]]...)
		}
	}
	r.order = sized(r.order, n)
	var low []uint64
	if len(r.low) > 0 {
		low = r.low
	}
	r.sorter.order(r.words, low, r.order)
	return r.order
}

// mergeTwo lists the rows of the only two parts with any.
func (r *roundSorter) mergeTwo(x, y *sortedPart, used, ends []int) {
	xs, ys, xto, yto := int32(used[0]), int32(used[1]), ends[used[0]], ends[used[1]]
	xw, yw := x.keys.words[x.at:xto], y.keys.words[y.at:yto]
	if x.keys.low == nil {
		mergeTwo(xw, yw, xs, ys, int32(x.at), int32(y.at), r.src, r.row)
		return
	}
	mergeTwoLow(xw, yw, x.keys.low[x.at:xto], y.keys.low[y.at:yto], xs, ys, int32(x.at), int32(y.at), r.src, r.row)
}

func (r *roundSorter) orderBytes(ends []int, n int) []int32 {
	r.keys.Data, r.keys.Off = r.keys.Data[:0], append(r.keys.Off[:0], 0)
	for i, p := range r.parts {
		f := p.keys.full
		base := int32(len(r.keys.Data)) - f.Off[p.at]
		r.keys.Data = append(r.keys.Data, f.Data[f.Off[p.at]:f.Off[ends[i]]]...)
		for _, o := range f.Off[p.at+1 : ends[i]+1] {
			r.keys.Off = append(r.keys.Off, o+base)
		}
	}
	r.order = sized(r.order, n)
	return r.sorter.orderKeys(&r.keys, r.order)
}

func (r *roundSorter) reorder(order []int32) {
	r.inSrc, r.inRow = sized(r.inSrc, len(order)), sized(r.inRow, len(order))
	for k, i := range order {
		r.inSrc[k], r.inRow[k] = r.src[i], r.row[i]
	}
	r.outSrc, r.outRow = r.inSrc, r.inRow
}

// bind prepares gathering from the columns of the parts as they are now.
func (r *roundSorter) bind(ts []types.Type) {
	r.gather = r.gather[:0]
	some := 0
	for i, p := range r.parts {
		if p.rows > 0 {
			some = i
		}
	}
	for c, t := range ts {
		srcs := make([]*vector.Vector, len(r.parts))
		for i, p := range r.parts {
			if p.rows == 0 { // nothing is taken of it; it must not count
				p = r.parts[some]
			}
			srcs[i] = p.cols[c]
		}
		g := vector.NewGatherer(t, srcs)
		g.Reuse = r.reuse
		r.gather = append(r.gather, g)
	}
}

// left is how many rows of the round are still to come.
func (r *roundSorter) left() int { return r.count - r.next }

// take returns the next rows of the round, no more than size.
func (r *roundSorter) take(size int) (*vector.Batch, error) {
	from := r.next
	r.next = min(from+size, r.count)
	b := &vector.Batch{Rows: r.next - from, Owned: !r.reuse}
	for _, g := range r.gather {
		v, err := g.Take(r.outSrc[from:r.next], r.outRow[from:r.next])
		if err != nil {
			return nil, err
		}
		b.Cols = append(b.Cols, v)
	}
	return b, nil
}

// sampleStep is the distance of sampled rows in a part.
const sampleStep = 512

// splitters cuts the order of all rows into rounds of about target rows, by
// samples at regular distance (Shi and Schaeffer, Parallel Sorting by Regular Sampling, 1992): a round has at most
// target rows and sampleStep for each part.
func splitters(parts []*sortedPart, target int) []sortBound {
	var samples []sortBound
	for i, p := range parts {
		for row := sampleStep; row < p.rows; row += sampleStep {
			samples = append(samples, boundAt(i, p, row, row))
		}
	}
	slices.SortFunc(samples, compareBounds)
	every := max(1, target/sampleStep)
	var out []sortBound
	for k := every; k < len(samples); k += every {
		out = append(out, samples[k])
	}
	return out
}
