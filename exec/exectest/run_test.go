package exectest

import (
	"context"
	"errors"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// memorySink keeps what tasks write.
type memorySink struct {
	rows  map[physical.EdgeID]map[int][]Row
	limit int // rows of edge 0 after which its consumer is done, 0 = never
	t     testing.TB
}

func (s *memorySink) Write(_ context.Context, e physical.EdgeID, p int, b *vector.Batch) error {
	if b.Sel != nil || !b.Owned || b.Rows > 2*vector.BatchSize {
		s.t.Errorf("edge %d: batch of %d rows, sel %v, owned %v", e, b.Rows, b.Sel != nil, b.Owned)
	}
	if s.rows[e] == nil {
		s.rows[e] = map[int][]Row{}
	}
	s.rows[e][p] = append(s.rows[e][p], RowsOf(b)...)
	if e == 0 && s.limit > 0 && len(s.rows[e][p]) >= s.limit {
		return exec.ErrDone
	}
	return nil
}

func TestRunPartitions(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	fields := Fields(tInt8, tText, tInt4)
	rows := Random(rng, fields, 20000, 100, 0.1)
	edges := []*physical.Edge{
		{ID: 0, Partitioning: physical.Partitioning{Kind: physical.Gather, N: 1}, Fields: fields},
		{ID: 1, Partitioning: physical.Partitioning{Kind: physical.Hash, Keys: []int{1}, N: 5}, Fields: fields},
		{ID: 2, Partitioning: physical.Partitioning{Kind: physical.RoundRobin, N: 3}, Fields: fields},
		{ID: 3, Partitioning: physical.Partitioning{Kind: physical.Forward, N: 4}, Fields: fields},
		{ID: 4, Partitioning: physical.Partitioning{Kind: physical.Range, Keys: []int{0}, N: 3, Bounds: []int64{20, 70}}, Fields: fields},
		{ID: 5, Partitioning: physical.Partitioning{Kind: physical.Range, Keys: []int{2}, N: 11, Bounds: []int64{-9, 3, 10, 11, 20, 30, 40, 50, 60, 70}}, Fields: fields},
	}
	where := map[string]int{}
	for _, s := range shapes {
		root := memory.NewRoot("test", 0)
		sink := &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: t}
		src := &sources{shape: s, rng: rng, inputs: []Input{{fields, rows}}}
		env := &exec.Env{Context: Context(), Account: root, Sources: src, Sink: sink, Partition: 2, BatchSize: s.batch}
		stage := &physical.Stage{Root: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Edge: 0}, Outputs: []physical.EdgeID{0, 1, 2, 3, 4, 5}}
		if err := exec.Run(context.Background(), stage, edges, env); err != nil {
			t.Fatal(err)
		}
		if root.Used() != 0 || src.open != 0 {
			t.Fatalf("%d bytes charged, %d sources open", root.Used(), src.open)
		}
		for e := range edges {
			var got []Row
			var sum uint64
			for p, part := range sink.rows[physical.EdgeID(e)] {
				got = append(got, part...)
				if st := env.Stats.Out[physical.EdgeID(e)][p]; st.Rows != int64(len(part)) {
					t.Fatalf("edge %d partition %d: %d rows counted, %d written", e, p, st.Rows, len(part))
				}
				sum += env.Stats.Out[physical.EdgeID(e)][p].Hash
				for _, r := range part {
					if x := edges[e].Partitioning; x.Kind == physical.Range && p != rangeOf(r[x.Keys[0]], x.Bounds) {
						t.Fatalf("shape %+v: edge %d: %v went to partition %d", s, e, r, p)
					}
					k := Format(r[1:2])
					if old, ok := where[k]; e == 1 && ok && old != p {
						t.Fatalf("shape %+v: key %s went to partition %d and %d", s, k, old, p)
					}
					if e == 1 {
						where[k] = p
					}
				}
			}
			if first := env.Stats.Out[0][0].Hash; sum != first || sum == 0 {
				t.Fatalf("edge %d: row hash %x, want %x", e, sum, first)
			}
			compare(t, "edge", got, rows, e == 0)
		}
		if st := env.Stats.Ops[0]; st.Rows != 20000 || st.Batches == 0 {
			t.Fatalf("stats %+v", st)
		}
	}
}

// rangeOf is the task of a key on an edge that is partitioned by ranges.
func rangeOf(key value.Value, bounds []int64) int {
	if key.Null {
		return 0
	}
	x := key.I
	return len(slices.DeleteFunc(slices.Clone(bounds), func(b int64) bool { return b > x }))
}

func TestRunEnds(t *testing.T) {
	fields := Fields(tInt8)
	rows := Random(rand.New(rand.NewSource(1)), fields, 50000, 1000, 0)
	edge := []*physical.Edge{{Partitioning: physical.Partitioning{N: 1}, Fields: fields}}
	run := func(ctx context.Context, root *memory.Account, n physical.Node, sink exec.Sink) error {
		src := &sources{shape: shape{batch: 1000}, inputs: []Input{{fields, rows}}}
		env := &exec.Env{Context: Context(), Account: root, Sources: src, Sink: sink}
		err := exec.Run(ctx, &physical.Stage{Root: n, Outputs: []physical.EdgeID{0}}, edge, env)
		if root.Used() != 0 || src.open != 0 {
			t.Fatalf("%d bytes charged, %d sources open after %v", root.Used(), src.open, err)
		}
		return err
	}
	leaf := &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}
	sink := &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: t, limit: 100}
	if err := run(context.Background(), memory.NewRoot("r", 0), leaf, sink); err != nil || len(sink.rows[0][0]) >= 50000 {
		t.Fatalf("early stop: %v after %d rows", err, len(sink.rows[0][0]))
	}
	sort := &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Input: leaf, Keys: []physical.SortKey{{}}}
	group := &physical.HashAggregate{Base: physical.Base{ID: 1, Out: fields}, Input: leaf, Groups: []expr.Expr{in(0, tInt8)}}
	join := &physical.HashJoin{Base: physical.Base{ID: 1, Out: fields}, Kind: logical.Semi, L: leaf, R: leaf, LKeys: group.Groups, RKeys: group.Groups}
	for _, n := range []physical.Node{sort, group, join} {
		sink := &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: t}
		if err := run(context.Background(), memory.NewRoot("r", 10_000), n, sink); sqlerr.Code(err) != sqlerr.OutOfMemory {
			t.Fatalf("%v with little memory: %v", n, err)
		}
	}
	boom := &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Input: leaf, Keys: []physical.SortKey{{Column: 7}}}
	if err := run(context.Background(), memory.NewRoot("r", 0), boom, sink); sqlerr.Code(err) != sqlerr.Internal {
		t.Fatalf("panic became %v", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("canceled by the test")
	cancel(cause)
	if err := run(ctx, memory.NewRoot("r", 0), leaf, sink); !errors.Is(err, cause) && !errors.Is(err, context.Canceled) {
		t.Fatalf("cancel: %v", err)
	}
}

func TestSharedBuild(t *testing.T) {
	fields := Fields(tInt8, tText)
	rng := rand.New(rand.NewSource(2))
	l, r := Random(rng, fields, 500, 50, 0.1), Random(rng, fields, 40, 50, 0.1)
	root := memory.NewRoot("query", 0)
	shared := exec.NewSharedBuilds(root)
	var wg sync.WaitGroup
	for task := 0; task < 4; task++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			src := &sources{shape: shape{batch: 7}, rng: rand.New(rand.NewSource(int64(task))), inputs: []Input{{fields, l}, {fields, r}}}
			env := &exec.Env{Context: Context(), Account: root, Sources: src, Shared: shared, Sink: &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: t}, Partition: task}
			j := &physical.HashJoin{Base: physical.Base{ID: 2, Out: Fields(tInt8, tText, tInt8, tText)}, Kind: logical.Inner, SharedBuild: true,
				L:     &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Edge: 0},
				R:     &physical.ExchangeSource{Base: physical.Base{ID: 1, Out: fields}, Edge: 1},
				LKeys: []expr.Expr{in(0, tInt8)}, RKeys: []expr.Expr{in(0, tInt8)}}
			edge := []*physical.Edge{{Partitioning: physical.Partitioning{N: 1}, Fields: j.Out}}
			if err := exec.Run(context.Background(), &physical.Stage{Root: j, Outputs: []physical.EdgeID{0}, Deterministic: true}, edge, env); err != nil {
				t.Error(err)
				return
			}
			want, _ := naiveJoin(logical.Inner, l, r, []types.Type{tInt8, tText}, []types.Type{tInt8, tText}, false, func(a, b Row) tri { return equal(a[0], b[0], false) })
			compare(t, "task", env.Sink.(*memorySink).rows[0][0], want, false)
		}()
	}
	wg.Wait()
	if root.Used() != 0 {
		t.Fatalf("%d bytes are still charged", root.Used())
	}
}
