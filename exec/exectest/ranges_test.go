package exectest

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestScanRanges: tasks that read ranges of a key read every row once between them, whether or not the reader applies the
// predicate, under a filter, and although mixed splits go to several.
func TestScanRanges(t *testing.T) {
	for _, typ := range []types.Type{types.Of(types.Int2), tInt4, tInt8} {
		rng := rand.New(rand.NewSource(3))
		rows := Random(rng, Fields(typ, tText, tInt4), 1000, 300, 0)
		slices.SortFunc(rows, func(a, b Row) int { return int(a[0].I - b[0].I) })
		bounds := []int64{rows[150][0].I, rows[150][0].I + 1, rows[730][0].I}
		filter := []expr.Expr{call(t, ">", in(0, tInt4), lit(value.Int4(100)))}
		var want []Row
		for _, r := range rows {
			if !r[2].Null && r[2].I > 100 {
				want = append(want, Row{r[0], r[1]})
			}
		}
		for _, apply := range []bool{false, true} {
			conn := &tableConn{t: t, fields: Fields(typ, tText, tInt4), rows: rows, apply: apply}
			var got []Row
			for task := range len(bounds) + 1 {
				splits, cut := ranged(rows, bounds, task)
				root := memory.NewRoot("r", 0)
				env := &exec.Env{Context: Context(), Account: root, BatchSize: 33, Partition: task, Queues: &exec.SplitQueues{},
					Connector: func(string) (catalog.Connector, bool) { return conn, true },
					Splits:    map[physical.OpID][]catalog.Split{1: splits}, Cuts: map[physical.OpID]physical.Cut{1: cut}}
				op, err := exec.Build(&physical.Scan{Base: physical.Base{ID: 1, Out: []types.Field{{Name: "k", Type: typ}, {Name: "s", Type: tText}}}, Catalog: "c",
					Columns: []int{2, 0, 1}, Filters: filter, Emit: []int{1, 2}, Limit: -1}, env)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, pull(t, op)...)
				op.Close()
				if root.Used() != 0 {
					t.Errorf("%d bytes are still charged", root.Used())
				}
			}
			compare(t, "ranges", got, want, true)
		}
	}
}

// ranged gives a task's splits and range.
func ranged(rows []Row, bounds []int64, task int) (splits []catalog.Split, cut physical.Cut) {
	cut = physical.Cut{Column: 1, Least: math.MinInt64, Greatest: math.MaxInt64}
	if task > 0 {
		cut.Least = bounds[task-1]
	}
	if task < len(bounds) {
		cut.Greatest = bounds[task] - 1
	}
	for i := 0; i*100 < len(rows); i++ {
		least, greatest := rows[i*100][0].I, rows[min(i*100+100, len(rows))-1][0].I
		if greatest < cut.Least || least > cut.Greatest {
			continue
		}
		if least < cut.Least || greatest > cut.Greatest {
			cut.Mixed = append(cut.Mixed, len(splits))
		}
		splits = append(splits, catalog.Split{Payload: []byte{byte(i)}})
	}
	return splits, cut
}
