package function

import (
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestSumNumeric compares sums of numerics with additions one by one: small and
// large values, scales that rise and fall, zeros, NaN and infinities.
func TestSumNumeric(t *testing.T) {
	texts := []string{"0", "0.00", "1.5", "-1.50", "2.25", "7", "9223372036854775807", "-9223372036854775808", "92233720368547758.07", "0.000000001",
		"12345678901234567890123456.78", "-12345678901234567890123456.78", "NaN", "Infinity", "-Infinity"}
	r := rand.New(rand.NewPCG(7, 8))
	for turn := range 3000 {
		pool := texts[:12]
		if turn%10 == 0 {
			pool = texts
		}
		vals := make([]value.Numeric, 1+r.IntN(12))
		for i := range vals {
			x, err := value.ParseNumeric(pool[r.IntN(len(pool))])
			if err != nil {
				t.Fatal(err)
			}
			vals[i] = x
		}
		want := vals[0]
		for _, x := range vals[1:] {
			var err error
			if want, err = want.Add(x); err != nil {
				t.Fatal(err)
			}
		}
		acc := newSumNumeric([]types.Type{tNumeric})
		acc.Grow(1)
		if err := acc.Update(nil, nil, []*vector.Vector{vector.FromSlice(tNumeric, vals)}, nil, len(vals)); err != nil {
			t.Fatal(err)
		}
		out, err := acc.Final(nil, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := vector.Values[value.Numeric](out)[0]; got != want {
			t.Fatalf("sum of %v is %v, want %v", vals, got, want)
		}
	}
}
