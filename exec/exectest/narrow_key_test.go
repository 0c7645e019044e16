package exectest

import (
	"math/rand"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// A join key that is an integer column made wider filters the column's scan; keys that the column can't have
// make no wrong filter of it.
func TestNarrowJoinKey(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	for _, narrow := range []types.Type{tInt4, types.Of(types.Int2)} {
		for _, outside := range []int64{0, 1 << 40, -(1 << 33)} {
			fields := Fields(narrow)
			rows := Random(rng, fields, 1000, 300, 0.1)
			build := Random(rng, Fields(tInt8), 20, 300, 0.1)
			if outside != 0 {
				build = append(build, Row{value.Int8(outside)}, Row{value.Int8(outside + 7)})
			}
			var want []Row
			matched := map[string]bool{}
			for _, b := range build {
				for _, r := range rows {
					if !b[0].Null && !r[0].Null && b[0].I == r[0].I {
						want = append(want, Row{r[0], b[0]})
						matched[Format(b)] = true
					}
				}
			}
			passed := 0
			for _, r := range rows {
				if !r[0].Null && matched[Format(r)] {
					passed++
				}
			}
			conn := &tableConn{t: t, fields: fields, rows: rows, apply: true}
			var splits []catalog.Split
			for i := byte(0); i < 10; i++ {
				splits = append(splits, catalog.Split{Payload: []byte{i}})
			}
			root := memory.NewRoot("r", 0)
			env := &exec.Env{Context: Context(), Account: root, BatchSize: 33, Splits: map[physical.OpID][]catalog.Split{1: splits},
				Sources:   &sources{shape: shape{batch: 7}, inputs: []Input{{Fields(tInt8), build}}},
				Connector: func(string) (catalog.Connector, bool) { return conn, true }}
			scan := &physical.Scan{Base: physical.Base{ID: 1, Out: fields}, Catalog: "c", Columns: []int{0}, Limit: -1}
			node := &physical.HashJoin{Base: physical.Base{ID: 2, Out: Fields(narrow, tInt8)}, Kind: logical.Inner, L: scan,
				R:     &physical.ExchangeSource{Base: physical.Base{ID: 9, Out: Fields(tInt8)}},
				LKeys: []expr.Expr{&expr.Cast{Arg: in(0, narrow), To: tInt8}}, RKeys: []expr.Expr{in(0, tInt8)}}
			op, err := exec.Build(node, env)
			if err != nil {
				t.Fatal(err)
			}
			got := pull(t, op)
			op.Close()
			compare(t, "join", got, want, false)
			if outside == 0 && conn.read != passed {
				t.Errorf("%d rows passed the reader, want %d", conn.read, passed)
			}
			if root.Used() != 0 {
				t.Errorf("%d bytes are still charged", root.Used())
			}
		}
	}
}
