package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// snappyInputs are what columns look like.
func snappyInputs(rows int) map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	numbers := func(next func(i int) uint64) []byte {
		var b []byte
		for i := range rows {
			b = binary.LittleEndian.AppendUint64(b, next(i))
		}
		return b
	}
	words := []string{"carefully ", "final ", "deposits ", "sleep ", "quickly ", "ironic ", "requests. ", "furiously ", "blithely ", "a"}
	var text, runs []byte
	for range rows {
		n := 1 + r.IntN(6)
		line := ""
		for range n {
			line += words[r.IntN(len(words))]
		}
		text = append(binary.LittleEndian.AppendUint32(text, uint32(len(line))), line...)
		runs = append(runs, bytes.Repeat([]byte{byte(r.IntN(3)), byte(r.IntN(3)), byte(r.IntN(3))}[:1+r.IntN(3)], r.IntN(40))...)
	}
	noise := make([]byte, 8*rows)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"keys":      numbers(func(int) uint64 { return 1 + r.Uint64N(200000) }),
		"clustered": numbers(func(i int) uint64 { return uint64(i / 4) }),
		"ascending": numbers(func(i int) uint64 { return uint64(i) }),
		"prices":    numbers(func(int) uint64 { return 90000 + r.Uint64N(10000000) }),
		"negative":  numbers(func(int) uint64 { return uint64(r.Int64N(2000) - 1000) }),
		"text":      text,
		"runs":      runs,
		"noise":     noise,
		"empty":     nil,
	}
}

func TestSnappy(t *testing.T) {
	for _, rows := range []int{0, 1, 3, 13, 100, 9000} {
		for name, want := range snappyInputs(rows) {
			for _, src := range [][]byte{snappy.Encode(nil, want), parquetSnappy(want)} {
				got := make([]byte, len(want)+8)
				copy(got[len(want):], "guard!!!")
				if err := unsnappy(got[:len(want):len(want)], src); err != nil || !bytes.Equal(got[:len(want)], want) || string(got[len(want):]) != "guard!!!" {
					t.Errorf("%s, %d rows: %v", name, rows, err)
				}
				if len(want) > 0 && unsnappy(got[:len(want)], src[:len(src)-1]) == nil {
					t.Errorf("%s, %d rows: a block without its end decodes", name, rows)
				}
			}
		}
	}
}

// parquetSnappy encodes with short copies of random, also small, offsets, and with all kinds of tags.
func parquetSnappy(b []byte) []byte {
	r := rand.New(rand.NewPCG(3, uint64(len(b))))
	out := binary.AppendUvarint(nil, uint64(len(b)))
	for at := 0; at < len(b); {
		offset, n := 0, 0
		for range 4 {
			if at == 0 {
				break
			}
			try := 1 + r.IntN(min(at, 1<<uint(1+r.IntN(16))))
			k := 0
			for k < 64 && at+k < len(b) && b[at+k] == b[at+k-try] {
				k++
			}
			if k > n {
				offset, n = try, k
			}
		}
		switch kind := r.IntN(3); {
		case n >= 4 && n <= 11 && offset < 2048 && kind == 0:
			out = append(out, byte(1|(n-4)<<2|offset>>8<<5), byte(offset))
		case n > 0 && offset < 1<<16 && kind < 2:
			out = append(out, byte(2|(n-1)<<2), byte(offset), byte(offset>>8))
		case n > 0:
			out = binary.LittleEndian.AppendUint32(append(out, byte(3|(n-1)<<2)), uint32(offset))
		default:
			n = min(len(b)-at, 1+r.IntN(1<<uint(r.IntN(9))))
			if n <= 60 {
				out = append(out, byte((n-1)<<2))
			} else {
				out = append(out, 61<<2, byte(n-1), byte((n-1)>>8))
			}
			out = append(out, b[at:at+n]...)
		}
		at += n
	}
	return out
}

// FuzzSnappy checks that what decodes is what another decoder makes of it.
func FuzzSnappy(f *testing.F) {
	for _, b := range snappyInputs(40) {
		f.Add(snappy.Encode(nil, b))
		f.Add(parquetSnappy(b))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, err := snappy.DecodedLen(src)
		if err != nil || n > 1<<20 {
			return
		}
		got := make([]byte, n)
		if unsnappy(got, src) != nil {
			return
		}
		if want, err := snappy.Decode(nil, src); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%x: %v", src, err)
		}
	})
}

func BenchmarkSnappy(b *testing.B) {
	for name, want := range snappyInputs(120000) {
		src, dst := snappy.Encode(nil, want), make([]byte, len(want))
		for kind, decode := range map[string]func() error{
			"own":     func() error { return unsnappy(dst, src) },
			"library": func() error { _, err := snappy.Decode(dst, src); return err },
		} {
			b.Run(fmt.Sprintf("%s/%s", name, kind), func(b *testing.B) {
				b.SetBytes(int64(len(want)))
				for b.Loop() {
					if err := decode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
