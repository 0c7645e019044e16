package function

import (
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestLaneSums compares sums by lanes with sums one by one: few and many groups, whole
// batches and selections, values that fit the lanes, that do not, and that need 128 bits.
func TestLaneSums(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for turn := range 400 {
		groups := 1 + r.IntN(300)
		n := 1 + r.IntN(20000)
		shift := r.IntN(64)
		wide := turn%2 == 0
		narrow := make([]int64, n)
		long := make([]value.Int128, n)
		for i := range n {
			narrow[i] = int64(r.Uint64()) >> shift
			long[i] = value.Int128From(narrow[i])
			if wide && turn%6 == 0 && r.IntN(5000) == 0 {
				long[i] = value.MulInt64(narrow[i], 1<<40)
			}
		}
		typ, v := types.NumericOf(15, 2), (*vector.Vector)(nil)
		if wide {
			typ = types.NumericOf(38, 2)
			v = vector.FromSlice(typ, long)
		} else {
			v = vector.FromSlice(typ, narrow)
		}
		var sel []int32
		if turn%3 == 0 {
			sel = []int32{}
			for i := range n {
				if r.IntN(3) > 0 {
					sel = append(sel, int32(i))
				}
			}
		}
		count := n
		if sel != nil {
			count = len(sel)
		}
		grp := make([]int32, count)
		want := make([]sum128, groups)
		for k := range grp {
			grp[k] = int32(r.IntN(groups))
			i := at(sel, k)
			p := &want[grp[k]]
			if wide {
				p.sum = p.sum.Add(long[i])
			} else {
				p.sum = p.sum.AddInt64(narrow[i])
			}
			p.n++
		}
		sum := newSumWide([]types.Type{typ}).(*sumWideAcc)
		avg := newAvgWide([]types.Type{typ}).(*sumWideAcc)
		if !avg.Follow(sum) || sum.Follow(avg) {
			t.Fatal("avg does not follow sum, or sum follows a follower")
		}
		sum.Grow(groups)
		if err := sum.Update(nil, grp, []*vector.Vector{v}, sel, n); err != nil {
			t.Fatal(err)
		}
		for g, w := range want {
			if sum.s[g] != w || avg.states(g, g+1)[0] != w {
				t.Fatalf("turn %d, group %d of %d: %+v, want %+v", turn, g, groups, sum.s[g], w)
			}
		}
	}
}
