package function

import (
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// TestFusedSums compares sums in one loop with each accumulator's own: two to nine columns, whole
// batches and selections longer than a piece, values of up to 15 digits.
func TestFusedSums(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	typ := []types.Type{types.NumericOf(15, 2)}
	fused := 0
	for turn := range 150 {
		groups, n, columns := 1+r.IntN(300), 1+r.IntN(20000), 2+r.IntN(8)
		var sel []int32
		if turn%2 == 0 {
			sel = []int32{}
			for i := range n {
				if r.IntN(10) > 0 {
					sel = append(sel, int32(i))
				}
			}
		}
		count := n
		if sel != nil {
			count = len(sel)
		}
		grp := make([]int32, count)
		for k := range grp {
			grp[k] = int32(r.IntN(groups))
		}
		count1, count2 := &countAcc{}, &countAcc{}
		var sums, own []Accumulator
		var args []*vector.Vector
		for range columns {
			vals := make([]int64, n)
			for i := range vals {
				vals[i] = r.Int64N(2e15) - 1e15 + 1
			}
			args = append(args, vector.FromSlice(typ[0], vals))
			sums, own = append(sums, newSumWide(typ)), append(own, newSumWide(typ))
		}
		for _, a := range append(append([]Accumulator{count1, count2}, sums...), own...) {
			a.Grow(groups)
		}
		f := NewFusedSums(sums, []Accumulator{count1})
		for range 2 {
			ok, err := f.Update(groups, grp, args, sel)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			fused++
			for i, a := range own {
				if err := a.Update(nil, grp, args[i:i+1], sel, n); err != nil {
					t.Fatal(err)
				}
			}
			if err := count2.Update(nil, grp, nil, sel, n); err != nil {
				t.Fatal(err)
			}
		}
		for g := range groups {
			for i := range own {
				if a, b := sums[i].(*sumWideAcc).s[g], own[i].(*sumWideAcc).s[g]; a != b {
					t.Fatalf("turn %d, group %d, column %d: %v, want %v", turn, g, i, a, b)
				}
			}
			if count1.s[g] != count2.s[g] {
				t.Fatalf("turn %d, group %d: %d rows, want %d", turn, g, count1.s[g], count2.s[g])
			}
		}
	}
	if fused < 100 {
		t.Errorf("only %d batches fused", fused)
	}
}
