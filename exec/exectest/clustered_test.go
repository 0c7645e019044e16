package exectest

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestClustered aggregates input whose equal keys come together, in two phases,
// against one phase over the same rows in disorder: keys of one and two words, with and without NULLs, with gaps
// that are too wide for an array, and with a tail that comes back to earlier keys.
func TestClustered(t *testing.T) {
	const n = 100_000
	fields := Fields(tInt8, tInt4, types.NumericOf(12, 2), tText)
	for _, gap := range []int64{1, 40, 1 << 33} {
		for _, nulls := range []bool{false, true} {
			for _, groups := range [][]expr.Expr{{in(0, tInt8)}, {in(1, tInt4)}, {in(0, tInt8), in(1, tInt4)}} {
				rows := make([]Row, n)
				for i := range rows {
					k := int64(i / 5)
					if i > n-3000 {
						k = int64(i % 700)
					}
					rows[i] = Row{value.Int8(k*gap - 9999), value.Int4(int32(k / 2)), {Type: fields[2].Type, I: int64(i)}, value.Text(fmt.Sprint("t", k))}
					if nulls && k%11 == 0 {
						rows[i][0], rows[i][2] = value.NullOf(tInt8), value.NullOf(fields[2].Type)
					}
				}
				calls := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(2, fields[2].Type)), aggCall(t, "avg", in(2, fields[2].Type)), aggCall(t, "max", in(3, tText))}
				build := func(two bool) func(x ...physical.Node) physical.Node {
					return func(x ...physical.Node) physical.Node { return plan(x[0], groups, calls, nil, two) }
				}
				got, err := Collect(t, build(true), []Input{{fields, rows}})
				if err != nil {
					t.Fatal(err)
				}
				shuffled := append([]Row(nil), rows...)
				rand.New(rand.NewSource(2)).Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				want, err := Collect(t, build(false), []Input{{fields, shuffled}})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, fmt.Sprintf("gap %d, nulls %v, %d keys", gap, nulls, len(groups)), got, want, false)
			}
		}
	}
}
