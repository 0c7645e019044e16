package exec

import (
	"bytes"
	"math"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// Batches whose values come from ever wider ranges, with NULLs from some batch on: packed keys of all
// rows so far compare as the byte strings of vector.RowKeys do, in whatever layout.
func TestKeyEncoder(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	kinds := []types.Kind{types.Int8, types.Int4, types.Int2, types.Bool, types.Float8, types.Float4, types.Date}
	seen := map[int]int{} // by words of a key
	for round := range 300 {
		var in []types.Type
		var keys []physical.SortKey
		for c := range 1 + rng.Intn(4) {
			in = append(in, types.Of(kinds[rng.Intn(len(kinds))]))
			keys = append(keys, physical.SortKey{Column: c, Desc: rng.Intn(2) == 0, NullsFirst: rng.Intn(2) == 0})
		}
		e := newKeyEncoder(keys, in)
		nullsFrom, growth := rng.Intn(6), uint(1+rng.Intn(16))
		var all [][]*vector.Vector
		var packed []sortKeys
		for batch := range 5 {
			n := 1 + rng.Intn(20)
			cols := randomColumns(rng, in, n, growth*uint(batch), batch >= nullsFrom)
			all = append(all, cols)
			if e.prepare(cols, n) {
				for i := range packed {
					packed[i], _ = e.encode(all[i], all[i][0].Len, packed[i])
				}
				e.prepare(cols, n)
			}
			k, err := e.prepared(cols, n, sortKeys{})
			if err != nil {
				t.Fatal(err)
			}
			packed = append(packed, k)
		}
		switch {
		case e.ranges == nil:
			seen[0]++
		case e.low > 0:
			seen[2]++
		default:
			seen[1]++
		}
		compareKeys(t, round, all, packed, sortOrders(keys))
	}
	if seen[0] == 0 || seen[1] == 0 || seen[2] == 0 {
		t.Errorf("keys of words: %v", seen)
	}
}

func compareKeys(t *testing.T, round int, all [][]*vector.Vector, packed []sortKeys, orders []vector.KeyOrder) {
	t.Helper()
	full := make([]vector.RowKeys, len(all))
	for i, cols := range all {
		full[i].Orders = orders
		if err := full[i].Encode(cols, nil, cols[0].Len); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range packed {
		for j, y := range packed {
			for a := range x.words {
				for b := range y.words {
					p, q := &sortedPart{keys: x}, &sortedPart{keys: y}
					got := compareBounds(boundAt(0, p, 0, a), boundAt(0, q, 0, b))
					if want := bytes.Compare(full[i].Row(a), full[j].Row(b)); got != want {
						t.Fatalf("round %d: row %d of batch %d and row %d of %d compare as %d, want %d", round, a, i, b, j, got, want)
					}
				}
			}
		}
	}
}

// randomColumns draws values of so many bits, some of them at the ends of the types.
func randomColumns(rng *rand.Rand, ts []types.Type, n int, bits uint, nulls bool) []*vector.Vector {
	out := make([]*vector.Vector, len(ts))
	for c, t := range ts {
		v := vector.New(t, n)
		for i := range n {
			x := rng.Int63()>>(63-min(63, bits)) - 3
			switch t.Storage() {
			case types.StoreBool:
				v.Data[i] = byte(x & 1)
			case types.StoreInt16:
				vector.Values[int16](v)[i] = int16(x)
			case types.StoreInt32:
				vector.Values[int32](v)[i] = int32(x)
			case types.StoreInt64:
				vector.Values[int64](v)[i] = x
			case types.StoreFloat32:
				vector.Values[float32](v)[i] = []float32{float32(x), float32(math.NaN()), float32(math.Inf(-1)), 0}[rng.Intn(4)]
			case types.StoreFloat64:
				vector.Values[float64](v)[i] = []float64{float64(x), math.NaN(), math.Copysign(0, -1), 0}[rng.Intn(4)]
			}
			if nulls && rng.Intn(4) == 0 {
				v.SetNull(i)
			}
		}
		out[c] = v
	}
	return out
}
