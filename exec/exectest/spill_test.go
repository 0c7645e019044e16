package exectest

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/logical"
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
			got := within{2 << 20, share, dir}.run(t, node, 256, Input{fields, rows})
			if dir == nil {
				if sqlerr.Code(got.err) != sqlerr.OutOfMemory || got.spilled != 0 {
					t.Errorf("without a place to spill: %v", got.err)
				}
				continue
			}
			if got.spilled == 0 || got.err != nil {
				t.Errorf("spilled %d bytes, %v", got.spilled, got.err)
			}
			compare(t, "spilled sort", got.rows, want, true)
			t.Logf("share %d: %d bytes spilled, peak %d", share, got.spilled, got.peak)
		}
	}
}

// One partition that is many times larger than the memory: calls that go on
// from block to block need no more, and totals read it twice; what needs it whole fails, and names the operator.
func TestWindowSmallMemory(t *testing.T) {
	const limit = 3 << 20
	fields := Fields(tInt4, tInt8, tText)
	rows := make([]Row, 40_000)
	for i := range rows {
		rows[i] = Row{value.Int4(int32(i % 50 / 49)), value.Int8(int64(i * 7919 % len(rows))), value.Text(strings.Repeat("x", 100))}
	}
	keys := []physical.SortKey{{Column: 0}, {Column: 1}}
	running := logical.Frame{Mode: logical.Range, Start: logical.Bound{Kind: logical.UnboundedPreceding}, End: logical.Bound{Kind: logical.CurrentRow}}
	whole := logical.Frame{Mode: logical.Rows, Start: running.Start, End: logical.Bound{Kind: logical.UnboundedFollowing}}
	count := physical.WindowCall{Agg: agg(t, "count"), Result: tInt8, Frame: running}
	total := physical.WindowCall{Agg: agg(t, "count"), Result: tInt8, Frame: whole}
	number := window(t, "row_number")
	for _, c := range []struct {
		name  string
		calls []physical.WindowCall
		fails bool
	}{{"goes on", []physical.WindowCall{number, count}, false}, {"totals", []physical.WindowCall{number, total}, false},
		{"needs all", []physical.WindowCall{number, window(t, "cume_dist")}, true}} {
		out := append(append([]types.Field(nil), fields...), types.Field{Name: "a", Type: tInt8}, types.Field{Name: "b", Type: c.calls[1].Result})
		node := &physical.Window{Base: physical.Base{ID: 1, Out: out}, Partition: []int{0}, Order: keys[1:], Calls: c.calls,
			Input: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}}
		got := within{limit, 1 << 20, spill.NewDir(t.TempDir())}.run(t, node, 256, Input{fields, rows})
		if c.fails {
			if sqlerr.Code(got.err) != sqlerr.OutOfMemory || !strings.Contains(got.err.Error(), "Window #1") {
				t.Errorf("%s: %v", c.name, got.err)
			}
		} else if got.err != nil {
			t.Errorf("%s: %v", c.name, got.err)
		} else {
			compare(t, c.name, got.rows, numbered(sortedRows(rows, keys), c.name == "totals"), true)
		}
		if got.spilled == 0 || got.peak > limit {
			t.Errorf("%s: spilled %d bytes, peak %d", c.name, got.spilled, got.peak)
		}
		t.Logf("%s: %d bytes spilled, peak %d", c.name, got.spilled, got.peak)
	}
}

// numbered adds to rows sorted by partition their numbers and counts.
func numbered(rows []Row, totals bool) []Row {
	size := map[int64]int64{}
	for _, r := range rows {
		size[r[0].I]++
	}
	seen := map[int64]int64{}
	out := make([]Row, len(rows))
	for i, r := range rows {
		seen[r[0].I]++
		n := seen[r[0].I]
		b := n
		if totals {
			b = size[r[0].I]
		}
		out[i] = append(append(Row(nil), r...), value.Int8(n), value.Int8(b))
	}
	return out
}
