package exectest

import (
	"context"
	"io"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// streams yields an edge's inputs as one stream each.
type streams struct {
	inputs []Input
	rng    *rand.Rand
	batch  int
}

func (s *streams) Open(_ context.Context, _ physical.EdgeID, _ []types.Field, _ bool) ([]exec.Source, error) {
	var out []exec.Source
	for i := range s.inputs {
		one := &sources{shape: shape{batch: s.batch, encode: i%2 == 0, sel: i%3 == 0}, rng: s.rng, inputs: s.inputs[i : i+1]}
		src, _ := one.Open(context.Background(), 0, nil, false)
		out = append(out, src...)
	}
	return out, nil
}

// Sorted streams of all lengths merge to what a stable sort of their
// concatenation is, from any row on; NULLs come late, when keys have no room for them yet.
func TestMergeStreams(t *testing.T) {
	kinds := []types.Type{tInt8, tInt4, tText, types.Of(types.Float8), types.Of(types.Bool), types.Of(types.Numeric), types.ArrayOf(tInt4)}
	for n := range 60 {
		rng := rand.New(rand.NewSource(int64(n)))
		fields := Fields(kinds[n%len(kinds)], kinds[rng.Intn(len(kinds))], tText, tInt8)
		keys := []physical.SortKey{{Column: 0, Desc: n&1 != 0, NullsFirst: n&2 != 0}, {Column: 1, NullsFirst: n&4 != 0}}[:1+n%2]
		src := &streams{rng: rng, batch: 1 + rng.Intn(40)}
		var all []Row
		for range 1 + rng.Intn(5) {
			rows := Random(rng, fields, rng.Intn(200), 8, 0)
			for i := range rows {
				rows[i][3] = value.Int8(int64(len(all) + i))
				if n%3 == 0 && i > 150 {
					rows[i][0] = value.NullOf(fields[0].Type)
				}
			}
			all = append(all, rows...)
			src.inputs = append(src.inputs, Input{fields, sortedRows(rows, keys)})
		}
		skip := int64(rng.Intn(len(all) + 2))
		want := sortedRows(all, keys)
		want = want[min(int(skip), len(want)):]
		node := &physical.Limit{Base: physical.Base{ID: 1, Out: fields}, Count: -1, Offset: skip,
			Input: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Merge: keys}}
		compare(t, "merge", drained(t, node, &exec.Env{Context: Context(), Sources: src, BatchSize: 1 + rng.Intn(64)}), want, true)
	}
}

// NULLs that come when another stream has ended, after which keys are made again.
func TestMergeLateNulls(t *testing.T) {
	fields := Fields(tInt8)
	null := Row{value.NullOf(tInt8)}
	inputs := []Input{{fields, []Row{{value.Int8(1)}}}, {fields, []Row{{value.Int8(2)}, {value.Int8(3)}, null, null}}, {fields, nil}}
	node := &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Merge: []physical.SortKey{{Column: 0}}}
	got := drained(t, node, &exec.Env{Context: Context(), Sources: &streams{inputs: inputs, rng: rand.New(rand.NewSource(1)), batch: 1}})
	compare(t, "merge", got, []Row{{value.Int8(1)}, {value.Int8(2)}, {value.Int8(3)}, null, null}, true)
}

// A sort of several chunks, in memory or partly on disk, leaves out its first
// rows, and puts NULLs that come late where they belong.
func TestSortSkips(t *testing.T) {
	const n = 150_000
	fields := Fields(tInt8, tInt8)
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{value.Int8(int64(i * 7919 % 1000)), value.Int8(int64(i))}
		if i > n-300 {
			rows[i][0] = value.NullOf(tInt8)
		}
	}
	keys := []physical.SortKey{{Column: 0, Desc: true}}
	want := sortedRows(rows, keys)
	for _, spillRows := range []int{0, 40_000} {
		for _, skip := range []int{0, 70_001, n - 10, n + 1} {
			env := &exec.Env{Context: Context(), Sources: &sources{shape: shape{batch: 1000}, rng: rand.New(rand.NewSource(1)), inputs: []Input{{fields, rows}}},
				Spill: spill.NewDir(t.TempDir()), SpillRows: spillRows}
			node := &physical.Limit{Base: physical.Base{ID: 2, Out: fields}, Count: 50, Offset: int64(skip), Input: &physical.Sort{
				Base: physical.Base{ID: 1, Out: fields}, Keys: keys, Input: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}}}
			compare(t, "sort", drained(t, node, env), want[min(n, skip):min(n, skip+50)], true)
			if env.Spill.Used() != 0 {
				t.Errorf("%d bytes are left on disk", env.Spill.Used())
			}
		}
	}
}

// drained runs a plan to its end.
func drained(t *testing.T, node physical.Node, env *exec.Env) (got []Row) {
	t.Helper()
	env.Account = memory.NewRoot("test", 0)
	op, err := exec.Build(node, env)
	if err != nil {
		t.Fatal(err)
	}
	for err = op.Open(context.Background()); err == nil; {
		b, e := op.Next(context.Background())
		if err = e; err == nil {
			got = append(got, RowsOf(b)...)
		}
	}
	if op.Close(); env.Account.Used() != 0 {
		t.Errorf("%d bytes are still charged", env.Account.Used())
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return got
}
