package exec

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"syscall"
	"testing"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
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

// benchInput yields batches of keys in disorder, with a value each.
type benchInput struct {
	batches []*vector.Batch
	at      int
}

func (in *benchInput) Open(context.Context) error { return nil }
func (in *benchInput) Close() error               { return nil }

func (in *benchInput) Next(context.Context) (*vector.Batch, error) {
	if in.at == len(in.batches) {
		return nil, io.EOF
	}
	in.at++
	return in.batches[in.at-1], nil
}

// BenchmarkAggregate groups rows, with count(*) and sum, by keys in disorder, in one hash table and by partitions; the
// time is that of a row.
func BenchmarkAggregate(b *testing.B) {
	int8s, text := types.Of(types.Int8), types.Of(types.Text)
	const rows = 1 << 22
	for _, key := range []types.Type{int8s, text} {
		for _, groups := range []int{100_000, 500_000, 4_000_000} {
			batches := benchBatches(b, key, rows, groups)
			for name, from := range map[string]int{"table": 1 << 30, "radix": 0} {
				b.Run(fmt.Sprintf("%s/%d/%s", key, groups, name), func(b *testing.B) {
					fields := []types.Field{{Type: key}, {Type: int8s}}
					sum, _, err := function.ResolveAggregate("sum", []types.Type{int8s})
					if err != nil {
						b.Fatal(err)
					}
					count, _, err := function.ResolveAggregate("count", nil)
					if err != nil {
						b.Fatal(err)
					}
					n := &physical.HashAggregate{Input: &physical.ExchangeSource{Base: physical.Base{Out: fields}}, Groups: []expr.Expr{&expr.Input{Index: 0, Typ: key}},
						Calls: []physical.AggCall{{Func: count}, {Func: sum, ArgTypes: []types.Type{int8s}, Args: []expr.Expr{&expr.Input{Index: 1, Typ: int8s}}}}}
					n.Rows = float64(groups)
					before := cpuTime()
					b.ResetTimer()
					for done := 0; done < b.N; done += rows {
						env := &Env{Context: &function.Context{}, Account: memory.NewRoot("bench", 0), RadixFrom: from}
						op, err := newHashAggregate(&builder{env: env}, n, &benchInput{batches: batches})
						for err == nil {
							_, err = op.Next(context.Background())
						}
						if err != io.EOF || op.Close() != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(cpuTime()-before)/float64((b.N+rows-1)/rows*rows), "cpu-ns/row")
				})
			}
		}
	}
}

func benchBatches(b *testing.B, key types.Type, rows, groups int) (out []*vector.Batch) {
	rng := rand.New(rand.NewSource(1))
	for range rows / vector.BatchSize {
		vals := make([]int64, vector.BatchSize)
		k := vector.New(key, vector.BatchSize)
		w := vector.NewBytesWriter(k)
		for i := range vals {
			g := int64(rng.Intn(groups))
			vals[i] = g
			if key.Kind == types.Text {
				w.Set(i, []byte(fmt.Sprintf("key %d", g)))
			} else {
				vector.Values[int64](k)[i] = g * 1_000_003
			}
		}
		if key.Kind == types.Text {
			if err := w.Finish(); err != nil {
				b.Fatal(err)
			}
		}
		out = append(out, &vector.Batch{Rows: vector.BatchSize, Cols: []*vector.Vector{k, vector.FromSlice(types.Of(types.Int8), vals)}})
	}
	return out
}
