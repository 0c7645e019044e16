package value

import (
	"math/rand/v2"
	"testing"
)

// TestDivWord compares quotients and scales of 64-bit operands with those of the general way: all widths, signs and
// scales, and the neighbours of powers of ten, where the scale of a quotient changes.
func TestDivWord(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	operand := func() Numeric {
		x := int64(r.Uint64()) >> r.IntN(64)
		if r.IntN(3) == 0 {
			x = Pow10Int64[r.IntN(len(Pow10Int64))] + int64(r.IntN(3)) - 1
		}
		if r.IntN(9) == 0 {
			x = -x
		}
		return NumericFromFixed64(x, r.IntN(20))
	}
	words := 0
	for range 200000 {
		a, b := operand(), operand()
		if b.Coef.IsZero() {
			continue
		}
		if !a.Coef.IsZero() {
			m := a.Coef.Abs()
			weight := floorDiv(m.Digits()-1-int(a.Scale), 4)
			w, d := a.leadingGroup()
			shift := int(a.Scale) + weight*4
			if w != weight || shift >= 0 && d != int(m.ScaleDownTrunc(shift).Lo) || shift < 0 && d != int(m.Lo)*int(Pow10Int64[-shift]) {
				t.Fatalf("%v: leading group %d at %d", a, d, w)
			}
		}
		scale := divisionScale(a, b)
		want, err := divScale(a, b, scale)
		got, ok := divWord(a, b, scale)
		if !ok {
			continue
		}
		words++
		if err != nil || got != want {
			t.Fatalf("%v / %v = %v, want %v, %v", a, b, got, want, err)
		}
	}
	if words < 50000 {
		t.Errorf("%d quotients of words", words)
	}
}
