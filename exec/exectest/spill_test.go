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
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// More runs than are merged at once, of rows with few distinct keys: the last
// column tells that rows with equal keys keep their order through all passes.
func TestSortManyRuns(t *testing.T) {
	fields := Fields(tText, types.ArrayOf(tText), types.Of(types.Interval), tInt8)
	rows := Random(rand.New(rand.NewSource(5)), fields, 400, 6, 0.2)
	for i := range rows {
		rows[i][3] = value.Int8(int64(i))
	}
	keys := []physical.SortKey{{Column: 0, Desc: true}}
	Run(t, func(x ...physical.Node) physical.Node {
		return &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Input: x[0], Keys: keys}
	}, []Input{{fields, rows}}, sortedRows(rows, keys), Options{Ordered: true, Spill: 1})
}

// A sort within a small account spills by itself, counts what it spilled, and
// merges in as many passes as memory allows; without a place to spill it fails.
func TestSortSmallMemory(t *testing.T) {
	fields := Fields(tInt8, tText)
	rows := Random(rand.New(rand.NewSource(6)), fields, 60_000, 1_000_000, 0.1)
	for i := range rows {
		if !rows[i][1].Null {
			rows[i][1].S += "................................................................................................"
		}
	}
	keys := []physical.SortKey{{Column: 1}, {Column: 0, Desc: true}}
	want := sortedRows(rows, keys)
	node := &physical.Sort{Base: physical.Base{ID: 1, Out: fields}, Keys: keys,
		Input: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}}
	for _, share := range []int64{0, 300 << 10} {
		for _, dir := range []*spill.Dir{spill.NewDir(t.TempDir()), nil} {
			root := memory.NewRoot("test", 2<<20)
			src := &sources{shape: shape{batch: 256}, rng: rand.New(rand.NewSource(7)), inputs: []Input{{fields, rows}}}
			env := &exec.Env{Query: "q", Context: Context(), Account: root, Sources: src, Spill: dir, SpillShare: share,
				Stats: &exec.TaskStats{Ops: make([]exec.OpStats, 2)}}
			op, err := exec.Build(node, env)
			if err != nil {
				t.Fatal(err)
			}
			var got []Row
			for err = op.Open(context.Background()); err == nil; {
				b, e := op.Next(context.Background())
				if err = e; err == nil {
					got = append(got, RowsOf(b)...)
				}
			}
			spilled, peak := env.Stats.Ops[1].Spilled, root.Peak()
			if op.Close(); root.Used() != 0 {
				t.Errorf("%d bytes are still charged", root.Used())
			}
			if dir == nil {
				if sqlerr.Code(err) != sqlerr.OutOfMemory || spilled != 0 {
					t.Errorf("without a place to spill: %v", err)
				}
				continue
			}
			if spilled == 0 || dir.Used() != 0 || err != io.EOF {
				t.Errorf("spilled %d bytes, %d are left, %v", spilled, dir.Used(), err)
			}
			compare(t, "spilled sort", got, want, true)
			t.Logf("share %d: %d bytes spilled, peak %d", share, spilled, peak)
		}
	}
}
