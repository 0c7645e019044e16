package vector

import (
	"math"
	"math/rand"
	"slices"
	"testing"
)

// TestNarrow packs integers of every range, at the ends of their types too, and widens parts of them.
func TestNarrow(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	var buf []byte
	for bits := range 64 {
		for _, base := range []int64{0, -77, math.MinInt64, math.MaxInt64 - 1<<bits + 1} {
			wide := make([]int64, 1+rng.Intn(300))
			for i := range wide {
				wide[i] = base + rng.Int63()&(1<<bits-1)
			}
			if bits < 31 {
				short := make([]int32, len(wide))
				for i, x := range wide {
					short[i] = int32(base>>33) + int32(x-base)
				}
				narrowTrip(t, rng, short, 4, bits, nil)
			}
			buf = narrowTrip(t, rng, wide, 8, bits, buf)
		}
	}
	if _, ok := NarrowOf([]int64(nil), 8, nil); ok {
		t.Error("nothing is narrow")
	}
}

func narrowTrip[T Integer](t *testing.T, rng *rand.Rand, values []T, size, bits int, buf []byte) []byte {
	n, ok := NarrowOf(values, size, buf)
	if !ok {
		if bits < 8*min(size, 4)-8 {
			t.Fatalf("%d bits of %d bytes are not narrow", bits, size)
		}
		return buf
	}
	if n.Width >= size || len(n.Data) != len(values)*n.Width+NarrowPad {
		t.Fatalf("%d values at %d bytes take %d", len(values), n.Width, len(n.Data))
	}
	from := rng.Intn(len(values))
	got := make([]T, len(values)-from)
	if Widen(&n, got, from, nil); !slices.Equal(got, values[from:]) {
		t.Fatalf("%d bits: %v, want %v", bits, got, values[from:])
	}
	clear(got)
	some := []int32{int32(len(got) - 1), 0}
	Widen(&n, got, from, some)
	for _, i := range some {
		if got[i] != values[from+int(i)] {
			t.Fatalf("%d bits, row %d: %d, want %d", bits, i, got[i], values[from+int(i)])
		}
	}
	return n.Data[:0]
}
