package exec

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Groups by codes are those of a map: texts by dictionaries that change, small and large, by constants and as they
// are, with NULLs, selections and bigints beside them, until the codes no longer fit a word. What a batch adds was announced.
func TestGroupCodes(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	text, int8 := types.Of(types.Text), types.Of(types.Int8)
	dicts := make([]*vector.Vector, 7)
	for d := range dicts {
		words := make([]string, []int{3, 40, 900, 20000}[d%4])
		for i := range words {
			words[i] = fmt.Sprintf("word %d of a kind", rng.Intn(2*len(words)))
		}
		words[0] = ""
		dicts[d] = vector.FromStrings(text, words)
	}
	column := func(batch, n int) *vector.Vector {
		d := dicts[rng.Intn(len(dicts))]
		codes := make([]int32, n)
		for i := range codes {
			codes[i] = int32(rng.Intn(d.Len))
		}
		v := vector.NewDict(codes, d)
		if rng.Intn(2) == 0 {
			for i := rng.Intn(3); i < n; i += 1 + rng.Intn(5) {
				v.SetNull(i)
			}
		}
		switch {
		case batch == 0:
		case rng.Intn(5) == 0:
			return vector.Flatten(v)
		case rng.Intn(5) == 0:
			one := vector.Flatten(vector.Slice(v, 0, 1))
			one.Enc, one.Len = vector.Const, n
			return one
		}
		return v
	}
	for _, ts := range [][]types.Type{{text, text}, {text, int8}, {text, text, int8, int8, text}, {int8, text, text, text, text, text, text}} {
		g, want, keys := newHashedTable(ts), map[string]int32{}, []string{}
		for batch := range 40 {
			n := 1 + rng.Intn(600)
			cols := make([]*vector.Vector, len(ts))
			for c, typ := range ts {
				if cols[c] = column(batch, n); typ == int8 {
					cols[c] = narrowColumnOf(rng, typ, n, 1<<(1+batch), 1)
				}
			}
			var sel []int32
			if batch%3 == 1 {
				for i := 0; i < n; i += 1 + rng.Intn(3) {
					sel = append(sel, int32(i))
				}
			}
			held, announced := g.Bytes(), g.growth(cols, sel, n)
			groups := make([]int32, n)
			fresh, err := g.Assign(cols, sel, n, groups)
			if err != nil {
				t.Fatal(err)
			}
			if more := g.Bytes() - held; more > announced {
				t.Errorf("%v, batch %d: %d bytes more, announced were %d", ts, batch, more, announced)
			}
			rows := sel
			if sel == nil {
				rows = rowNumbers(0, n)
			}
			before := len(keys)
			for k, i := range rows {
				key := keyOf(cols, int(i))
				w, ok := want[key]
				if !ok {
					w = int32(len(keys))
					want[key], keys = w, append(keys, key)
					if at := int(w) - before; at >= len(fresh) || fresh[at] != i {
						t.Fatalf("%v, batch %d: fresh rows %v, row %d is missing", ts, batch, fresh, i)
					}
				}
				if groups[k] != w {
					t.Fatalf("%v, batch %d: row %d (%s) is in group %d, want %d", ts, batch, i, key, groups[k], w)
				}
			}
		}
		if g.codes == nil {
			t.Errorf("%v: not grouped by codes", ts)
		}
		for from := 0; from < g.Len(); from += 1000 {
			to := min(from+1000, g.Len())
			cols := g.Columns(from, to)
			for i := range to - from {
				if key := keyOf(cols, i); key != keys[from+i] {
					t.Fatalf("%v: group %d is %s, want %s", ts, from+i, key, keys[from+i])
				}
			}
		}
		if g.Len() != len(keys) {
			t.Errorf("%v: %d groups, want %d", ts, g.Len(), len(keys))
		}
	}
}

func keyOf(cols []*vector.Vector, i int) (key string) {
	for _, v := range cols {
		x := v.Get(i)
		key += fmt.Sprint(x.Null, x.S, x.I, "|")
	}
	return key
}
