package exec

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// joinTable is a built side: its rows in concatenated columns, and an index of
// the distinct keys. It is immutable once finished; each prober has its own joinProber.
type joinTable struct {
	cols   []*vector.Vector
	rows   int
	layout keyLayout
	ranks  *rankIndex // a single dense integer key
	one    joinIndex[uint64]
	two    joinIndex[[2]uint64]
	three  joinIndex[[3]uint64]
	bytesx bytesIndex
	bloom  []uint64  // made with one, if wanted
	facts  rankFacts // of its keys, if a filter is wanted

	unique bool    // every entry has one row
	rowOf  []int32 // unique: entry → row, nil where they are the same
	starts []int32 // not unique: rows of entry e are order[starts[e]:starts[e+1]]
	order  []int32
	noKeys bool // a cross join: all rows are in entry 0
}

// keySkips says which rows can't match: a NULL in a key that is not null-safe.
func keySkips(cols []*vector.Vector, nullSafe []bool, sel []int32, n int, skip []bool) ([]bool, bool) {
	if sel != nil {
		n = len(sel)
	}
	found := false
	for c, v := range cols {
		if v.Valid == nil || c < len(nullSafe) && nullSafe[c] {
			continue
		}
		if !found {
			found = true
			if cap(skip) < n {
				skip = make([]bool, n)
			}
			skip = skip[:n]
			clear(skip)
		}
		for k := range skip {
			i := k
			if sel != nil {
				i = int(sel[k])
			}
			skip[k] = skip[k] || v.IsNull(i)
		}
	}
	return skip, found
}

// joinLayout packs keys where it can; null-safe keys carry NULL as a bit.
func joinLayout(ts []types.Type, nullSafe []bool) keyLayout {
	mode := nullsNever
	for _, s := range nullSafe {
		if s {
			mode = nullsAsBits
		}
	}
	return newKeyLayout(ts, mode)
}

// joinKeys are the keys to index and what helps.
type joinKeys struct {
	types    []types.Type
	parts    [][]*vector.Vector // the key columns, piece by piece
	nullSafe []bool
	crew     *workCrew
	may      func(int64) bool // asks for memory that can be done without
	filter   func(int64) bool // asks for that of a runtime filter; nil = none is wanted
}

// column lists a key column's pieces.
func (k *joinKeys) column(c int) []*vector.Vector {
	out := make([]*vector.Vector, len(k.parts))
	for i, p := range k.parts {
		out[i] = p[c]
	}
	return out
}

// index enters all rows.
func (t *joinTable) index(ctx context.Context, keys joinKeys) error {
	if len(keys.types) == 0 {
		t.noKeys = true
		t.starts, t.order = []int32{0, int32(t.rows)}, rowNumbers(0, t.rows)
		return nil
	}
	t.layout = joinLayout(keys.types, keys.nullSafe)
	if rankable(keys.types, keys.nullSafe) && t.indexRanks(keys.column(0), keys.may) {
		return nil
	}
	switch t.layout.words {
	case 1:
		return buildIndex(ctx, t, &t.one, keys)
	case 2:
		return buildIndex(ctx, t, &t.two, keys)
	case 3:
		return buildIndex(ctx, t, &t.three, keys)
	}
	return t.indexBytes(keys)
}

func integerStorage(t types.Type) bool {
	switch t.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

// rankable reports whether the keys are one integer that NULL does not match.
func rankable(ts []types.Type, nullSafe []bool) bool {
	return len(ts) == 1 && integerStorage(ts[0]) && (len(nullSafe) == 0 || !nullSafe[0])
}

// indexBytes enters keys that do not pack.
func (t *joinTable) indexBytes(keys joinKeys) error {
	entry := make([]int32, t.rows)
	fillInt32(entry, -1)
	var enc vector.RowKeys
	var skip []bool
	var found []int32
	row := 0
	for _, p := range keys.parts {
		n := p[0].Len
		sel := rowNumbers(0, n)
		var nulls bool
		if skip, nulls = keySkips(p, keys.nullSafe, nil, n, skip); nulls {
			kept := sel[:0]
			for i, s := range skip {
				if !s {
					kept = append(kept, int32(i))
				}
			}
			sel = kept
		}
		if cap(found) < len(sel) {
			found = make([]int32, len(sel))
		}
		if len(sel) > 0 {
			if err := enc.Encode(p, sel, 0); err != nil {
				return err
			}
			t.bytesx.assign(&enc, len(sel), found[:len(sel)], nil)
		}
		for k, i := range sel {
			entry[row+int(i)] = found[k]
		}
		row += n
	}
	t.group(entry, len(t.bytesx.hashes))
	return nil
}

// group lists the rows of each of n entries.
func (t *joinTable) group(entry []int32, n int) {
	counts := make([]int32, n+1)
	t.unique = true
	same := true
	for i, e := range entry {
		if e < 0 {
			continue
		}
		same = same && int(e) == i
		counts[e+1]++
		t.unique = t.unique && counts[e+1] == 1
	}
	if t.unique && same {
		return
	}
	if t.unique {
		t.rowOf = make([]int32, n)
		for i, e := range entry {
			if e >= 0 {
				t.rowOf[e] = int32(i)
			}
		}
		return
	}
	for e := 0; e < n; e++ {
		counts[e+1] += counts[e]
	}
	t.order = make([]int32, counts[n])
	at := append([]int32(nil), counts[:n]...)
	for i, e := range entry {
		if e >= 0 {
			t.order[at[e]] = int32(i)
			at[e]++
		}
	}
	t.starts = counts
}

// rowsOf lists an entry's rows.
func (t *joinTable) rowsOf(e int32, one *[1]int32) []int32 {
	if !t.unique {
		return t.order[t.starts[e]:t.starts[e+1]]
	}
	one[0] = e
	if t.rowOf != nil {
		one[0] = t.rowOf[e]
	}
	return one[:]
}

// indexSize is what the index holds.
func (t *joinTable) indexSize() int64 {
	return t.one.bytes() + t.two.bytes() + t.three.bytes() + t.bytesx.bytes() +
		t.ranks.bytes() + int64(8*len(t.bloom)+4*(len(t.rowOf)+len(t.starts)+len(t.order)))
}

// joinProber looks keys up in a table that others may be probing too.
type joinProber struct {
	t        *joinTable
	nullSafe []bool
	packer   keyPacker
	enc      vector.RowKeys
	one      *joinLookup[uint64]
	two      *joinLookup[[2]uint64]
	three    *joinLookup[[3]uint64]
	bytesx   bytesIndex // a copy: what it finds is shared, its scratch buffers are not
	skip     []bool
}

func newJoinProber(t *joinTable, nullSafe []bool) *joinProber {
	p := &joinProber{t: t, nullSafe: nullSafe, packer: keyPacker{layout: t.layout}}
	switch t.layout.words {
	case 0:
		p.bytesx = t.bytesx
		p.bytesx.first, p.bytesx.hash = nil, nil
	case 1:
		p.one = &joinLookup[uint64]{index: &t.one}
	case 2:
		p.two = &joinLookup[[2]uint64]{index: &t.two}
	case 3:
		p.three = &joinLookup[[3]uint64]{index: &t.three}
	}
	return p
}

// lookup sets entry[k] to the entry of the k-th row of sel (nil = 0..n-1), -1
// if no row matches.
func (p *joinProber) lookup(keys []*vector.Vector, sel []int32, n int, entry []int32) error {
	t := p.t
	switch {
	case t.noKeys:
		fillInt32(entry, -1)
		if t.rows > 0 {
			clear(entry)
		}
		return nil
	case t.ranks != nil:
		t.ranks.lookup(keys[0], sel, entry)
		return nil
	case t.layout.words == 0:
		if err := p.enc.Encode(keys, sel, n); err != nil {
			return err
		}
		p.bytesx.lookup(&p.enc, entry)
	default:
		p.packer.pack(keys, sel, n)
		switch t.layout.words {
		case 1:
			p.one.lookup(&p.packer, entry)
		case 2:
			p.two.lookup(&p.packer, entry)
		case 3:
			p.three.lookup(&p.packer, entry)
		}
	}
	var nulls bool
	if p.skip, nulls = keySkips(keys, p.nullSafe, sel, n, p.skip); nulls {
		for k, s := range p.skip {
			if s {
				entry[k] = -1
			}
		}
	}
	return nil
}
