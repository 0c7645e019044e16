package exec

import (
	"fmt"
	"math/rand"
	"syscall"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// BenchmarkGroupTable finds the groups of keys in disorder; the time is that of a row.
func BenchmarkGroupTable(b *testing.B) {
	int8s := types.Of(types.Int8)
	for _, c := range []struct{ cols, groups int }{{1, 100}, {1, 100_000}, {1, 4_000_000}, {2, 1000}, {2, 4_000_000}, {3, 4_000_000}} {
		b.Run(fmt.Sprintf("%d/%d", c.cols, c.groups), func(b *testing.B) {
			rng := rand.New(rand.NewSource(1))
			ts := make([]types.Type, c.cols)
			for i := range ts {
				ts[i] = int8s
			}
			const distinct = 1 << 23
			keys := make([][]int64, c.cols)
			for i := range keys {
				keys[i] = make([]int64, distinct)
			}
			for k := range keys[0] {
				g := int64(rng.Intn(c.groups))
				if c.cols == 1 {
					keys[0][k] = g * 1_000_003 // too sparse for an array
					continue
				}
				keys[0][k], keys[1][k] = g/4, g%4*25_000+g/4%25_000
				if c.cols > 2 {
					keys[2][k] = g % 3
				}
			}
			groups := make([]int32, vector.BatchSize)
			cols := make([]*vector.Vector, c.cols)
			t := newGroupTable(ts)
			b.ResetTimer()
			before := cpuTime()
			for n := 0; n < b.N; n += vector.BatchSize {
				if n%distinct == 0 {
					t = newGroupTable(ts)
				}
				at := n % distinct
				for i := range cols {
					cols[i] = vector.FromSlice(int8s, keys[i][at:at+vector.BatchSize])
				}
				if _, err := t.Assign(cols, nil, vector.BatchSize, groups); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpuTime is the process's, which other load on the machine disturbs less.
func cpuTime() int64 {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
