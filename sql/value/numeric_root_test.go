package value

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestRoot compares the root of 128 bits with math/big's: random widths, squares and their neighbours,
// and the numbers around r² + r, where rounding turns.
func TestRoot(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(m uint128) {
		t.Helper()
		x := new(big.Int).Add(new(big.Int).Lsh(new(big.Int).SetUint64(m.hi), 64), new(big.Int).SetUint64(m.lo))
		want := new(big.Int).Sqrt(x)
		if d := new(big.Int).Sub(x, new(big.Int).Mul(want, want)); d.Cmp(want) > 0 {
			want.Add(want, big.NewInt(1))
		}
		got := m.root()
		if g := got.signed(false).Big(); g.Cmp(want) != 0 {
			t.Fatalf("root of %v is %v, want %v", x, g, want)
		}
	}
	check(uint128{})
	check(uint128{lo: 1})
	check(uint128{lo: ^uint64(0), hi: ^uint64(0)})
	for range 20000 {
		w := r.Uint64() >> r.IntN(64)
		check(uint128{lo: r.Uint64(), hi: r.Uint64() >> r.IntN(64)})
		check(uint128{lo: w})
		s := square(w)
		check(s)
		check(s.add(uint128{lo: 1}))
		check(s.sub(uint128{lo: 1}))
		check(s.add(uint128{lo: w}))
		check(s.add(uint128{lo: w}).add(uint128{lo: 1}))
	}
}
