package exec

import (
	"bytes"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Keys of a column of strings are found where they lie: rows that share a long text of a
// dictionary do not take a copy each.
func TestTextKeys(t *testing.T) {
	text := types.Of(types.Text)
	values := vector.New(text, 3)
	w := vector.NewBytesWriter(values)
	long := bytes.Repeat([]byte("long"), 100<<10)
	for i, s := range [][]byte{long, nil, []byte("short")} {
		w.Set(i, s)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	const rows = 64
	dict := &vector.Vector{Type: text, Enc: vector.Dict, Len: rows, Codes: make([]int32, rows), Dictionary: values, Valid: vector.AllValid(rows)}
	want := make([]int32, rows)
	for i := range rows {
		dict.Codes[i], want[i] = int32(i%4%3), int32(i%4)
		if i%4 == 3 {
			dict.Valid[i>>3] &^= 1 << (i & 7)
		}
	}
	every := rowNumbers(0, rows)
	for name, v := range map[string]*vector.Vector{"dictionary": dict, "flat": vector.Flatten(dict)} {
		for _, sel := range [][]int32{nil, every} {
			x, index, groups := newTextKeys(), bytesIndex{}, make([]int32, rows)
			x.read(v, sel, rows)
			fresh := index.enter(x.data, x.from, x.to, x.hash, groups, nil)
			if len(fresh) != 4 {
				t.Errorf("%s: %d keys", name, len(fresh))
			}
			for i, g := range groups {
				if g != want[i] {
					t.Fatalf("%s: row %d is in group %d, want %d", name, i, g, want[i])
				}
			}
			if n := x.bytes(); n > 64<<10 {
				t.Errorf("%s: %d bytes for %d rows", name, n, rows)
			}
		}
	}
}
