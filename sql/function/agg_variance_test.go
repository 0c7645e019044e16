package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestFixedVariance compares the whole-number variances of 64-bit values, merged from two states, with
// those of the same values as numerics without a scale: digits, display scale, NULLs and overflow are equal.
func TestFixedVariance(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for turn := range 4000 {
		scale := []int{0, 0, 2, 7, 18}[r.IntN(5)]
		typ, shift := types.NumericOf(18, scale), r.IntN(64)
		if scale == 0 && r.IntN(2) == 0 {
			typ = tInt8
		}
		narrow, wide := make([]int64, 1+r.IntN(9)), []value.Numeric{}
		for i := range narrow {
			narrow[i] = int64(r.Uint64()) >> shift
			if r.IntN(4) == 0 {
				narrow[i] = narrow[0]
			}
			wide = append(wide, value.NumericFromFixed64(narrow[i], scale))
		}
		if turn == 0 {
			narrow, wide = []int64{math.MinInt64, math.MaxInt64}, []value.Numeric{value.NumericFromInt64(math.MinInt64), value.NumericFromInt64(math.MaxInt64)}
			typ = tInt8
		}
		for _, sample := range []bool{true, false} {
			for _, root := range []bool{true, false} {
				got, err := varianceBy(newVariance(sample, root), typ, vector.FromSlice(typ, narrow))
				want, wantErr := varianceBy(newVariance(sample, root), tNumeric, vector.FromSlice(tNumeric, wide))
				if (err == nil) != (wantErr == nil) {
					if err == nil { // whole numbers go further than 38 digits of a product
						continue
					}
					t.Fatalf("%v: %v, want %v", wide, err, wantErr)
				}
				if err != nil {
					continue
				}
				if got.IsNull(0) != want.IsNull(0) || vector.Values[value.Numeric](got)[0] != vector.Values[value.Numeric](want)[0] {
					t.Fatalf("sample %v, root %v of %v: %v, want %v", sample, root, wide, vector.Values[value.Numeric](got)[0], vector.Values[value.Numeric](want)[0])
				}
			}
		}
	}
}

// varianceBy aggregates half of the values in one accumulator, the rest in another that takes the first's states.
func varianceBy(make func([]types.Type) Accumulator, typ types.Type, v *vector.Vector) (*vector.Vector, error) {
	args := []types.Type{typ}
	first, second := make(args), make(args)
	first.Grow(1)
	second.Grow(1)
	half := v.Len / 2
	if err := first.Update(nil, nil, []*vector.Vector{vector.Slice(v, 0, half)}, nil, half); err != nil {
		return nil, err
	}
	if err := second.Update(nil, nil, []*vector.Vector{vector.Slice(v, half, v.Len)}, nil, v.Len-half); err != nil {
		return nil, err
	}
	state, err := first.State(0, 1)
	if err != nil {
		return nil, err
	}
	if err := second.Merge(nil, nil, state, nil, 1); err != nil {
		return nil, err
	}
	return second.Final(nil, 0, 1)
}
