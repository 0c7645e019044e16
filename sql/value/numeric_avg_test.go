package value

import (
	"math"
	"math/rand"
	"testing"
)

// The average in 64 bits is the quotient of numerics, digit for digit.
func TestAvg(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	edges := []int64{0, 1, -1, 5, -5, 9999, 10000, 99999999, 100000000, math.MaxInt64, math.MinInt64, 1e18, 1e18 - 1}
	pick := func() int64 {
		if rng.Intn(4) == 0 {
			return edges[rng.Intn(len(edges))]
		}
		return int64(rng.Uint64()) >> rng.Intn(64)
	}
	fast := 0
	for range 200_000 {
		sum, scale, count := pick(), rng.Intn(20), pick()
		if count = max(1, count); rng.Intn(2) == 0 {
			count = 1 + rng.Int63n(20)
		}
		got, err := Avg(Int128From(sum), scale, count)
		s := Numeric{Coef: Int128From(sum), Scale: int16(scale)}
		want, err2 := s.Div(NumericFromInt64(count))
		if err != nil || err2 != nil || got != want {
			t.Fatalf("avg of %d at scale %d over %d: %v %v, want %v %v", sum, scale, count, got, err, want, err2)
		}
		if _, ok := avg64(Int128From(sum), scale, count); ok {
			fast++
		}
	}
	if fast < 50_000 {
		t.Errorf("only %d went the short way", fast)
	}
	if _, err := Avg(Int128From(7), 0, 0); err == nil {
		t.Error("an average of nothing is no error")
	}
}
