package exec

import (
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
	for _, n := range []int{2, sortTiesFew + 3, 300, 5 * sortTiesRadix} {
		for _, same := range []int{0, 7, 8, 9, 40, sortTiesDeep - 4, 1 << 20} {
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

// Words are sorted stably, whatever bits they differ in and however many they are.
func TestWordSorter(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	var s wordSorter
	for _, n := range []int{0, 1, 100, 256, 5000, 1 << packedRowBits, 1<<packedRowBits + 1} {
		for _, differ := range []int{0, 1, 11, 12, 20, 33, 47, 48, 49, 64} {
			high := rng.Uint64()
			words := make([]uint64, n)
			for i := range words {
				if words[i] = high; differ > 0 {
					words[i] = high>>differ<<differ | rng.Uint64()>>(64-differ)
				}
			}
			was := slices.Clone(words)
			order := make([]int32, n)
			s.order(words, order)
			seen := make([]bool, n)
			for k, i := range order {
				if seen[i] || words[k] != was[i] || k > 0 && (words[k] < words[k-1] || words[k] == words[k-1] && i < order[k-1]) {
					t.Fatalf("%d words of %d bits: wrong at %d", n, differ, k)
				}
				seen[i] = true
			}
		}
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
