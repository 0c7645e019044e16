package parquet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// hybridOf encodes values in runs and in bit-packed groups, as writers do.
func hybridOf(values []int32, width uint, groups int) []byte {
	var out []byte
	for len(values) > 0 {
		same := 1
		for same < len(values) && values[same] == values[0] {
			same++
		}
		if same >= 8 || same == len(values) && len(values) < 8 {
			out = binary.AppendUvarint(out, uint64(same)<<1)
			for i := uint(0); i < (width+7)/8; i++ {
				out = append(out, byte(values[0]>>(8*i)))
			}
			values = values[same:]
			continue
		}
		n := min(groups*8, len(values))
		out = binary.AppendUvarint(out, uint64((n+7)/8)<<1|1)
		at := len(out)
		out = append(out, make([]byte, (n+7)/8*int(width))...)
		for i, v := range values[:n] {
			for b := range width {
				bit := i*int(width) + int(b)
				out[at+bit/8] |= byte(uint32(v)>>b&1) << (bit % 8)
			}
		}
		values = values[n:]
	}
	return out
}

// hybridValues are random codes with some runs.
func hybridValues(r *rand.Rand, n int, width uint) []int32 {
	var out []int32
	for len(out) < n {
		v := int32(r.Uint64N(1 << min(width, 31)))
		for range 1 + r.IntN(3)/2*r.IntN(40) {
			out = append(out, v)
		}
	}
	return out[:n]
}

// TestHybrid reads all widths in pieces of random lengths, all values or picked ones, and passes over some.
func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := uint(1); width <= 31; width++ {
		want := hybridValues(r, 3000, width)
		dict := make([]uint64, min(1<<width, 1<<12))
		for i := range dict {
			dict[i] = r.Uint64()
		}
		var h hybrid
		if err := h.reset(hybridOf(want, width, 1+r.IntN(40)), width, 1<<width-1); err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(want); {
			n := min(1+r.IntN(600), len(want)-at)
			got, kind := make([]int32, n), r.IntN(4)
			ok := true
			var err error
			switch {
			case kind == 0:
				err = h.skip(n)
			case kind == 1:
				err = h.next(got)
				ok = slices.Equal(got, want[at:at+n])
			case kind == 2 && width <= 12:
				values := make([]uint64, n)
				err = nextValues(&h, values, dict)
				for i, v := range values {
					ok = ok && v == dict[want[at+i]]
				}
			default:
				var sel []int32
				for i := range n {
					if r.IntN(5) == 0 {
						sel = append(sel, int32(i))
					}
				}
				err = h.pick(got, n, sel)
				for _, i := range sel {
					ok = ok && got[i] == want[at+int(i)]
				}
			}
			if err != nil || !ok {
				t.Fatalf("width %d, way %d, rows %d to %d: %v", width, kind, at, at+n, err)
			}
			at += n
		}
	}
}

// TestHybridBeyond checks that no way of reading takes codes that the dictionary lacks.
func TestHybridBeyond(t *testing.T) {
	for _, run := range []bool{false, true} {
		codes := make([]int32, 100)
		for i := range codes {
			codes[i] = int32(i % 7)
		}
		if run {
			codes = slices.Repeat([]int32{6}, 100)
		}
		src, dst, sel := hybridOf(codes, 3, 4), make([]int32, 100), []int32{6, 13}
		for name, read := range map[string]func(h *hybrid) error{
			"next":   func(h *hybrid) error { return h.next(dst) },
			"pick":   func(h *hybrid) error { return h.pick(dst, 100, sel) },
			"values": func(h *hybrid) error { return nextValues(h, make([]int64, 100), make([]int64, 6)) },
		} {
			var h hybrid
			if err := h.reset(src, 3, 5); err != nil || read(&h) == nil {
				t.Errorf("%s, run %v: code 6 of a dictionary of 6 is taken", name, run)
			}
		}
	}
}

// BenchmarkCodes decodes dictionary codes as DuckDB writes them, 256 to a run.
func BenchmarkCodes(b *testing.B) {
	const n = 8192
	r := rand.New(rand.NewPCG(1, 2))
	for _, width := range []uint{2, 4, 6, 12, 14} {
		codes := make([]int32, n)
		for i := range codes {
			codes[i] = int32(r.Uint64N(1 << width))
		}
		src := hybridOf(codes, width, 32)
		dict, values, dst := make([]int64, 1<<width), make([]int64, n), make([]int32, n)
		ways := map[string]func(h *hybrid) error{
			"codes":  func(h *hybrid) error { return h.next(dst) },
			"values": func(h *hybrid) error { return nextValues(h, values, dict) },
		}
		for _, part := range []int{2, 3, 4, 8, 50} {
			var sel []int32
			for i := range n {
				if r.IntN(part) == 0 {
					sel = append(sel, int32(i))
				}
			}
			ways[fmt.Sprintf("pick 1 in %d", part)] = func(h *hybrid) error {
				err := h.pick(dst, n, sel)
				gatherPicked(values, dict, dst, sel)
				return err
			}
		}
		for name, read := range ways {
			b.Run(fmt.Sprintf("width %d/%s", width, name), func(b *testing.B) {
				b.SetBytes(n)
				for b.Loop() {
					var h hybrid
					if err := h.reset(src, width, 1<<width-1); err != nil {
						b.Fatal(err)
					}
					if err := read(&h); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
