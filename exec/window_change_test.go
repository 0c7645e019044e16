package exec

import (
	"bytes"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Rows that differ from the one before are those whose keys do, in all types and encodings.
func TestRowChanges(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	ts := []types.Type{types.Of(types.Bool), types.Of(types.Int2), types.Of(types.Int4), types.Of(types.Int8), types.Of(types.Float8),
		types.Of(types.Numeric), types.NumericOf(30, 2), types.Of(types.Text), types.Of(types.Char), types.Of(types.Interval)}
	var c rowChanges
	for range 400 {
		n := 1 + rng.Intn(3*vector.BatchSize/2)
		var cols []*vector.Vector
		for range 1 + rng.Intn(3) {
			cols = append(cols, changing(rng, ts[rng.Intn(len(ts))], n))
		}
		out := make([]uint8, n)
		for i := range out {
			out[i] = 4
		}
		if err := c.mark(out, 2, cols); err != nil {
			t.Fatal(err)
		}
		var keys vector.RowKeys
		if err := keys.Encode(cols, nil, n); err != nil {
			t.Fatal(err)
		}
		for i, got := range out {
			want := uint8(4)
			if i > 0 && !bytes.Equal(keys.Row(i), keys.Row(i-1)) {
				want = 6
			}
			if got != want {
				t.Fatalf("row %d of %d, %v: %d, want %d", i, n, cols[0].Type, got, want)
			}
		}
	}
}

// changing makes a column of few values, some of them equal in other digits or with blanks.
func changing(rng *rand.Rand, typ types.Type, n int) *vector.Vector {
	b := vector.NewBuilder(typ, n)
	for range n {
		k := int64(rng.Intn(2))
		x := value.Value{Type: typ, I: k, F: float64(k), S: []string{"a", "a ", "b"}[rng.Intn(3)], V: value.Interval{Days: 30 * int32(k)},
			D: value.Int128From(k), N: value.NumericFromFixed64(k*100, 2), Null: rng.Intn(5) == 0}
		if rng.Intn(2) == 0 {
			x.N = value.NumericFromFixed64(k*10, 1)
			if k == 1 {
				x.V = value.Interval{Months: 1}
			}
		}
		b.Append(x)
	}
	v := b.Finish()
	switch rng.Intn(3) {
	case 0: // equal values have several codes
		entries, codes := make([]int32, 0, n), make([]int32, n)
		for i := range n {
			if !v.IsNull(i) {
				codes[i] = int32(len(entries))
				entries = append(entries, int32(i))
			}
		}
		if len(entries) > 0 {
			dict := vector.Take(v, entries)
			dict.Valid = nil
			d := vector.NewDict(codes, dict)
			d.Valid = v.Valid
			return d
		}
	case 1:
		if rng.Intn(4) == 0 {
			one := *vector.Take(v, []int32{0})
			one.Enc, one.Len = vector.Const, n
			return &one
		}
	}
	return v
}
