package exec

import "github.com/flintsql/flint/exec/vector"

// Clustered input, such as lineitem by order, brings a group's rows one after
// the other. A partial aggregation that sees, in its first runProbe rows, runs of at least two rows on average and
// a hash table that merges hardly any runs needs no table at all: it makes each run of each batch a state.
const (
	runProbe = 1 << 15
	runMerge = 0.9 // groups per run above which a table merges hardly any
)

// runFinder finds runs of equal keys.
type runFinder struct {
	packer keyPacker
	seen   int64 // runs in the rows probed so far
	groups []int32
	starts []int32
}

// count adds the runs of a batch, given its rows' groups.
func (r *runFinder) count(groups []int32) {
	n, last := int64(0), int32(-1)
	for _, g := range groups {
		if g != last {
			n++
		}
		last = g
	}
	r.seen += n
}

// pays decides after rows rows, of which a table made groups groups.
func (r *runFinder) pays(rows int64, groups int) bool {
	return 2*r.seen <= rows && float64(groups) > runMerge*float64(r.seen)
}

// find numbers the runs of the listed rows; groups[k] is the run of the k-th,
// and starts lists, as positions in the columns, each run's first row. Both are valid until the next call.
func (r *runFinder) find(keys []*vector.Vector, sel []int32, n int) (groups, starts []int32) {
	if sel != nil {
		n = len(sel)
	}
	p := &r.packer
	p.pack(keys, sel, n)
	if cap(r.groups) < n {
		r.groups, r.starts = make([]int32, n), make([]int32, n)
	}
	groups, starts = r.groups[:n], r.starts[:n]
	nulls := p.any && p.layout.nullBit < 0
	run := int32(-1)
	for w := 0; w < p.layout.words; w++ {
		words := p.words[w][:n]
		last := uint64(0)
		for k, x := range words { // first the marks where a new run begins
			differs := int32(0)
			if x != last {
				differs = 1
			}
			last = x
			if w == 0 {
				groups[k] = differs
			} else {
				groups[k] |= differs
			}
		}
	}
	for k, mark := range groups {
		if mark != 0 || k == 0 || nulls && p.nulls[k] != p.nulls[k-1] {
			run++
			starts[run] = int32(k)
		}
		groups[k] = run
	}
	starts = starts[:run+1]
	if sel != nil {
		for i, k := range starts {
			starts[i] = sel[k]
		}
	}
	return groups, starts
}
