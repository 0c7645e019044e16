package exec

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Narrow keys give the same groups as a map, while values leave the range again
// and again, in every integer width, with NULLs, up to where they must give up.
func TestNarrowKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	int2, int4, int8, boolean := types.Of(types.Int2), types.Of(types.Int4), types.Of(types.Int8), types.Of(types.Bool)
	for _, ts := range [][]types.Type{{int8, int8}, {int8, int4}, {int8, int2, boolean}, {int4, int4, int4}, {int8, int8, int8, int8, int8}, {types.Of(types.Date), int8, int4}} {
		for _, most := range []int64{5, 1 << 12, 1 << 30, 1 << 40, math.MaxInt64} {
			for _, sign := range []int64{1, -1} {
				g := newGroupTable(ts)
				want := map[string]int32{}
				for batch := 0; batch < 30; batch++ {
					n := 50 + rng.Intn(300)
					limit := most
					for i := batch; i < 24 && limit > 4; i++ {
						limit /= 2
					}
					cols := make([]*vector.Vector, len(ts))
					for c, typ := range ts {
						cols[c] = narrowColumnOf(rng, typ, n, max(limit, 1), sign)
					}
					var sel []int32
					if batch%2 == 1 {
						for i := 0; i < n; i += 1 + rng.Intn(2) {
							sel = append(sel, int32(i))
						}
					}
					if batch%3 == 0 {
						g.growth(cols, sel, n)
					}
					groups := make([]int32, n)
					if _, err := g.Assign(cols, sel, n, groups); err != nil {
						t.Fatal(err)
					}
					rows := sel
					if sel == nil {
						rows = rowNumbers(0, n)
					}
					for k, i := range rows {
						key := ""
						for _, v := range cols {
							key += fmt.Sprint(v.Get(int(i)), " ")
						}
						w, ok := want[key]
						if !ok {
							w = int32(len(want))
							want[key] = w
						}
						if groups[k] != w {
							t.Fatalf("%v, values to %d, batch %d: row %d (%s) is in group %d, want %d", ts, limit, batch, i, key, groups[k], w)
						}
					}
				}
				if narrow := g.narrow != nil; g.dense == nil && (most <= 1<<12 && len(ts) < 5 && !narrow || most == math.MaxInt64 && ts[0] == int8 && ts[1] == int8 && narrow) {
					t.Errorf("%v, values to %d: narrow keys in use: %v", ts, most, narrow)
				}
				if g.Len() != len(want) {
					t.Fatalf("%d groups, want %d", g.Len(), len(want))
				}
			}
		}
	}
}

// narrowColumnOf makes values below limit, a tenth of them NULL in some columns.
func narrowColumnOf(rng *rand.Rand, typ types.Type, n int, limit, sign int64) *vector.Vector {
	v := vector.New(typ, n)
	for i := range n {
		x := rng.Int63n(limit) * sign
		switch s := typ.Storage(); {
		case s == types.StoreBool:
			vector.Values[uint8](v)[i] = uint8(x & 1)
		case s == types.StoreInt16:
			vector.Values[int16](v)[i] = int16(x)
		case s == types.StoreInt32:
			vector.Values[int32](v)[i] = int32(x)
		default:
			vector.Values[int64](v)[i] = x
		}
	}
	if rng.Intn(2) == 0 {
		for i := 0; i < n; i += 10 {
			v.SetNull(i)
		}
	}
	return v
}
