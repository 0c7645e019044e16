package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/function"
)

// fusedCalls runs the sums and row counts of an aggregation in one loop, where they can be.
type fusedCalls struct {
	sums *function.FusedSums
	args []int // the sums' arguments among the columns
	in   []*vector.Vector
}

// fuseCalls finds the calls that can share a loop and marks them; nil for fewer than two sums.
func fuseCalls(calls []*aggCall) *fusedCalls {
	f := &fusedCalls{}
	var sums, counts []*aggCall
	for _, c := range calls {
		c.fused = false
		if c.merge || c.follows || c.own || c.filter >= 0 {
			continue
		}
		sum, count := function.Fusible(c.acc, exprTypes(c.exprs))
		switch {
		case sum:
			sums = append(sums, c)
		case count:
			counts = append(counts, c)
		}
	}
	if len(sums) < 2 {
		return nil
	}
	var accs, counters []function.Accumulator
	for _, c := range sums {
		c.fused = true
		accs, f.args = append(accs, c.acc), append(f.args, c.args[0])
	}
	for _, c := range counts {
		c.fused = true
		counters = append(counters, c.acc)
	}
	f.sums, f.in = function.NewFusedSums(accs, counters), make([]*vector.Vector, len(accs))
	return f
}

// update folds a batch into the fused calls of a table of that many groups; false where each must do
// so itself.
func (f *fusedCalls) update(of int, groups []int32, cols []*vector.Vector, sel []int32) (bool, error) {
	if f == nil || groups == nil {
		return false, nil
	}
	for i, p := range f.args {
		f.in[i] = cols[p]
	}
	return f.sums.Update(of, groups, f.in, sel)
}
