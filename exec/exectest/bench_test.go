package exectest

import (
	"context"
	"io"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// columns are ready-made columns cut into batches without copying.
type columns struct {
	edges [][]*vector.Vector
}

func (c *columns) Open(_ context.Context, edge physical.EdgeID, _ []types.Field, _ bool) ([]exec.Source, error) {
	return []exec.Source{&columnSource{cols: c.edges[edge]}}, nil
}

type columnSource struct {
	cols []*vector.Vector
	at   int
}

func (s *columnSource) Close() error { return nil }

func (s *columnSource) Next(context.Context) (*vector.Batch, error) {
	n := s.cols[0].Len
	if s.at >= n {
		return nil, io.EOF
	}
	to := min(s.at+vector.BatchSize, n)
	b := &vector.Batch{Rows: to - s.at, Owned: true}
	for _, v := range s.cols {
		b.Cols = append(b.Cols, vector.Slice(v, s.at, to))
	}
	s.at = to
	return b, nil
}

func bench(b *testing.B, edges [][]*vector.Vector, build func(in ...physical.Node) physical.Node) {
	var leaves []physical.Node
	for i, cols := range edges {
		fs := make([]types.Field, len(cols))
		for c, v := range cols {
			fs[c] = types.Field{Type: v.Type}
		}
		leaves = append(leaves, &physical.ExchangeSource{Base: physical.Base{ID: physical.OpID(10 + i), Out: fs}, Edge: physical.EdgeID(i)})
	}
	for b.Loop() {
		env := &exec.Env{Context: Context(), Account: memory.NewRoot("bench", 0), Sources: &columns{edges}}
		op, err := exec.Build(build(leaves...), env)
		if err != nil {
			b.Fatal(err)
		}
		if err := op.Open(context.Background()); err != nil {
			b.Fatal(err)
		}
		rows := 0
		for {
			x, err := op.Next(context.Background())
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			rows += x.Count()
		}
		op.Close()
		b.ReportMetric(float64(rows), "rows")
	}
}

// lineitem makes keys like l_orderkey: 6 M rows of 1.5 M orders, sparse as dbgen's.
func lineitem(n int, shuffled bool) []int64 {
	keys := make([]int64, n)
	for i := range keys {
		o := int64(i / 4)
		keys[i] = o/8*32 + o%8 + 1
	}
	if shuffled {
		rand.New(rand.NewSource(1)).Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	}
	return keys
}

const benchRows = 6_000_000

var tDec = types.NumericOf(15, 2)

func BenchmarkGroupBy(b *testing.B) {
	vals := make([]int64, benchRows)
	for i := range vals {
		vals[i] = int64(i % 5000)
	}
	for name, shuffled := range map[string]bool{"clustered": false, "shuffled": true} {
		keys := vector.FromSlice(tInt8, lineitem(benchRows, shuffled))
		b.Run(name, func(b *testing.B) {
			bench(b, [][]*vector.Vector{{keys, vector.FromSlice(tDec, vals)}}, func(x ...physical.Node) physical.Node {
				return plan(x[0], []expr.Expr{in(0, tInt8)}, []physical.AggCall{aggCall(b, "sum", in(1, tDec))}, nil, false)
			})
		})
	}
}

func BenchmarkQ1(b *testing.B) {
	flags := vector.FromStrings(tText, []string{"A", "N", "R"})
	status := vector.FromStrings(tText, []string{"F", "O"})
	f, s := make([]int32, benchRows), make([]int32, benchRows)
	cols := make([][]int64, 4)
	rng := rand.New(rand.NewSource(1))
	for c := range cols {
		cols[c] = make([]int64, benchRows)
	}
	for i := range f {
		f[i], s[i] = int32(rng.Intn(3)), int32(rng.Intn(2))
		cols[0][i], cols[1][i], cols[2][i], cols[3][i] = int64(rng.Intn(5000)), int64(rng.Intn(10_000_000)), int64(rng.Intn(11)), int64(rng.Intn(9))
	}
	in4 := []*vector.Vector{vector.NewDict(f, flags), vector.NewDict(s, status)}
	for _, c := range cols {
		in4 = append(in4, vector.FromSlice(tDec, c))
	}
	bench(b, [][]*vector.Vector{in4}, func(x ...physical.Node) physical.Node {
		calls := []physical.AggCall{}
		for _, name := range []string{"sum", "avg"} {
			for c := 2; c < 6; c++ {
				calls = append(calls, aggCall(b, name, in(c, tDec)))
			}
		}
		return plan(x[0], []expr.Expr{in(0, tText), in(1, tText)}, append(calls, aggCall(b, "count")), nil, false)
	})
}

func BenchmarkJoin(b *testing.B) {
	orders := make([]int64, benchRows/4)
	for i := range orders {
		orders[i] = int64(i)/8*32 + int64(i)%8 + 1
	}
	sparse := make([]int64, len(orders))
	vals := make([]int64, benchRows)
	for name, shuffled := range map[string]bool{"clustered": false, "shuffled": true} {
		keys := lineitem(benchRows, shuffled)
		run := func(b *testing.B, l, r []int64) {
			bench(b, [][]*vector.Vector{{vector.FromSlice(tInt8, l), vector.FromSlice(tDec, vals)}, {vector.FromSlice(tInt8, r), vector.FromSlice(tDec, vals[:len(r)])}},
				func(x ...physical.Node) physical.Node {
					return &physical.HashJoin{Base: physical.Base{ID: 1, Out: Fields(tDec, tDec)}, Kind: logical.Inner, L: x[0], R: x[1],
						LKeys: []expr.Expr{in(0, tInt8)}, RKeys: []expr.Expr{in(0, tInt8)}, Emit: []int{1, 3}}
				})
		}
		b.Run(name+"/dense", func(b *testing.B) { run(b, keys, orders) })
		wide := make([]int64, len(keys))
		for i, k := range keys {
			wide[i] = k * 1_000_003
		}
		for i, k := range orders {
			sparse[i] = k * 1_000_003
		}
		b.Run(name+"/hashed", func(b *testing.B) { run(b, wide, sparse) })
	}
}

func BenchmarkSort(b *testing.B) {
	rng := rand.New(rand.NewSource(1))
	n := 1_500_000
	a, c := make([]int64, n), make([]int64, n)
	for i := range a {
		a[i], c[i] = rng.Int63(), int64(rng.Intn(1000))
	}
	cols := []*vector.Vector{vector.FromSlice(tInt8, a), vector.FromSlice(tInt8, c)}
	for name, keys := range map[string][]physical.SortKey{"int8": {{Column: 0}}, "two": {{Column: 1}, {Column: 0, Desc: true}}} {
		b.Run(name, func(b *testing.B) {
			bench(b, [][]*vector.Vector{cols}, func(x ...physical.Node) physical.Node {
				return &physical.Sort{Base: physical.Base{ID: 1, Out: Fields(tInt8, tInt8)}, Input: x[0], Keys: keys}
			})
		})
	}
}
