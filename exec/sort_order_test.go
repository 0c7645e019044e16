package exec

import (
	"cmp"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Texts are sorted stably, however many begin alike and for however long.
func TestLongKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, n := range []int{2, sortTiesFew - 1, sortTiesFew + 3, 300, 5000} {
		for _, same := range []int{0, 7, 8, 9, 15, 16, 17, 40, sortTiesDeep - 4, 1 << 20} {
			texts := make([]string, n)
			head := strings.Repeat("x", min(same, 1<<22/n))
			c := vector.NewBuilder(types.Of(types.Text), n)
			for i := range texts {
				b := make([]byte, rng.Intn(40))
				for k := range b {
					b[k] = []byte{0, 1, 'a', 'b', 0xff}[rng.Intn(5)]
				}
				if rng.Intn(3) > 0 {
					b = b[:min(len(b), 3)] // many are equal
				}
				texts[i] = string(b)
				if rng.Intn(8) > 0 {
					texts[i] = head + texts[i]
				}
				x := value.Value{Type: types.Of(types.Text), S: texts[i]}
				c.Append(x)
			}
			want := rowNumbers(0, n)
			slices.SortStableFunc(want, func(a, b int32) int { return strings.Compare(texts[a], texts[b]) })
			got, err := sortRows([]*vector.Vector{c.Finish()}, []vector.KeyOrder{{}}, n)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%d texts of which %d bytes are the same: wrong order, %v", n, len(head), err)
			}
		}
	}
}

// Keys of one word or two are sorted stably, whatever bits they differ in, however many and
// however unevenly distributed they are.
func TestWordSorter(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	var s wordSorter
	for _, n := range []int{0, 1, 2, 100, 256, 5000, 1 << 16, 1<<16 + 1} {
		for _, differ := range []int{0, 1, 11, 12, 20, 23, 33, 47, 48, 49, 64} {
			for _, kind := range []string{"even", "outlier", "few", "sorted", "reversed"} {
				high := rng.Uint64()
				words, low := make([]uint64, n), make([]uint64, n)
				for i := range words {
					x := rng.Uint64()
					switch {
					case kind == "few":
						x = x % 3 << max(0, differ-2)
					case kind == "outlier" && i%1000 != 7:
						x %= 16
					case kind == "sorted":
						x = uint64(i)
					case kind == "reversed":
						x = uint64(n - i)
					}
					if words[i] = high; differ > 0 {
						words[i] = high>>differ<<differ | x<<(64-differ)>>(64-differ)
					}
					low[i] = rng.Uint64() >> rng.Intn(64) & 0xf0f
				}
				checkOrder(t, &s, words, nil)
				checkOrder(t, &s, words, low)
			}
		}
	}
}

func checkOrder(t *testing.T, s *wordSorter, words, low []uint64) {
	t.Helper()
	n := len(words)
	words = slices.Clone(words)
	was, wasLow := slices.Clone(words), slices.Clone(low)
	low = slices.Clone(low)
	order := make([]int32, n)
	s.order(words, low, order)
	seen := make([]bool, n)
	for k, i := range order {
		wrong := seen[i] || words[k] != was[i] || low != nil && low[k] != wasLow[i]
		if k > 0 && !wrong {
			c := cmp.Compare(words[k-1], words[k])
			if low != nil && c == 0 {
				c = cmp.Compare(low[k-1], low[k])
			}
			wrong = c > 0 || c == 0 && order[k-1] > i
		}
		if wrong {
			t.Fatalf("%d words, two: %v: wrong at %d", n, low != nil, k)
		}
		seen[i] = true
	}
}

// Two sorted parts are merged stably.
func TestMergeTwo(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 200 {
		words := [2][]uint64{make([]uint64, rng.Intn(50)), make([]uint64, rng.Intn(50))}
		n := len(words[0]) + len(words[1])
		for _, w := range words {
			for i := range w {
				w[i] = uint64(rng.Intn(30))
			}
			slices.Sort(w)
		}
		src, row := make([]int32, n), make([]int32, n)
		mergeTwo(words[0], words[1], 0, 1, 7, 3, src, row)
		src2, row2 := make([]int32, n), make([]int32, n)
		mergeTwoLow(make([]uint64, len(words[0])), make([]uint64, len(words[1])), words[0], words[1], 0, 1, 7, 3, src2, row2)
		if !slices.Equal(src, src2) || !slices.Equal(row, row2) {
			t.Fatal("two words are merged otherwise than one")
		}
		next := [2]int32{7, 3}
		last, from := uint64(0), int32(0)
		for k, p := range src {
			if row[k] != next[p] {
				t.Fatalf("row %d of part %d comes before row %d", row[k], p, next[p])
			}
			w := words[p][row[k]-[2]int32{7, 3}[p]]
			if w < last || w == last && p < from {
				t.Fatalf("%d of part %d comes after %d of part %d", w, p, last, from)
			}
			next[p]++
			last, from = w, p
		}
	}
}
