package exec

import (
	"testing"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// A side makes a runtime filter, or keeps the keys to make it of, only where it is all of R in memory: else the
// filters were made as the rows passed, and the memory for it is needed.
func TestSideMakesFilters(t *testing.T) {
	for _, typ := range []types.Type{types.Of(types.Int8), types.Of(types.Int4)} {
		right := &physical.ExchangeSource{Base: physical.Base{Out: []types.Field{{Type: typ}}}}
		for _, c := range []struct{ whole, parting, filters bool }{{filters: true}, {whole: true}, {parting: true}} {
			root := memory.NewRoot("test", 0)
			env := &Env{Account: root}
			j := &joinOp{base: newBase(env, right, "Join"), rightNode: right, targets: []filterTarget{{}},
				rkeys: []expr.Expr{&expr.Input{Typ: typ}}, rkeyAt: []int{0}}
			l := newJoinLoader(j, &j.base)
			l.whole, l.parting = c.whole, c.parting
			keys := vector.New(typ, 2000)
			for i := range keys.Len {
				if typ.Kind == types.Int8 {
					vector.Values[int64](keys)[i] = int64(i) * 1_000_003_003
				} else {
					vector.Values[int32](keys)[i] = int32(i) * 1_000_003
				}
			}
			if err := l.add([]*vector.Vector{keys}, nil, keys.Len, false); err != nil {
				t.Fatal(err)
			}
			s, err := l.finish(t.Context(), joinFacts{})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.keyParts != nil || s.table.bloom != nil; got != c.filters {
				t.Errorf("%v, whole %v, parting %v: filters %v", typ, c.whole, c.parting, got)
			}
			j.release()
			if root.Used() != 0 {
				t.Errorf("%d bytes are still charged", root.Used())
			}
		}
	}
}
