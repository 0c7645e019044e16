package exec

import (
	"sync"
	"sync/atomic"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/logical"
)

// matchBits marks build rows that had a match. Tasks that share a build set
// bits concurrently.
type matchBits []atomic.Uint32

func newMatchBits(rows int) matchBits { return make(matchBits, (rows+31)/32) }

func (m matchBits) has(row int32) bool { return m[row>>5].Load()&(1<<(row&31)) != 0 }

func (m matchBits) set(row int32) {
	if !m.has(row) {
		m[row>>5].Or(1 << (row & 31))
	}
}

// probers counts the tasks that have seen all of their probe side.
type probers struct {
	mu   sync.Mutex
	seen map[int]bool // by partition
	want int          // tasks; 0 before the first has finished
}

// finish notes that a task's probing is over and reports whether all tasks' is.
func (p *probers) finish(partition, tasks int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[int]bool{}
	}
	p.seen[partition], p.want = true, tasks
	return len(p.seen) >= tasks
}

// marksWanted reports that tasks are still to come that add to the marks: the
// build is kept for them even while no task holds it.
func (b *joinBuild) marksWanted() bool {
	if !b.keeps {
		return false
	}
	b.probers.mu.Lock()
	defer b.probers.mu.Unlock()
	return len(b.probers.seen) < b.probers.want
}

// lastProber reports whether this task is the one to emit build rows: every
// task that shares the build has probed.
func (j *joinOp) lastProber() bool {
	return !j.shared || j.build.probers.finish(j.env.Partition, j.env.Tasks)
}

// markEntries marks all build rows of the batch's matches, where there is no
// residual: if the first row of an entry is marked, all of them are.
func (j *joinOp) markEntries() {
	t := j.side.table
	var one [1]int32
	for _, e := range j.entry {
		if e < 0 {
			continue
		}
		rows := t.rowsOf(e, &one)
		if j.matched.has(rows[len(rows)-1]) {
			continue
		}
		for _, x := range rows {
			j.matched.set(x)
		}
	}
}

// unmatchedBuild emits the build rows that the kind keeps: those with a match
// for RightSemi, else those without, with NULLs for L.
func (j *joinOp) unmatchedBuild() (*vector.Batch, error) {
	want := j.kind == logical.RightSemi
	rows := j.side.table.rows
	r := make([]int32, 0, j.size)
	for j.tail < rows && len(r) < j.size {
		if j.matched.has(int32(j.tail)) == want {
			r = append(r, int32(j.tail))
		}
		j.tail++
	}
	if j.tail >= rows {
		if j.state = joinDone; j.spill != nil {
			j.state = joinLoad
		}
	}
	if len(r) == 0 {
		return nil, nil
	}
	if j.buildOnly() {
		cols := emitColumns(j.side.table.cols, j.emit)
		out := make([]*vector.Vector, len(cols))
		for i, c := range cols {
			out[i] = vector.Take(c, r)
		}
		return &vector.Batch{Rows: len(r), Cols: out}, nil
	}
	left := make([]*vector.Vector, j.leftCols)
	for c, t := range inputTypes(j.leftNode) {
		left[c] = vector.NullConst(t, len(r))
	}
	return &vector.Batch{Rows: len(r), Cols: j.columns(left, r)}, nil
}
