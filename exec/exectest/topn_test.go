package exectest

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// A TopN tells its scan which rows can't be among the first any more: the
// answer is that of a sort, for NULLs at either end, ties and all kinds of keys, and few rows pass the reader.
func TestTopNBound(t *testing.T) {
	kinds := []types.Type{tInt8, tInt4, tText, types.Of(types.Float8), types.Of(types.Numeric), types.Of(types.Interval), types.Of(types.Char), types.Of(types.Date)}
	var splits []catalog.Split
	for i := byte(0); i < 20; i++ {
		splits = append(splits, catalog.Split{Payload: []byte{i}})
	}
	for n, kind := range kinds {
		rng := rand.New(rand.NewSource(int64(n)))
		fields := Fields(kind, tInt4, tText)
		for _, spread := range []int{3, 600} {
			rows := Random(rng, fields, 2000, spread, 0.05)
			for v := 0; v < 8; v++ {
				keys := []physical.SortKey{{Column: 0, Desc: v&1 != 0, NullsFirst: v&2 != 0}, {Column: 1}, {Column: 2}}
				if v&4 != 0 {
					keys = keys[:1]
				}
				apply := rng.Intn(2) == 0
				conn := &tableConn{t: t, fields: fields, rows: rows, apply: apply}
				got := scanTopN(t, conn, fields, splits, keys)
				want := sortedRows(rows, keys)[5:25]
				compare(t, fmt.Sprintf("%s, %d values, %+v", kind, spread, keys), got, want, true)
				if most := len(rows) / 2; apply && len(keys) == 1 && conn.read > most {
					t.Errorf("%s, %d values, %+v: %d of %d rows passed the reader", kind, spread, keys, conn.read, len(rows))
				}
			}
		}
	}
}

func scanTopN(t *testing.T, conn *tableConn, fields []types.Field, splits []catalog.Split, keys []physical.SortKey) []Row {
	t.Helper()
	root := memory.NewRoot("r", 0)
	env := &exec.Env{Context: Context(), Account: root, BatchSize: 33, Sources: &sources{},
		Connector: func(string) (catalog.Connector, bool) { return conn, true }, Splits: map[physical.OpID][]catalog.Split{1: splits}}
	scan := &physical.Scan{Base: physical.Base{ID: 1, Out: fields}, Catalog: "c", Columns: []int{1, 0, 2}, Emit: []int{1, 0, 2}, Limit: -1}
	op, err := exec.Build(&physical.TopN{Base: physical.Base{ID: 2, Out: fields}, Input: scan, Keys: keys, Count: 20, Offset: 5}, env)
	if err != nil {
		t.Fatal(err)
	}
	got := pull(t, op)
	op.Close()
	if root.Used() != 0 {
		t.Errorf("%d bytes are still charged", root.Used())
	}
	return got
}
