package function

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/flintsql/flint/exec/vector"
)

// floatCases are values at the edges: of range, of precision, and none at all.
func floatCases() []float64 {
	inf := math.Inf(1)
	return []float64{0, math.Copysign(0, -1), 1, -1, 2.5, 1e300, -1e300, 1e-300, math.MaxFloat64, math.SmallestNonzeroFloat64, inf, -inf, math.NaN(), 1e-200, 1e200}
}

// TestFloatLoops compares the operators' loops with the functions of one row, on
// every pair of edges, dense, selected, and with a constant on either side.
func TestFloatLoops(t *testing.T) {
	kernels := []struct {
		name string
		loop Kernel
		row  func(a, b float64) (float64, error)
	}{{"+", addFloats[float64], addFloat[float64, float64, float64]}, {"-", subFloats[float64], subFloat[float64, float64, float64]},
		{"*", mulFloats[float64], mulFloat[float64, float64, float64]}, {"/", divFloats[float64], divFloat[float64, float64, float64]}}
	for _, k := range kernels {
		for _, a := range floatCases() {
			for _, b := range floatCases() {
				want, wantErr := k.row(a, b)
				flat := []*vector.Vector{vector.FromSlice(tFloat8, []float64{1, a}), vector.FromSlice(tFloat8, []float64{1, b})}
				left := vector.FromSlice(tFloat8, []float64{a})
				left.Enc = vector.Const
				shapes := []struct {
					args []*vector.Vector
					sel  []int32
				}{{flat, nil}, {flat, []int32{1}}, {[]*vector.Vector{left, flat[1]}, []int32{1}}}
				for s, shape := range shapes {
					out := vector.New(tFloat8, 2)
					err := k.loop(nil, out, shape.args, shape.sel, 2)
					got := vector.Values[float64](out)[1]
					if fmt.Sprint(err) != fmt.Sprint(wantErr) {
						t.Fatalf("%v %s %v, shape %d: error %v, want %v", a, k.name, b, s, err, wantErr)
					}
					if err == nil && math.Float64bits(got) != math.Float64bits(want) && got == got {
						t.Fatalf("%v %s %v, shape %d: %v, want %v", a, k.name, b, s, got, want)
					}
				}
			}
		}
	}
}

// TestFloatExtremes compares min and max of floats with an order that has NaN last.
func TestFloatExtremes(t *testing.T) {
	order := func(x, y float64) int {
		switch {
		case x != x && y != y:
			return 0
		case x != x:
			return 1
		case y != y:
			return -1
		}
		return cmp.Compare(x, y)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		vals := make([]float64, 1+r.IntN(6))
		for i := range vals {
			vals[i] = floatCases()[r.IntN(len(floatCases()))]
		}
		for _, greatest := range []bool{false, true} {
			want := vals[0]
			for _, x := range vals[1:] {
				if c := order(x, want); greatest && c > 0 || !greatest && c < 0 {
					want = x
				}
			}
			acc := newExtreme(tFloat8, greatest)
			acc.Grow(1)
			if err := acc.Update(nil, nil, []*vector.Vector{vector.FromSlice(tFloat8, vals)}, nil, len(vals)); err != nil {
				t.Fatal(err)
			}
			out, err := acc.Final(nil, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := vector.Values[float64](out)[0]; order(got, want) != 0 {
				t.Fatalf("greatest %v of %v is %v, want %v", greatest, vals, got, want)
			}
		}
	}
}
