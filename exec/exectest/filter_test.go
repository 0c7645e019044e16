package exectest

import (
	"context"
	"math/rand"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// TestKeyFilter sends the keys of one stage's rows over a filter edge to a scan: in all shapes, over
// integers of all widths, with NULLs, with no key at all, and with more keys than are sent, when only their range
// counts. No row that a join would want may be lost, and without overflow none but those may pass.
func TestKeyFilter(t *testing.T) {
	rng := rand.New(rand.NewSource(21))
	for _, c := range []struct {
		key       types.Type
		rows, max int
	}{{tInt8, 300, 0}, {tInt4, 300, 0}, {types.Of(types.Int2), 300, 0}, {tInt8, 300, 7}, {tInt4, 8, 7}, {tInt8, 0, 0}} {
		build := Random(rng, Fields(tText, c.key), c.rows, 60, 0.2)
		table := Random(rng, Fields(tText, c.key), 400, 200, 0.1)
		want, lo, hi, any := map[int64]bool{}, int64(0), int64(0), false
		for _, r := range build {
			if x := r[1]; !x.Null {
				want[x.I] = true
				if !any {
					lo, hi, any = x.I, x.I, true
				}
				lo, hi = min(lo, x.I), max(hi, x.I)
			}
		}
		over := c.max > 0 && len(want) > c.max
		for _, s := range shapes {
			keys := sendKeys(t, s, c.key, build, c.max)
			for _, apply := range []bool{true, false} {
				got := map[string]int{}
				for _, r := range scanByKeys(t, s, c.key, keys, table, apply) {
					got[Format(r)]++
				}
				for _, r := range table {
					x := r[1]
					must := !x.Null && want[x.I]
					may := must || over && !x.Null && x.I >= lo && x.I <= hi
					if n := got[Format(r)]; must && n == 0 || !may && n > 0 {
						t.Fatalf("%v, shape %+v, at most %d keys: row %s came out %d times", c.key, s, c.max, Format(r), n)
					}
				}
			}
		}
	}
}

// sendKeys runs a stage with a usual edge and a filter edge, and returns the latter's rows.
func sendKeys(t *testing.T, s shape, key types.Type, rows []Row, most int) []Row {
	fields := Fields(tText, key)
	edges := []*physical.Edge{
		{ID: 0, Partitioning: physical.Partitioning{Kind: physical.Hash, Keys: []int{1}, N: 3}, Fields: fields},
		{ID: 1, Partitioning: physical.Partitioning{Kind: physical.Broadcast, N: 1}, Fields: fields[1:], Keys: []int{1}},
	}
	root := memory.NewRoot("test", 0)
	sink := &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: t}
	env := &exec.Env{Context: Context(), Account: root, Sink: sink, BatchSize: s.batch, FilterKeys: most,
		Sources: &sources{shape: s, rng: rand.New(rand.NewSource(1)), inputs: []Input{{fields, rows}}}}
	stage := &physical.Stage{Root: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Edge: 0}, Outputs: []physical.EdgeID{0, 1}}
	if err := exec.Run(context.Background(), stage, edges, env); err != nil {
		t.Fatal(err)
	}
	if used := root.Used(); used != 0 {
		t.Errorf("%d bytes are still charged", used)
	}
	whole := 0
	for _, p := range sink.rows[0] {
		whole += len(p)
	}
	if whole != len(rows) {
		t.Errorf("the usual edge has %d rows, want %d", whole, len(rows))
	}
	if most > 0 && len(sink.rows[1][0]) > most+3 {
		t.Errorf("%d keys were sent, at most %d may be", len(sink.rows[1][0]), most)
	}
	return sink.rows[1][0]
}

// scanByKeys scans a table by a filter edge's rows.
func scanByKeys(t *testing.T, s shape, key types.Type, keys, table []Row, apply bool) []Row {
	fields := Fields(tText, key)
	root := memory.NewRoot("test", 0)
	conn := &tableConn{t: t, fields: fields, rows: table, apply: apply}
	src := &sources{shape: s, rng: rand.New(rand.NewSource(2)), inputs: []Input{{fields[1:], keys}}}
	env := &exec.Env{Context: Context(), Account: root, Sources: src, BatchSize: s.batch,
		Connector: func(string) (catalog.Connector, bool) { return conn, true },
		Splits:    map[physical.OpID][]catalog.Split{0: {{Payload: []byte{0}}, {Payload: []byte{1}}, {Payload: []byte{2}}, {Payload: []byte{3}}}}}
	node := &physical.Scan{Base: physical.Base{ID: 0, Out: fields}, Columns: []int{0, 1}, Limit: -1,
		KeyFilters: []physical.KeyFilter{{Edge: 0, Column: 1, Field: fields[1]}}}
	op, err := exec.Build(node, env)
	if err != nil {
		t.Fatal(err)
	}
	all := len(keys) > 0 && !slices.ContainsFunc(keys, func(r Row) bool { return r[0].Null }) // else the range suffices
	if err := op.Open(context.Background()); err != nil || all && root.Used() == 0 {
		t.Errorf("%v; a filter of %d keys is not charged", err, len(keys))
	}
	if err := op.Close(); err != nil {
		t.Error(err)
	}
	if op, err = exec.Build(node, env); err != nil {
		t.Fatal(err)
	}
	rows := pull(t, op)
	op.Close()
	if used := root.Used(); used != 0 || src.open != 0 {
		t.Errorf("%d bytes are still charged, %d sources open", used, src.open)
	}
	return rows
}
